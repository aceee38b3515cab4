"""Sealed months, held against nothing but events: what was sealed is what was booked by then."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from domain.kernel.events import Event
from domain.kernel.refusals import Refusal
from domain.ledger import closing
from domain.ledger.books import Books
from domain.ledger.events import (
    BooksEvent,
    ClosingCancelled,
    ClosingStarted,
    PeriodReopened,
    PeriodSealed,
    ReopeningRequested,
)
from domain.ledger.periods import Total, period_of
from domain.ledger.postings import Entry
from infrastructure.ledger_check.findings import Damaged

Sums = dict[tuple[str, str], list[int]]
"""Debits and credits by currency and code."""


def new_sums() -> Sums:
    """Begin where nothing was debited or credited."""
    return defaultdict(lambda: [0, 0])


@dataclass(slots=True)
class MonthsFold:
    """Debits and credits by month, account and currency, and what the books say of each month.

    Raises `Damaged` at the first event that can not be.
    """

    books: Books | None = None
    _begun: int = 0
    """Where the last closing began."""
    _sums: dict[str, Sums] = field(default_factory=lambda: defaultdict(new_sums))
    open_days: dict[str, Sums] = field(default_factory=dict[str, Sums])
    """Days that were posted to since the books last changed, with the sums of their month."""

    def open_for(self, entry: Entry, entry_id: str, position: int) -> Sums:
        """Give the debits and credits of an entry's month, which is open, to add it to.

        What an entry adjusts is a shut month.
        """
        day = entry.effective_on.isoformat()
        if entry.adjusts is None and day in self.open_days:
            return self.open_days[day]
        if self.books is None:
            raise Damaged(position, f"entry {entry_id} stands before the books were opened")
        shut = self.books.shut(entry.effective_on)
        if shut is not None:
            raise Damaged(position, f"entry {entry_id} counts on {entry.effective_on}: {shut}")
        if entry.adjusts is not None and not self._was_shut(entry.adjusts):
            raise Damaged(position, f"entry {entry_id} adjusts {entry.adjusts}, which was open")
        sums = self._sums[period_of(entry.effective_on)]
        self.open_days[day] = sums
        return sums

    def happen(self, event: BooksEvent, position: int, at: datetime) -> None:
        """Derive again what was decided about a month at `at`, from its own events."""
        try:
            again = self._again(event, at)
            books = Books.evolve(self.books, event)
        except (Refusal, AssertionError, AttributeError, LookupError, ValueError) as impossible:
            what = f"{event.NAME} can not happen to the books as they stand: {impossible}"
            raise Damaged(position, what) from impossible
        if again != (event,):
            raise Damaged(position, f"{event.NAME} says something else than its events give")
        if isinstance(event, ClosingStarted):
            self._begun = position
        # Nothing gets into the month once its closing began, so any position since gives the same.
        if isinstance(event, PeriodSealed) and not self._begun <= event.position < position:
            what = f"{event.period} was sealed as of position {event.position}, outside its closing"
            raise Damaged(position, what)
        self.books = books
        self.open_days.clear()

    def _again(self, event: BooksEvent, at: datetime) -> tuple[Event, ...]:
        books: Any = self.books
        match event:
            case ClosingStarted(period, closing_id, by):
                return closing.start(books, period=period, closing_id=closing_id, by=by, at=at)
            case ClosingCancelled(period, by):
                return closing.cancel(books, period=period, by=by)
            case PeriodSealed(period, closing_id):
                return closing.seal(
                    books,
                    period=period,
                    closing_id=closing_id,
                    totals=self._totals(period),
                    position=event.position,
                    by=event.sealed_by,
                )
            case ReopeningRequested(period, reason, by):
                return closing.request_reopening(books, period=period, reason=reason, by=by)
            case PeriodReopened(period):
                return closing.approve_reopening(books, period=period, by=event.approved_by)
            case _:
                return (event,)

    def _totals(self, period: str) -> tuple[Total, ...]:
        found: dict[tuple[str, str], list[int]] = {}
        for month, sums in self._sums.items():
            if month <= period:
                for key, (debit, credit) in sums.items():
                    both = found.setdefault(key, [0, 0])
                    both[0] += debit
                    both[1] += credit
        return tuple(
            Total(code, currency, debit, credit)
            for (currency, code), (debit, credit) in sorted(found.items())
        )

    def _was_shut(self, period: str) -> bool:
        books = self.books
        assert books is not None
        ends = (books.sealed_until, books.closing.until if books.closing else None)
        return any(end is not None and period <= period_of(end) for end in ends)
