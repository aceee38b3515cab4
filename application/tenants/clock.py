"""Move the clock of a test tenant. Only its own route sends this, and only for test tenants."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from application.book import Book
from domain.tenants import clock


@dataclass(frozen=True, slots=True)
class AdvanceClock:
    """Let it be `to` in the tenant's log from now on, until real time has passed it."""

    NAME: ClassVar[str] = "tenants.advance_clock"

    to: datetime


@dataclass(frozen=True, slots=True)
class ClockResult:
    """What time it is now."""

    now: datetime


def advance_clock(command: AdvanceClock, book: Book) -> ClockResult:
    """Move the clock on; the event that tells it already stands at the new time."""
    moved = clock.advance(book.now, command.to)
    book.advance(moved.to)
    book.record(moved)
    return ClockResult(book.now)
