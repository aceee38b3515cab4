"""The wallet: what a decision about a customer's money must know."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import ClassVar

from domain.kernel.money import AMOUNT_MINOR_MAX, CurrencyMismatch, Money, zero
from domain.kernel.refusals import Invalid, NotFound, RuleBroken
from domain.wallet.bonus_events import (
    BonusExpired,
    BonusExpiryWarned,
    BonusGranted,
    BonusTakenBack,
)
from domain.wallet.events import (
    CaptureRefunded,
    FundsCredited,
    FundsHeld,
    FundsToppedUp,
    HeldFundsCaptured,
    HeldFundsReleased,
    IncomeReversed,
    TransferReceived,
    TransferReturned,
    TransferSent,
    TransferTakenBack,
    WalletEvent,
    WalletOpened,
)
from domain.wallet.gifts.events import GiftReceived
from domain.wallet.lots import Lot, LotPart, moved, total
from domain.wallet.requests.adjustment_events import (
    AdjustmentCredited,
    AdjustmentDebited,
    AdjustmentHeld,
    AdjustmentReleased,
)
from domain.wallet.requests.events import (
    HeldFundsPaidOut,
    PayoutReturned,
    WithdrawalHeld,
    WithdrawalReleased,
)
from domain.wallet.standing_events import WalletClosed, WalletFrozen, WalletUnfrozen

CASH = "wallet.cash"
HELD = "wallet.held"
BONUS = "wallet.bonus"
BALANCE_MINOR_MAX = AMOUNT_MINOR_MAX
"""What one wallet holds at most: available, held and bonus together."""


class WalletNotFound(NotFound):
    """There is no such wallet for this caller."""

    code = "wallet.not_found"


class WalletExists(RuleBroken):
    """A wallet with this id, or of this owner and currency, exists."""

    code = "wallet.exists"


class AmountInvalid(Invalid):
    """An amount is between 1 and 2^53 - 1 minor units."""

    code = "wallet.amount_invalid"


class InsufficientFunds(RuleBroken):
    """The wallet has less available than asked for."""

    code = "wallet.insufficient_funds"


class BalanceLimitExceeded(RuleBroken):
    """A wallet never holds more than 2^53 - 1 minor units."""

    code = "wallet.balance_limit_exceeded"


class WalletIsFrozen(RuleBroken):
    """Staff froze the wallet: money may come in, and none may leave."""

    code = "wallet.frozen"


class WalletIsClosed(RuleBroken):
    """The wallet was closed, for good."""

    code = "wallet.closed"


class Status(StrEnum):
    """Whether a wallet may be used."""

    OPEN = "open"
    FROZEN = "frozen"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Wallet:
    """Money of one owner in one currency; `version` counts its events.

    `available` and `bonus` are apart: bonus is spent through holds alone. `held` is of both.
    """

    CATEGORY: ClassVar[str] = "wallet"
    FOLD_VERSION: ClassVar[int] = 3

    wallet_id: str
    owner: str
    available: Money
    held: Money
    version: int
    bonus: Money
    lots: Mapping[str, Lot]
    status: Status

    @classmethod
    def evolve(cls, state: "Wallet | None", event: WalletEvent) -> "Wallet":
        if isinstance(event, WalletOpened):
            nothing = zero(event.currency)
            return cls(event.wallet_id, event.owner, nothing, nothing, 1, nothing, {}, Status.OPEN)
        assert state is not None
        changes = CHANGES.get(type(event))
        if changes is None:
            return _changed_seldom(state, event)
        available, held, lots = changes
        amount: Money = getattr(event, "amount")  # noqa: B009 - every event of the table has one
        after = cls(
            state.wallet_id,
            state.owner,
            _moved(state.available, amount, available),
            _moved(state.held, amount, held),
            state.version + 1,
            state.bonus,
            state.lots,
            state.status,
        )
        bonus: tuple[LotPart, ...] = getattr(event, "bonus") if lots else ()  # noqa: B009 - as above
        return _shared(after, bonus, lots) if bonus else after

    @property
    def currency(self) -> str:
        """The currency of everything in this wallet."""
        return self.available.currency

    @property
    def next_entry(self) -> str:
        """The id of the entry in the event that this wallet records next: stream and version."""
        return f"{self.CATEGORY}-{self.wallet_id}.{self.version + 1}"


CHANGES: dict[type[WalletEvent], tuple[int, int, int]] = {
    FundsToppedUp: (1, 0, 0),
    FundsCredited: (1, 0, 0),
    IncomeReversed: (-1, 0, 0),
    FundsHeld: (-1, 1, -1),
    HeldFundsCaptured: (0, -1, 0),
    HeldFundsReleased: (1, -1, 1),
    CaptureRefunded: (1, 0, 1),
    TransferSent: (-1, 0, 0),
    TransferReceived: (1, 0, 0),
    TransferReturned: (-1, 0, 0),
    TransferTakenBack: (1, 0, 0),
    WithdrawalHeld: (-1, 1, 0),
    WithdrawalReleased: (1, -1, 0),
    HeldFundsPaidOut: (0, -1, 0),
    PayoutReturned: (1, 0, 0),
    AdjustmentCredited: (1, 0, 0),
    AdjustmentHeld: (-1, 1, 0),
    AdjustmentReleased: (1, -1, 0),
    AdjustmentDebited: (0, -1, 0),
    GiftReceived: (1, 0, 0),
}
"""What each event does to (available, held) in multiples of its amount, and how its part that is
bonus, which is not available money, moves in the lots instead."""

_STATUS_AFTER: dict[type[WalletEvent], Status] = {
    WalletFrozen: Status.FROZEN,
    WalletUnfrozen: Status.OPEN,
    WalletClosed: Status.CLOSED,
}


def _moved(balance: Money, amount: Money, times: int) -> Money:
    return Money(balance.minor + times * amount.minor, balance.currency) if times else balance


def _shared(wallet: Wallet, bonus: tuple[LotPart, ...], times: int) -> Wallet:
    """Let the lots bear what an event took from, or gave to, available money too much."""
    part = Money(total(bonus), wallet.currency)
    return replace(
        wallet,
        available=_moved(wallet.available, part, -times),
        bonus=_moved(wallet.bonus, part, times),
        lots=moved(wallet.lots, bonus, times),
    )


def _changed_seldom(wallet: Wallet, event: WalletEvent) -> Wallet:
    """Fold what is not on the path of every payment."""
    version = wallet.version + 1
    match event:
        case BonusGranted():
            part = LotPart(event.lot_id, event.amount, event.expires_at)
            lots, bonus = moved(wallet.lots, (part,), 1), wallet.bonus + event.amount
            return replace(wallet, version=version, bonus=bonus, lots=lots)
        case BonusExpiryWarned():
            lot = replace(wallet.lots[event.lot_id], warned=True)
            return replace(wallet, version=version, lots={**wallet.lots, event.lot_id: lot})
        case BonusExpired() | BonusTakenBack():
            part = LotPart(event.lot_id, event.amount, None)
            lots, bonus = moved(wallet.lots, (part,), -1), wallet.bonus - event.amount
            return replace(wallet, version=version, bonus=bonus, lots=lots)
        case _:
            return replace(wallet, version=version, status=_STATUS_AFTER[type(event)])


def check_open(wallet: Wallet) -> None:
    """Refuse anything to a wallet that was closed."""
    if wallet.status is Status.CLOSED:
        raise WalletIsClosed("the wallet was closed; its owner may open a new one")


def check_may_spend(wallet: Wallet) -> None:
    """Refuse to let money leave a wallet, or to set it aside, unless the wallet is open."""
    check_open(wallet)
    if wallet.status is Status.FROZEN:
        raise WalletIsFrozen("the wallet is frozen: money may come in, and none may leave")


def check_amount(wallet: Wallet, amount: Money) -> None:
    """Refuse an amount that no wallet command can carry out, and any amount once it is closed."""
    check_open(wallet)
    if not 1 <= amount.minor <= AMOUNT_MINOR_MAX:
        raise AmountInvalid("an amount is between 1 and 2^53 - 1 minor units")
    if amount.currency != wallet.currency:
        raise CurrencyMismatch(
            f"the wallet is in {wallet.currency}, not {amount.currency}",
            expected=wallet.currency,
            found=amount.currency,
        )


def check_available(wallet: Wallet, amount: Money, *, bonus: int = 0) -> None:
    """Refuse to take more than is available, where `bonus` minor units of it come out of lots."""
    check_may_spend(wallet)
    check_amount(wallet, amount)
    if wallet.available.minor + bonus < amount.minor:
        raise InsufficientFunds(
            "the wallet has less available than asked for",
            available=wallet.available.minor + bonus,
            asked=amount.minor,
        )


def check_room(wallet: Wallet, amount: Money) -> None:
    """Refuse to put in more than a wallet may hold."""
    check_amount(wallet, amount)
    there = wallet.available.minor + wallet.held.minor + wallet.bonus.minor
    if there + amount.minor > BALANCE_MINOR_MAX:
        raise BalanceLimitExceeded("a wallet holds at most 2^53 - 1 minor units")


def open_wallet(
    existing: Wallet | None, owned: str | None, *, wallet_id: str, owner: str, currency: str
) -> tuple[WalletOpened, ...]:
    """Open a wallet; `owned` is the wallet that this owner has in this currency already."""
    if existing is not None or owned is not None:
        raise WalletExists(
            "this owner has a wallet in this currency, or the id is taken",
            **({"wallet_id": owned.partition("-")[2]} if owned else {}),
        )
    return (WalletOpened(wallet_id, owner, currency),)
