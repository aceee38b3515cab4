"""An API process whose edge checks nothing: what the checks cost is measured against it.

Whoever sends the first request is taken for whoever sends all others.
"""

from typing import Any

from infrastructure.settings import load_settings
from interfaces.http import app
from interfaces.http.edge.exchange import Exchange
from interfaces.http.edge.gate import Gate, Layer
from interfaces.http.server import run_api


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


if __name__ == "__main__":
    app.Gate = Unguarded  # type: ignore[misc] - for this process alone
    run_api(load_settings())
