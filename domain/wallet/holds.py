"""Two-phase payment: hold, capture in parts, release, refund (authorise, capture, void).

A hold takes bonus before cash and remembers the lots. Captures take the bonus first, a release
gives each part back to where it came from. What comes back into a lot that has ended meanwhile goes
on to breakage in the same command.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import ClassVar

from domain.kernel.events import Personal
from domain.kernel.money import Money, zero
from domain.kernel.refusals import Invalid, NotFound, RuleBroken
from domain.ledger.accounts import owned
from domain.ledger.postings import Entry, move
from domain.wallet import bonus
from domain.wallet.bonus_events import BonusExpired
from domain.wallet.events import (
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
from domain.wallet.lots import LotPart, less, take, total
from domain.wallet.wallet import (
    HELD,
    Wallet,
    check_amount,
    check_available,
    check_open,
)

CAPTURES_PER_HOLD_MAX = 100
HOLD_LASTS_MAX = timedelta(days=366)

HOLD_RULE = "wallet.hold"
CAPTURE_RULE = "wallet.capture"
RELEASE_RULE = "wallet.release"


Ending = tuple[HeldFundsReleased | HoldReleased | HoldExpired | BonusExpired, ...]


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


class CaptureExists(RuleBroken):
    """A capture with this id was made before."""

    code = "wallet.capture_exists"


class TooManyCaptures(RuleBroken):
    """A hold is captured in a limited number of parts."""

    code = "wallet.too_many_captures"


@dataclass(frozen=True, slots=True)
class Capture:
    """What of a capture can still be refunded, how much of it is bonus, and where it went to."""

    destination: str
    refundable: Money
    bonus: tuple[LotPart, ...]


@dataclass(frozen=True, slots=True)
class Hold:
    """Money of a wallet set aside, `bonus` of it out of lots; it ends when nothing remains."""

    CATEGORY: ClassVar[str] = "hold"
    FOLD_VERSION: ClassVar[int] = 3

    hold_id: str
    wallet_id: str
    remaining: Money
    captures: Mapping[str, Capture]
    expires_at: datetime | None
    bonus: tuple[LotPart, ...]

    @classmethod
    def evolve(cls, state: "Hold | None", event: HoldEvent) -> "Hold":
        if isinstance(event, HoldPlaced):
            return cls(
                event.hold_id, event.wallet_id, event.amount, {}, event.expires_at, event.bonus
            )
        assert state is not None
        match event:
            case HoldCaptured():
                captured = Capture(event.destination, event.amount, event.bonus)
                captures = {**state.captures, event.capture_id: captured}
                left = less(state.bonus, event.bonus)
                return replace(state, remaining=event.remaining, captures=captures, bonus=left)
            case HoldReleased() | HoldExpired():
                return replace(state, remaining=zero(event.amount.currency), bonus=())
            case HoldRefunded():
                capture = state.captures[event.capture_id]
                left = Capture(
                    capture.destination,
                    capture.refundable - event.amount,
                    less(capture.bonus, event.bonus),
                )
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
    use_bonus: bool = True,
) -> tuple[FundsHeld, HoldPlaced]:
    """Set money aside under an id of its own, such as the order's, for some time: bonus first."""
    if existing is not None:
        raise HoldExists("a hold with this id was placed before")
    if expires_at is not None and not at < expires_at <= at + HOLD_LASTS_MAX:
        raise HoldExpiryInvalid(
            f"a hold expires in the future, within {HOLD_LASTS_MAX.days} days", now=at.isoformat()
        )
    wallet_id = wallet.wallet_id
    parts = bonus.spend(wallet, amount, at=at) if use_bonus and wallet.lots else ()
    check_available(wallet, amount, bonus=total(parts))
    entry = Entry(HOLD_RULE, 1, effective_on, bonus.set_aside(wallet_id, amount, parts))
    return (
        FundsHeld(wallet_id, hold_id, amount, entry, parts),
        HoldPlaced(hold_id, wallet_id, amount, reference, wallet.next_entry, expires_at, parts),
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
    """Take held money for good, bonus first; without an amount, all that remains."""
    check_open(wallet)
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
    return (
        HeldFundsCaptured(wallet.wallet_id, hold.hold_id, capture_id, amount, destination, entry),
        HoldCaptured(
            hold.hold_id,
            capture_id,
            amount,
            destination,
            hold.remaining - amount,
            wallet.next_entry,
            take(hold.bonus, amount.minor),
        ),
    )


def release(hold: Hold, wallet: Wallet, *, effective_on: date, at: datetime) -> Ending:
    """Give what remains of a hold back to where it came from."""
    return _end(hold, wallet, HoldReleased, effective_on=effective_on, at=at)


def expire(hold: Hold, wallet: Wallet, *, effective_on: date, at: datetime) -> Ending:
    """Give what remains of a hold back because its time is over."""
    if hold.open and (hold.expires_at is None or at < hold.expires_at):
        raise HoldNotDue("the hold does not expire yet")
    return _end(hold, wallet, HoldExpired, effective_on=effective_on, at=at)


def _end(
    hold: Hold,
    wallet: Wallet,
    how: type[HoldReleased | HoldExpired],
    *,
    effective_on: date,
    at: datetime,
) -> Ending:
    check_open(wallet)
    if not hold.open:
        raise HoldEnded("the hold was captured in full, released, or has expired")
    wallet_id, amount = wallet.wallet_id, hold.remaining
    postings = bonus.give_back(owned(HELD, wallet_id), wallet_id, amount, hold.bonus)
    entry = Entry(RELEASE_RULE, 1, effective_on, postings)
    return (
        HeldFundsReleased(wallet_id, hold.hold_id, amount, entry, hold.bonus),
        how(hold.hold_id, amount, wallet.next_entry),
        *bonus.lapse(wallet, hold.bonus, effective_on=effective_on, at=at),
    )
