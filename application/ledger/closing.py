"""Close months, seal them, and reopen the last one when two people want it."""

from dataclasses import dataclass
from typing import ClassVar

from application.book import Book
from application.ledger.access import staff_only
from domain.kernel.events import Personal
from domain.ledger import closing
from domain.ledger.periods import Total


@dataclass(frozen=True, slots=True)
class StartClosing:
    """Let nothing get into a month, or before it, any more; sealing it comes next."""

    NAME: ClassVar[str] = "ledger.start_closing"

    period: str


@dataclass(frozen=True, slots=True)
class ClosingResult:
    """The month, and this attempt at closing it."""

    period: str
    closing_id: str


def start_closing(command: StartClosing, book: Book) -> ClosingResult:
    """Begin to close a month."""
    staff_only(book)
    result = ClosingResult(command.period, book.new_id("cls"))
    book.record(
        *closing.start(
            book.books(),
            period=result.period,
            closing_id=result.closing_id,
            by=book.actor.actor_id,
            at=book.now,
        )
    )
    return result


@dataclass(frozen=True, slots=True)
class PeriodResult:
    """The month that it happened to."""

    period: str


@dataclass(frozen=True, slots=True)
class CancelClosing:
    """Leave a month open after all."""

    NAME: ClassVar[str] = "ledger.cancel_closing"

    period: str


def cancel_closing(command: CancelClosing, book: Book) -> PeriodResult:
    """Leave the month open."""
    staff_only(book)
    book.record(
        *closing.cancel(book.books(), period=command.period, by=book.actor.actor_id),
    )
    return PeriodResult(command.period)


@dataclass(frozen=True, slots=True)
class SealPeriod:
    """Make a month final, with its trial balance as of its end.

    `totals` hold all events up to `position`, which was taken since the closing began.
    """

    NAME: ClassVar[str] = "ledger.seal_period"

    period: str
    closing_id: str
    totals: tuple[Total, ...]
    position: int


@dataclass(frozen=True, slots=True)
class SealResult:
    """The month, and the SHA-256 of what was sealed, which holds up to `up_to`."""

    period: str
    digest: str
    up_to: int


def seal_period(command: SealPeriod, book: Book) -> SealResult:
    """Seal the month."""
    staff_only(book)
    (sealed,) = closing.seal(
        book.books(),
        period=command.period,
        closing_id=command.closing_id,
        totals=command.totals,
        position=command.position,
        by=book.actor.actor_id,
    )
    book.record(sealed)
    return SealResult(sealed.period, sealed.digest, sealed.position)


@dataclass(frozen=True, slots=True)
class RequestReopening:
    """Ask to reopen the last sealed month; another member of staff has to approve."""

    NAME: ClassVar[str] = "ledger.request_reopening"

    period: str
    reason: str


def request_reopening(command: RequestReopening, book: Book) -> PeriodResult:
    """Ask for it."""
    staff_only(book)
    by = book.actor.actor_id
    reason = Personal(by, command.reason)
    book.record(
        *closing.request_reopening(book.books(), period=command.period, reason=reason, by=by)
    )
    return PeriodResult(command.period)


@dataclass(frozen=True, slots=True)
class ApproveReopening:
    """Reopen a month that another member of staff asked for."""

    NAME: ClassVar[str] = "ledger.approve_reopening"

    period: str


def approve_reopening(command: ApproveReopening, book: Book) -> PeriodResult:
    """Reopen the month."""
    staff_only(book)
    book.record(
        *closing.approve_reopening(book.books(), period=command.period, by=book.actor.actor_id)
    )
    return PeriodResult(command.period)
