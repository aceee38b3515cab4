"""Give captured money back: the cash of it first, then the bonus, which never becomes cash."""

from datetime import date, datetime

from domain.kernel.money import Money
from domain.kernel.refusals import NotFound, RuleBroken
from domain.ledger.postings import Entry
from domain.wallet import bonus
from domain.wallet.bonus_events import BonusExpired
from domain.wallet.events import CaptureRefunded, HoldRefunded
from domain.wallet.holds import Hold
from domain.wallet.lots import take, total
from domain.wallet.wallet import Wallet, check_room

REFUND_RULE = "wallet.refund"


class CaptureNotFound(NotFound):
    """This hold has no such capture."""

    code = "wallet.capture_not_found"


class RefundExceedsCapture(RuleBroken):
    """More would be refunded than the capture has left."""

    code = "wallet.refund_exceeds_capture"


def refund(  # noqa: PLR0913 - the fields of a refund
    hold: Hold,
    wallet: Wallet,
    amount: Money | None,
    *,
    capture_id: str,
    refund_id: str,
    effective_on: date,
    at: datetime,
) -> tuple[CaptureRefunded | HoldRefunded | BonusExpired, ...]:
    """Give captured money back from the account it went to; without an amount, all that is left.

    Bonus goes into the lots that were taken from last, which end when they always did.
    """
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
    source, wallet_id = captured.destination, wallet.wallet_id
    of_cash = captured.refundable.minor - total(captured.bonus)
    parts = take(reversed(captured.bonus), amount.minor - of_cash)
    postings = bonus.give_back(source, wallet_id, amount, parts)
    entry = Entry(REFUND_RULE, 1, effective_on, postings)
    return (
        CaptureRefunded(
            wallet_id, hold.hold_id, capture_id, refund_id, amount, source, entry, parts
        ),
        HoldRefunded(hold.hold_id, capture_id, refund_id, amount, wallet.next_entry, parts),
        *bonus.lapse(wallet, parts, effective_on=effective_on, at=at),
    )
