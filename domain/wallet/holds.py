"""Two-phase payment: hold, capture in parts, release, refund (authorise, capture, void)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import ClassVar

from domain.kernel.events import Personal
from domain.kernel.money import Money, zero
from domain.kernel.refusals import Invalid, NotFound, RuleBroken
from domain.ledger.accounts import owned
from domain.ledger.postings import Entry, move
from domain.wallet.events import (
    CaptureRefunded,
    FundsHeld,
    HeldFundsCaptured,
    HeldFundsReleased,
    HoldCaptured,
    HoldEvent,
    HoldExpired,
    HoldPlaced,
    HoldRefunded,
    HoldReleased,
)
from domain.wallet.wallet import CASH, HELD, Wallet, check_amount, check_available, check_room

CAPTURES_PER_HOLD_MAX = 100
HOLD_LASTS_MAX = timedelta(days=366)

HOLD_RULE = "wallet.hold"
CAPTURE_RULE = "wallet.capture"
RELEASE_RULE = "wallet.release"
REFUND_RULE = "wallet.refund"


class HoldNotFound(NotFound):
    """This wallet has no such hold."""

    code = "wallet.hold_not_found"


class HoldExists(RuleBroken):
    """A hold with this id was placed before."""

    code = "wallet.hold_exists"


class HoldEnded(RuleBroken):
    """The hold was captured in full, released, or has expired."""

    code = "wallet.hold_ended"


class HoldExpiryInvalid(Invalid):
    """A hold expires in the future, and within a year."""

    code = "wallet.hold_expiry_invalid"


class HoldNotDue(RuleBroken):
    """The hold does not expire yet, or never."""

    code = "wallet.hold_not_due"


class CaptureExceedsHold(RuleBroken):
    """More would be captured than the hold has left."""

    code = "wallet.capture_exceeds_hold"


class CaptureNotFound(NotFound):
    """This hold has no such capture."""

    code = "wallet.capture_not_found"


class CaptureExists(RuleBroken):
    """A capture with this id was made before."""

    code = "wallet.capture_exists"


class RefundExceedsCapture(RuleBroken):
    """More would be refunded than the capture has left."""

    code = "wallet.refund_exceeds_capture"


class TooManyCaptures(RuleBroken):
    """A hold is captured in a limited number of parts."""

    code = "wallet.too_many_captures"


@dataclass(frozen=True, slots=True)
class Capture:
    """What of a capture can still be refunded, and the account it went to."""

    destination: str
    refundable: Money


@dataclass(frozen=True, slots=True)
class Hold:
    """Money of a wallet set aside; it ends when nothing remains."""

    CATEGORY: ClassVar[str] = "hold"
    FOLD_VERSION: ClassVar[int] = 2

    hold_id: str
    wallet_id: str
    remaining: Money
    captures: Mapping[str, Capture]
    expires_at: datetime | None

    @classmethod
    def evolve(cls, state: "Hold | None", event: HoldEvent) -> "Hold":
        if isinstance(event, HoldPlaced):
            return cls(event.hold_id, event.wallet_id, event.amount, {}, event.expires_at)
        assert state is not None
        match event:
            case HoldCaptured():
                captured = Capture(event.destination, event.amount)
                captures = {**state.captures, event.capture_id: captured}
                return replace(state, remaining=event.remaining, captures=captures)
            case HoldReleased() | HoldExpired():
                return replace(state, remaining=zero(event.amount.currency))
            case HoldRefunded():
                capture = state.captures[event.capture_id]
                left = replace(capture, refundable=capture.refundable - event.amount)
                return replace(state, captures={**state.captures, event.capture_id: left})
            case _:
                raise AssertionError(event)

    @property
    def open(self) -> bool:
        """Whether something remains to capture or release."""
        return self.remaining.minor > 0


def place(  # noqa: PLR0913 - the fields of a hold
    existing: Hold | None,
    wallet: Wallet,
    amount: Money,
    *,
    hold_id: str,
    effective_on: date,
    reference: Personal | None,
    at: datetime,
    expires_at: datetime | None = None,
) -> tuple[FundsHeld, HoldPlaced]:
    """Set available money aside under an id of its own, such as the order's, for some time."""
    if existing is not None:
        raise HoldExists("a hold with this id was placed before")
    if expires_at is not None and not at < expires_at <= at + HOLD_LASTS_MAX:
        raise HoldExpiryInvalid(
            f"a hold expires in the future, within {HOLD_LASTS_MAX.days} days", now=at.isoformat()
        )
    check_available(wallet, amount)
    entry = _between(wallet, HOLD_RULE, amount, effective_on, debit=CASH, credit=HELD)
    return (
        FundsHeld(wallet.wallet_id, hold_id, amount, entry),
        HoldPlaced(hold_id, wallet.wallet_id, amount, reference, wallet.next_entry, expires_at),
    )


def capture(  # noqa: PLR0913 - the fields of a capture
    hold: Hold,
    wallet: Wallet,
    amount: Money | None,
    *,
    capture_id: str,
    destination: str,
    effective_on: date,
) -> tuple[HeldFundsCaptured, HoldCaptured]:
    """Take held money for good; without an amount, all that remains."""
    if not hold.open:
        raise HoldEnded("the hold was captured in full or released")
    if capture_id in hold.captures:
        raise CaptureExists("a capture with this id was made before")
    if len(hold.captures) >= CAPTURES_PER_HOLD_MAX:
        raise TooManyCaptures(f"a hold is captured in {CAPTURES_PER_HOLD_MAX} parts at most")
    amount = amount or hold.remaining
    check_amount(wallet, amount)
    if hold.remaining < amount:
        raise CaptureExceedsHold(
            "the hold has less left than asked for",
            remaining=hold.remaining.minor,
            asked=amount.minor,
        )
    postings = move(amount, debit=owned(HELD, wallet.wallet_id), credit=destination)
    entry = Entry(CAPTURE_RULE, 1, effective_on, postings)
    remaining = hold.remaining - amount
    return (
        HeldFundsCaptured(wallet.wallet_id, hold.hold_id, capture_id, amount, destination, entry),
        HoldCaptured(hold.hold_id, capture_id, amount, destination, remaining, wallet.next_entry),
    )


def release(
    hold: Hold, wallet: Wallet, *, effective_on: date
) -> tuple[HeldFundsReleased, HoldReleased]:
    """Make what remains of a hold available again."""
    return (
        _given_back(hold, wallet, effective_on),
        HoldReleased(hold.hold_id, hold.remaining, wallet.next_entry),
    )


def expire(
    hold: Hold, wallet: Wallet, *, effective_on: date, at: datetime
) -> tuple[HeldFundsReleased, HoldExpired]:
    """Make what remains of a hold available again because its time is over."""
    given_back = _given_back(hold, wallet, effective_on)
    if hold.expires_at is None or at < hold.expires_at:
        raise HoldNotDue("the hold does not expire yet")
    return given_back, HoldExpired(hold.hold_id, hold.remaining, wallet.next_entry)


def _given_back(hold: Hold, wallet: Wallet, effective_on: date) -> HeldFundsReleased:
    if not hold.open:
        raise HoldEnded("the hold was captured in full, released, or has expired")
    amount = hold.remaining
    entry = _between(wallet, RELEASE_RULE, amount, effective_on, debit=HELD, credit=CASH)
    return HeldFundsReleased(wallet.wallet_id, hold.hold_id, amount, entry)


def refund(  # noqa: PLR0913 - the fields of a refund
    hold: Hold,
    wallet: Wallet,
    amount: Money | None,
    *,
    capture_id: str,
    refund_id: str,
    effective_on: date,
) -> tuple[CaptureRefunded, HoldRefunded]:
    """Give captured money back from the account it went to; without an amount, all that is left."""
    captured = hold.captures.get(capture_id)
    if captured is None:
        raise CaptureNotFound("this hold has no such capture")
    if not captured.refundable.minor:
        raise RefundExceedsCapture("the capture was refunded in full", refundable=0)
    amount = amount or captured.refundable
    check_room(wallet, amount)
    if captured.refundable < amount:
        raise RefundExceedsCapture(
            "the capture has less left to refund than asked for",
            refundable=captured.refundable.minor,
            asked=amount.minor,
        )
    source = captured.destination
    postings = move(amount, debit=source, credit=owned(CASH, wallet.wallet_id))
    entry = Entry(REFUND_RULE, 1, effective_on, postings)
    return (
        CaptureRefunded(
            wallet.wallet_id, hold.hold_id, capture_id, refund_id, amount, source, entry
        ),
        HoldRefunded(hold.hold_id, capture_id, refund_id, amount, wallet.next_entry),
    )


def _between(  # noqa: PLR0913 - two accounts of one wallet
    wallet: Wallet, rule: str, amount: Money, effective_on: date, *, debit: str, credit: str
) -> Entry:
    postings = move(
        amount, debit=owned(debit, wallet.wallet_id), credit=owned(credit, wallet.wallet_id)
    )
    return Entry(rule, 1, effective_on, postings)
