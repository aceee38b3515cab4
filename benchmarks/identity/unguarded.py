"""An API process whose edge checks nothing where it is asked not to: what the checks cost is
measured against it, in one process and so with the same things in memory.

Whoever sends the first such request is taken for whoever sends all others.
"""

from typing import Any

from starlette.types import Receive, Scope, Send

from infrastructure.settings import load_settings
from interfaces.http import app
from interfaces.http.edge.exchange import Exchange
from interfaces.http.edge.gate import Gate, Layer
from interfaces.http.server import run_api

UNGUARDED = (b"bench-unguarded", b"1")


class Trusting:
    """Knows the first caller, and nobody else."""

    def __init__(self, first: Layer) -> None:
        self._first = first
        self._known: Any = None

    async def __call__(self, exchange: Exchange) -> None:
        if self._known is None:
            waiting = self._first(exchange)
            if waiting is not None:
                await waiting
            self._known = exchange.principal
        exchange.principal = self._known


class Unguarded(Gate):
    """The gate without its layers."""

    def __init__(self, *given: Any, **parts: Any) -> None:  # noqa: ANN401 - as Gate
        super().__init__(*given, **parts)
        self._for_everybody = ()
        self._for_the_known = (Trusting(self._for_the_known[0]),)


class EitherGate(Gate):
    """The gate as it is, and for requests that ask for it the one without layers."""

    def __init__(self, *given: Any, **parts: Any) -> None:  # noqa: ANN401 - as Gate
        super().__init__(*given, **parts)
        self._unguarded = Unguarded(*given, **parts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "http" and UNGUARDED in scope["headers"]:
            await self._unguarded(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


if __name__ == "__main__":
    app.Gate = EitherGate  # type: ignore[misc] - for this process alone
    run_api(load_settings())
