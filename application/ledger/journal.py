"""Entries by hand, and reversal of any entry that can be taken back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from application.book import Book, entry_address
from application.ledger.access import staff_only
from domain.kernel.events import Event, Personal
from domain.ledger import journal
from domain.ledger.events import EntryPosted, reversal_of
from domain.ledger.journal import (
    EntryAlreadyReversed,
    EntryNotFound,
    EntryNotReversible,
    JournalEntry,
)
from domain.ledger.periods import Late
from domain.ledger.postings import Posting
from domain.wallet import bonus, topups, transfers
from domain.wallet.bonus_events import BonusGranted
from domain.wallet.events import FundsCredited, FundsToppedUp, TransferSent
from domain.wallet.wallet import Wallet


@dataclass(frozen=True, slots=True)
class PostEntry:
    """Post an entry by hand; debits are positive."""

    NAME: ClassVar[str] = "ledger.post_entry"

    postings: tuple[Posting, ...]
    effective_on: date | None = None
    description: str | None = None
    late: Late = Late.REFUSE


@dataclass(frozen=True, slots=True)
class EntryResult:
    """The entry that was posted."""

    entry_id: str


def post_entry(command: PostEntry, book: Book) -> EntryResult:
    """Post an entry by hand."""
    staff_only(book)
    journal_id = book.new_id("jrn")
    day, adjusts = book.late_day(command.effective_on, command.late)
    book.record(
        *journal.post(
            book.find(JournalEntry, journal_id),
            book.books(),
            journal_id=journal_id,
            postings=command.postings,
            effective_on=day,
            description=_words(book, command.description),
            adjusts=adjusts,
        )
    )
    return _last_entry(book)


@dataclass(frozen=True, slots=True)
class ReverseEntry:
    """Take an entry back with its opposite; a new entry may then correct it."""

    NAME: ClassVar[str] = "ledger.reverse_entry"

    entry_id: str
    effective_on: date | None = None
    reason: str | None = None
    late: Late = Late.REFUSE


def reverse_entry(command: ReverseEntry, book: Book) -> EntryResult:
    """Reverse an entry once, in the way of the context that made it."""
    staff_only(book)
    address = entry_address(command.entry_id)
    event = book.event(*address) if address else None
    if event is None or getattr(event, "entry", None) is None:
        raise EntryNotFound("there is no such entry")
    if book.owner(reversal_of(command.entry_id)) is not None:
        raise EntryAlreadyReversed("this entry was taken back before")
    reversal = _REVERSALS.get(type(event))
    if reversal is None:
        raise EntryNotReversible(
            "holds, captures and refunds are undone by release and refund, a withdrawal by its own"
            " commands, an adjustment by another one, a reversal by a new entry"
        )
    book.record(*reversal(command, event, book))
    return _last_entry(book)


def _reverse_manual(command: ReverseEntry, event: EntryPosted, book: Book) -> tuple[Event, ...]:
    day, adjusts = book.late_day(command.effective_on, command.late)
    return journal.take_back(
        event,
        entry_id=command.entry_id,
        effective_on=day,
        reason=_words(book, command.reason),
        adjusts=adjusts,
    )


def _reverse_income(
    command: ReverseEntry, event: FundsToppedUp | FundsCredited, book: Book
) -> tuple[Event, ...]:
    wallet = book.find(Wallet, event.wallet_id)
    assert wallet is not None
    day, adjusts = book.late_day(command.effective_on, command.late)
    return topups.take_back(
        wallet,
        event,
        entry_id=command.entry_id,
        effective_on=day,
        reason=_words(book, command.reason),
        adjusts=adjusts,
    )


def _reverse_bonus(command: ReverseEntry, event: BonusGranted, book: Book) -> tuple[Event, ...]:
    wallet = book.find(Wallet, event.wallet_id)
    assert wallet is not None
    return bonus.take_back(
        wallet,
        event,
        entry_id=command.entry_id,
        effective_on=book.day(command.effective_on),
        reason=_words(book, command.reason),
    )


def _reverse_transfer(command: ReverseEntry, event: TransferSent, book: Book) -> tuple[Event, ...]:
    sender, receiver = book.find_all(Wallet, (event.wallet_id, event.target))
    assert sender is not None
    assert receiver is not None
    day, adjusts = book.late_day(command.effective_on, command.late)
    return transfers.take_back(
        sender,
        receiver,
        event,
        entry_id=command.entry_id,
        effective_on=day,
        reason=_words(book, command.reason),
        adjusts=adjusts,
    )


_REVERSALS: Mapping[type[Event], Callable[[ReverseEntry, Any, Book], tuple[Event, ...]]] = {
    EntryPosted: _reverse_manual,
    FundsToppedUp: _reverse_income,
    FundsCredited: _reverse_income,
    BonusGranted: _reverse_bonus,
    TransferSent: _reverse_transfer,
}


def _words(book: Book, text: str | None) -> Personal | None:
    return Personal(book.actor.actor_id, text) if text else None


def _last_entry(book: Book) -> EntryResult:
    stream, version, _ = next(
        recorded for recorded in reversed(book.events) if getattr(recorded[2], "entry", None)
    )
    return EntryResult(f"{stream}.{version}")
