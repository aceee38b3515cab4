"""From when to when: the parameters that registers and statements share."""

from datetime import date
from typing import Annotated

from pydantic import Field

from domain.kernel.refusals import Invalid
from interfaces.http.ledger.knowing import KnownAt
from interfaces.http.routing.pages import Page, cursor_of, place_of
from interfaces.http.wire.fields import WrittenOut
from projections.ledger.known import Known
from projections.ledger.register import Place, Span


class SpanBackwards(Invalid):
    """A span begins before it ends."""

    code = "ledger.span_backwards"


class SpanParams(Page):
    """Which lines: by the day on which they count, and by when they became known."""

    first: Annotated[
        date | None,
        WrittenOut,
        Field(alias="from", description="The first day", examples=["2026-01-01"]),
    ] = None
    last: Annotated[
        date | None,
        WrittenOut,
        Field(alias="to", description="The last day", examples=["2026-01-31"]),
    ] = None
    as_of: Annotated[
        date | None,
        WrittenOut,
        Field(description="Count nothing after this day", examples=["2026-01-31"]),
    ] = None
    known_at: KnownAt = None

    def span(self, known: Known | None) -> Span:
        """Give the span, as it was known then; raises `SpanBackwards`."""
        last = min(self.last or date.max, self.as_of or date.max)
        first = self.first or date.min
        if first > last:
            raise SpanBackwards("the first day comes after the last")
        return Span(first, last, known)

    def after(self) -> Place | None:
        """Give the place where this page goes on."""
        if self.cursor is None:
            return None
        day, position, line = place_of(self.cursor, int, int, int)
        if not 1 <= day <= date.max.toordinal():
            raise SpanBackwards("the cursor names no day")
        return Place(date.fromordinal(day), position, line)


def cursor_at(place: Place | None) -> str | None:
    """Write down where the next page goes on."""
    if place is None:
        return None
    return cursor_of(place.effective_on.toordinal(), place.position, place.line)
