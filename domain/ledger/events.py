"""What happens to a tenant's books."""

from dataclasses import dataclass
from typing import ClassVar

from domain.kernel.events import Claim, Event, Personal
from domain.ledger.periods import Total
from domain.ledger.postings import Entry

BOOKS_KEY = "main"
REVERSAL_CLAIM = "ledger.reversal"


def reversal_of(entry_id: str) -> Claim:
    """Name the right to reverse an entry, which is there once."""
    return Claim(REVERSAL_CLAIM, entry_id)


@dataclass(frozen=True, slots=True)
class BooksOpened(Event):
    """A tenant's books begin, with the currency and the time zone that decide amounts and days."""

    NAME: ClassVar[str] = "ledger.books_opened"
    CATEGORY: ClassVar[str] = "books"

    base_currency: str
    time_zone: str

    @property
    def key(self) -> str:
        return BOOKS_KEY


@dataclass(frozen=True, slots=True)
class AccountOpened(Event):
    """A tenant added an account to its chart."""

    NAME: ClassVar[str] = "ledger.account_opened"
    CATEGORY: ClassVar[str] = "books"

    code: str
    type: str
    name: str

    @property
    def key(self) -> str:
        return BOOKS_KEY


@dataclass(frozen=True, slots=True)
class ClosingStarted(Event):
    """Nothing is posted to this month, or before it, from here on."""

    NAME: ClassVar[str] = "ledger.closing_started"
    CATEGORY: ClassVar[str] = "books"

    period: str
    closing_id: str
    started_by: str

    @property
    def key(self) -> str:
        return BOOKS_KEY


@dataclass(frozen=True, slots=True)
class ClosingCancelled(Event):
    """The month stays open after all."""

    NAME: ClassVar[str] = "ledger.closing_cancelled"
    CATEGORY: ClassVar[str] = "books"

    period: str
    cancelled_by: str

    @property
    def key(self) -> str:
        return BOOKS_KEY


@dataclass(frozen=True, slots=True)
class PeriodSealed(Event):
    """A month is final: its trial balance as of its last day, as all events up to `position` say.

    `digest` is the SHA-256 of the canonical text of period, position and totals.
    """

    NAME: ClassVar[str] = "ledger.period_sealed"
    CATEGORY: ClassVar[str] = "books"

    period: str
    closing_id: str
    totals: tuple[Total, ...]
    position: int
    digest: str
    sealed_by: str

    @property
    def key(self) -> str:
        return BOOKS_KEY


@dataclass(frozen=True, slots=True)
class ReopeningRequested(Event):
    """Someone wants the last sealed month open again; another person has to agree."""

    NAME: ClassVar[str] = "ledger.reopening_requested"
    CATEGORY: ClassVar[str] = "books"

    period: str
    reason: Personal
    requested_by: str

    @property
    def key(self) -> str:
        return BOOKS_KEY


@dataclass(frozen=True, slots=True)
class PeriodReopened(Event):
    """The last sealed month is open again."""

    NAME: ClassVar[str] = "ledger.period_reopened"
    CATEGORY: ClassVar[str] = "books"

    period: str
    requested_by: str
    approved_by: str

    @property
    def key(self) -> str:
        return BOOKS_KEY


PeriodEvent = ClosingStarted | ClosingCancelled | PeriodSealed | ReopeningRequested | PeriodReopened
BooksEvent = BooksOpened | AccountOpened | PeriodEvent


@dataclass(frozen=True, slots=True)
class EntryPosted(Event):
    """Finance staff posted an entry by hand."""

    NAME: ClassVar[str] = "ledger.entry_posted"
    CATEGORY: ClassVar[str] = "journal"

    journal_id: str
    entry: Entry
    description: Personal | None

    @property
    def key(self) -> str:
        return self.journal_id


@dataclass(frozen=True, slots=True)
class EntryReversed(Event):
    """An entry posted by hand was taken back with its opposite."""

    NAME: ClassVar[str] = "ledger.entry_reversed"
    CATEGORY: ClassVar[str] = "journal"

    journal_id: str
    reverses: str
    entry: Entry
    reason: Personal | None

    @property
    def key(self) -> str:
        return self.journal_id

    def takes(self) -> tuple[Claim, ...]:
        return (reversal_of(self.reverses),)
