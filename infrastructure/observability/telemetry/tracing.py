"""What the service says of its work as traces. Nobody listens unless the settings name somebody.

Whoever has something to say keeps a `Tracer | None`; without one it costs that look and no import.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

Attributes = Mapping[str, str | int]


class Span(Protocol):
    """A piece of work under way; what its task sends meanwhile is linked to it."""

    @property
    def trace_id(self) -> str:
        """The trace that it belongs to, in hexadecimal digits."""
        ...

    def end(self, name: str, attributes: Attributes, *, failed: str = "") -> None:
        """Tell that it is over; `failed` is a code or a type, never a message."""
        ...

    def drop(self) -> None:
        """Tell nothing of it, for nothing was done."""
        ...


class Tracer(Protocol):
    """Takes spans, never waits and never fails."""

    def serve(self, traceparent: bytes | None) -> Span:
        """Begin to answer a request, as part of the caller's trace if the header names one."""
        ...

    def work(self) -> Span:
        """Begin work that nobody asked for."""
        ...

    def link(self) -> Any:  # noqa: ANN401 - the adapter's own
        """Give what stands for the span under way in this task, or None."""
        ...

    def over(
        self,
        name: str,
        seconds: float,
        attributes: Attributes,
        *,
        links: Sequence[Any] = (),
        failed: str = "",
    ) -> None:
        """Tell of work that ended now and took `seconds`."""
        ...
