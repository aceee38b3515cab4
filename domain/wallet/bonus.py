"""Bonus: granted in lots that end, spent before cash, never paid out and never sent to another.

The spending order: bonus before cash; of the lots the one that ends first, those without an end
last; among equal ends the older first. An ended lot is never spent, whether or not its timer fired.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from domain.kernel.events import Personal
from domain.kernel.money import Money
from domain.kernel.refusals import Invalid, RuleBroken
from domain.ledger.accounts import owned
from domain.ledger.journal import REVERSAL_RULE
from domain.ledger.postings import Entry, Posting, move, reversed_postings
from domain.wallet.bonus_events import (
    BonusExpired,
    BonusExpiryWarned,
    BonusGranted,
    BonusTakenBack,
)
from domain.wallet.lots import Lot, LotPart, take, total
from domain.wallet.wallet import (
    BONUS,
    CASH,
    HELD,
    InsufficientFunds,
    Wallet,
    check_may_spend,
    check_open,
    check_room,
)

BONUS_LOTS_MAX = 100
"""Open lots of one wallet when another is granted; what comes back of holds is always taken."""

BONUS_LASTS_MAX = timedelta(days=3_653)
BONUS_WARNING_LEAD = timedelta(days=7)
"""So long before a lot ends its owner is warned; a lot that never lasts longer gets no warning."""

NEVER = datetime.max.replace(tzinfo=UTC)

GRANT_RULE = "wallet.bonus_grant"
BREAKAGE_RULE = "wallet.bonus_breakage"
EXPENSE = "bonus_expense"
BREAKAGE = "breakage"


class BonusExpiryInvalid(Invalid):
    """A lot ends in the future, and within ten years."""

    code = "wallet.bonus_expiry_invalid"


class TooManyBonusLots(RuleBroken):
    """A wallet has a limited number of open lots."""

    code = "wallet.too_many_bonus_lots"


class BonusEnded(RuleBroken):
    """Nothing is left of this lot."""

    code = "wallet.bonus_ended"


class BonusNotDue(RuleBroken):
    """The lot does not end yet, or never."""

    code = "wallet.bonus_not_due"


def grant(  # noqa: PLR0913 - the fields of a grant
    wallet: Wallet,
    amount: Money,
    *,
    lot_id: str,
    campaign: str,
    expires_at: datetime | None,
    effective_on: date,
    at: datetime,
) -> tuple[BonusGranted, ...]:
    """Give a customer bonus of a campaign, at the expense of the shop, until it ends."""
    check_room(wallet, amount)
    if expires_at is not None and not at < expires_at <= at + BONUS_LASTS_MAX:
        raise BonusExpiryInvalid(
            f"bonus ends in the future, within {BONUS_LASTS_MAX.days} days", now=at.isoformat()
        )
    if len(wallet.lots) >= BONUS_LOTS_MAX:
        raise TooManyBonusLots(f"a wallet has {BONUS_LOTS_MAX} open lots at most")
    postings = move(amount, debit=EXPENSE, credit=owned(BONUS, wallet.wallet_id))
    entry = Entry(GRANT_RULE, 1, effective_on, postings)
    return (BonusGranted(wallet.wallet_id, lot_id, amount, campaign, expires_at, entry),)


def spend(wallet: Wallet, amount: Money, *, at: datetime) -> tuple[LotPart, ...]:
    """Say which lots bear how much of a payment, in the spending order; cash bears the rest."""
    usable = (
        LotPart(lot_id, lot.remaining, lot.expires_at)
        for lot_id, lot in sorted(wallet.lots.items(), key=_order)
    )
    return take((part for part in usable if not part.lapsed(at)), amount.minor)


def warn(wallet: Wallet, lot_id: str, *, at: datetime) -> tuple[BonusExpiryWarned, ...]:
    """Tell, once, that what is left of a lot ends soon; a second time is no news."""
    lot = wallet.lots.get(lot_id)
    if lot is None:
        raise BonusEnded("nothing is left of this lot")
    if lot.expires_at is None or at < lot.expires_at - BONUS_WARNING_LEAD:
        raise BonusNotDue("the lot does not end soon")
    if lot.expires_at <= at:
        raise BonusEnded("the lot has ended")
    if lot.warned:
        return ()
    return (BonusExpiryWarned(wallet.wallet_id, lot_id, lot.remaining, lot.expires_at),)


def expire(
    wallet: Wallet, lot_id: str, *, effective_on: date, at: datetime
) -> tuple[BonusExpired, ...]:
    """Book what is left of an ended lot to breakage."""
    check_open(wallet)
    lot = wallet.lots.get(lot_id)
    if lot is None:
        raise BonusEnded("nothing is left of this lot")
    part = LotPart(lot_id, lot.remaining, lot.expires_at)
    if not part.lapsed(at):
        raise BonusNotDue("the lot does not end yet")
    return lapse(wallet, (part,), effective_on=effective_on, at=at)


def lapse(
    wallet: Wallet, parts: Iterable[LotPart], *, effective_on: date, at: datetime
) -> tuple[BonusExpired, ...]:
    """Book to breakage what comes back into lots that have ended meanwhile."""
    return tuple(
        BonusExpired(
            wallet.wallet_id,
            part.lot_id,
            part.amount,
            Entry(BREAKAGE_RULE, 1, effective_on, broken(wallet.wallet_id, part.amount)),
        )
        for part in parts
        if part.lapsed(at)
    )


def take_back(
    wallet: Wallet,
    granted: BonusGranted,
    *,
    entry_id: str,
    effective_on: date,
    reason: Personal | None,
) -> tuple[BonusTakenBack, ...]:
    """Reverse a grant, as long as nothing of it was spent."""
    check_may_spend(wallet)
    lot = wallet.lots.get(granted.lot_id)
    left = lot.remaining.minor if lot else 0
    if left < granted.amount.minor:
        raise InsufficientFunds(
            "less is left of the lot than was granted", available=left, asked=granted.amount.minor
        )
    entry = Entry(REVERSAL_RULE, 1, effective_on, reversed_postings(granted.entry))
    return (
        BonusTakenBack(wallet.wallet_id, granted.lot_id, entry_id, granted.amount, entry, reason),
    )


def broken(wallet_id: str, amount: Money) -> tuple[Posting, ...]:
    """Post bonus that nobody may spend any more."""
    return move(amount, debit=owned(BONUS, wallet_id), credit=BREAKAGE)


def set_aside(wallet_id: str, amount: Money, bonus: tuple[LotPart, ...]) -> tuple[Posting, ...]:
    """Post money to held: out of the lots what is bonus, out of cash the rest."""
    if not bonus:
        return move(amount, debit=owned(CASH, wallet_id), credit=owned(HELD, wallet_id))
    shares = _shares(wallet_id, amount, bonus)
    return (*shares, Posting(owned(HELD, wallet_id), -amount))


def give_back(
    source: str, wallet_id: str, amount: Money, bonus: tuple[LotPart, ...]
) -> tuple[Posting, ...]:
    """Post money from an account to a wallet: into the lots what was bonus, to cash the rest."""
    if not bonus:
        return move(amount, debit=source, credit=owned(CASH, wallet_id))
    shares = _shares(wallet_id, amount, bonus)
    return (Posting(source, amount), *(Posting(one.account, -one.amount) for one in shares))


def _shares(wallet_id: str, amount: Money, bonus: tuple[LotPart, ...]) -> tuple[Posting, ...]:
    of_lots = Money(total(bonus), amount.currency)
    of_cash = amount - of_lots
    shares = Posting(owned(BONUS, wallet_id), of_lots), Posting(owned(CASH, wallet_id), of_cash)
    return shares if of_cash.minor else shares[:1]


def _order(named: tuple[str, Lot]) -> tuple[datetime, str]:
    # Ids sort by the moment of the grant.
    lot_id, lot = named
    return lot.expires_at or NEVER, lot_id
