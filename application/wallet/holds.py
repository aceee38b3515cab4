"""Two-phase payment from a wallet."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from application.book import Book
from application.wallet import limits
from application.wallet.access import wallet_of
from domain.kernel.events import Personal
from domain.kernel.money import Money
from domain.wallet import holds, refunds
from domain.wallet.holds import Hold, HoldNotFound
from domain.wallet.limits.limits import LimitKind
from domain.wallet.wallet import Wallet


@dataclass(frozen=True, slots=True)
class PlaceHold:
    """Set money of a wallet aside, bonus before cash unless `use_bonus` is false.

    `hold_id` may be an id of the caller's, such as an order's.
    """

    NAME: ClassVar[str] = "wallet.place_hold"

    wallet_id: str
    amount: Money
    hold_id: str | None = None
    effective_on: date | None = None
    reference: str | None = None
    expires_at: datetime | None = None
    use_bonus: bool = True


@dataclass(frozen=True, slots=True)
class HoldResult:
    """The hold, and the entry that moved the money."""

    hold_id: str
    entry_id: str


def place_hold(command: PlaceHold, book: Book) -> HoldResult:
    """Place a hold."""
    wallet = wallet_of(book, command.wallet_id)
    result = HoldResult(command.hold_id or book.new_id("hld"), wallet.next_entry)
    book.record(
        *holds.place(
            book.find(Hold, result.hold_id),
            wallet,
            command.amount,
            hold_id=result.hold_id,
            effective_on=book.day(command.effective_on),
            reference=Personal(wallet.owner, command.reference) if command.reference else None,
            at=book.now,
            expires_at=command.expires_at,
            use_bonus=command.use_bonus,
        )
    )
    limits.count(book, wallet, LimitKind.HOLD, command.amount)
    return result


@dataclass(frozen=True, slots=True)
class CaptureHold:
    """Take held money for good; without an amount, all that remains."""

    NAME: ClassVar[str] = "wallet.capture_hold"

    wallet_id: str
    hold_id: str
    amount: Money | None = None
    capture_id: str | None = None
    destination: str = "sales"
    effective_on: date | None = None


@dataclass(frozen=True, slots=True)
class CaptureResult:
    """The capture, and the entry that moved the money."""

    capture_id: str
    entry_id: str


def capture_hold(command: CaptureHold, book: Book) -> CaptureResult:
    """Capture a hold, in whole or in part."""
    wallet, hold = _wallet_and_hold(book, command.wallet_id, command.hold_id)
    result = CaptureResult(command.capture_id or book.new_id("cap"), wallet.next_entry)
    book.books().account(command.destination)
    book.record(
        *holds.capture(
            hold,
            wallet,
            command.amount,
            capture_id=result.capture_id,
            destination=command.destination,
            effective_on=book.day(command.effective_on),
        )
    )
    return result


@dataclass(frozen=True, slots=True)
class ReleaseHold:
    """Give what remains of a hold back to where it came from, cash and bonus."""

    NAME: ClassVar[str] = "wallet.release_hold"

    wallet_id: str
    hold_id: str
    effective_on: date | None = None


def release_hold(command: ReleaseHold, book: Book) -> HoldResult:
    """Release a hold, which ends it."""
    wallet, hold = _wallet_and_hold(book, command.wallet_id, command.hold_id)
    result = HoldResult(hold.hold_id, wallet.next_entry)
    day = book.day(command.effective_on)
    book.record(*holds.release(hold, wallet, effective_on=day, at=book.now))
    return result


@dataclass(frozen=True, slots=True)
class ExpireHold:
    """End a hold whose time is over; the timer that was set for it sends this."""

    NAME: ClassVar[str] = "wallet.expire_hold"

    hold_id: str


def expire_hold(command: ExpireHold, book: Book) -> HoldResult:
    """Let a hold expire."""
    hold = book.find(Hold, command.hold_id)
    if hold is None:
        raise HoldNotFound("there is no such hold")
    wallet = wallet_of(book, hold.wallet_id)
    result = HoldResult(hold.hold_id, wallet.next_entry)
    book.record(*holds.expire(hold, wallet, effective_on=book.day(), at=book.now))
    return result


@dataclass(frozen=True, slots=True)
class RefundCapture:
    """Give captured money back, cash before bonus; without an amount, all that is left of it."""

    NAME: ClassVar[str] = "wallet.refund_capture"

    wallet_id: str
    hold_id: str
    capture_id: str
    amount: Money | None = None
    effective_on: date | None = None


@dataclass(frozen=True, slots=True)
class RefundResult:
    """The refund, and the entry that moved the money."""

    refund_id: str
    entry_id: str


def refund_capture(command: RefundCapture, book: Book) -> RefundResult:
    """Refund a capture, in whole or in part."""
    wallet, hold = _wallet_and_hold(book, command.wallet_id, command.hold_id)
    result = RefundResult(book.new_id("rfd"), wallet.next_entry)
    book.record(
        *refunds.refund(
            hold,
            wallet,
            command.amount,
            capture_id=command.capture_id,
            refund_id=result.refund_id,
            effective_on=book.day(command.effective_on),
            at=book.now,
        )
    )
    return result


def _wallet_and_hold(book: Book, wallet_id: str, hold_id: str) -> tuple[Wallet, Hold]:
    wallet = wallet_of(book, wallet_id)
    hold = book.find(Hold, hold_id)
    if hold is None or hold.wallet_id != wallet.wallet_id:
        raise HoldNotFound("this wallet has no such hold")
    return wallet, hold
