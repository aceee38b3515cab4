"""From when to when: the parameters that registers and statements share."""

from datetime import UTC, date, datetime
from typing import Annotated

from pydantic import Field

from domain.kernel.refusals import Invalid
from interfaces.http.routing.pages import Page, cursor_of, place_of
from interfaces.http.wire.fields import WrittenOut
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
    known_at: Annotated[
        datetime | None,
        WrittenOut,
        Field(description="As it was known then", examples=["2026-01-31T12:00:00Z"]),
    ] = None

    def span(self) -> Span:
        """Give the span; raises `SpanBackwards`."""
        last = min(self.last or date.max, self.as_of or date.max)
        first = self.first or date.min
        if first > last:
            raise SpanBackwards("the first day comes after the last")
        return Span(first, last, in_utc(self.known_at))

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


def in_utc(moment: datetime | None) -> datetime | None:
    """Take a moment without a zone as UTC."""
    if moment is None or moment.tzinfo is not None:
        return moment
    return moment.replace(tzinfo=UTC)
