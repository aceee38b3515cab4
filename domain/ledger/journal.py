"""Entries by hand, and taking an entry back with its opposite."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from domain.kernel.events import Personal
from domain.kernel.money import AMOUNT_MINOR_MAX
from domain.kernel.refusals import Invalid, NotFound, RuleBroken
from domain.ledger.books import Books
from domain.ledger.events import EntryPosted, EntryReversed
from domain.ledger.postings import POSTINGS_MAX, POSTINGS_MIN, Entry, Posting, reversed_postings

MANUAL_RULE = "ledger.manual"
REVERSAL_RULE = "ledger.reversal"


class EntryUnbalanced(Invalid):
    """Debits and credits differ, or a line carries nothing."""

    code = "ledger.entry_unbalanced"


class EntryNotFound(NotFound):
    """There is no such entry."""

    code = "ledger.entry_not_found"


class EntryExists(RuleBroken):
    """An entry with this id was posted before."""

    code = "ledger.entry_exists"


class EntryAlreadyReversed(RuleBroken):
    """An entry is taken back once."""

    code = "ledger.entry_already_reversed"


class EntryNotReversible(RuleBroken):
    """This kind of entry is undone by its own command."""

    code = "ledger.entry_not_reversible"


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """That an entry by hand exists."""

    CATEGORY: ClassVar[str] = "journal"
    FOLD_VERSION: ClassVar[int] = 1

    journal_id: str

    @classmethod
    def evolve(
        cls, state: "JournalEntry | None", event: EntryPosted | EntryReversed
    ) -> "JournalEntry":
        return state or cls(event.journal_id)


def post(  # noqa: PLR0913 - the fields of an entry
    existing: JournalEntry | None,
    books: Books,
    *,
    journal_id: str,
    postings: Sequence[Posting],
    effective_on: date,
    description: Personal | None,
    adjusts: str | None = None,
) -> tuple[EntryPosted, ...]:
    """Post an entry by hand between accounts that have no owner."""
    if existing is not None:
        raise EntryExists("an entry with this id was posted before", entry=journal_id)
    sums: dict[str, int] = {}
    for posting in postings:
        books.account(posting.account)
        amount = posting.amount
        if amount.minor == 0 or abs(amount.minor) > AMOUNT_MINOR_MAX:
            raise EntryUnbalanced("a line carries between 1 and 2^53 - 1 minor units")
        sums[amount.currency] = sums.get(amount.currency, 0) + amount.minor
    if any(sums.values()) or not POSTINGS_MIN <= len(postings) <= POSTINGS_MAX:
        raise EntryUnbalanced(
            f"an entry has {POSTINGS_MIN} to {POSTINGS_MAX} lines, and debits equal credits in each"
            " currency"
        )
    entry = Entry(MANUAL_RULE, 1, effective_on, tuple(postings), adjusts)
    return (EntryPosted(journal_id, entry, description),)


def take_back(
    posted: EntryPosted,
    *,
    entry_id: str,
    effective_on: date,
    reason: Personal | None,
    adjusts: str | None = None,
) -> tuple[EntryReversed, ...]:
    """Reverse an entry by hand."""
    opposite = Entry(REVERSAL_RULE, 1, effective_on, reversed_postings(posted.entry), adjusts)
    return (EntryReversed(posted.journal_id, entry_id, opposite, reason),)
