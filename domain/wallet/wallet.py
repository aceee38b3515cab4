"""The wallet: what a decision about a customer's money must know."""

from dataclasses import dataclass
from typing import ClassVar

from domain.kernel.money import AMOUNT_MINOR_MAX, CurrencyMismatch, Money, zero
from domain.kernel.refusals import Invalid, NotFound, RuleBroken
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

CASH = "wallet.cash"
HELD = "wallet.held"
BALANCE_MINOR_MAX = AMOUNT_MINOR_MAX
"""What one wallet holds at most, available and held together."""


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


@dataclass(frozen=True, slots=True)
class Wallet:
    """Available and held money of one owner in one currency; `version` counts its events."""

    CATEGORY: ClassVar[str] = "wallet"
    FOLD_VERSION: ClassVar[int] = 1

    wallet_id: str
    owner: str
    available: Money
    held: Money
    version: int

    @classmethod
    def evolve(cls, state: "Wallet | None", event: WalletEvent) -> "Wallet":
        if isinstance(event, WalletOpened):
            nothing = zero(event.currency)
            return cls(event.wallet_id, event.owner, nothing, nothing, 1)
        assert state is not None
        available, held = _CHANGES[type(event)]
        amount: Money = getattr(event, "amount")  # noqa: B009 - every event of the table has one
        return cls(
            state.wallet_id,
            state.owner,
            _moved(state.available, amount, available),
            _moved(state.held, amount, held),
            state.version + 1,
        )

    @property
    def currency(self) -> str:
        """The currency of everything in this wallet."""
        return self.available.currency

    @property
    def next_entry(self) -> str:
        """The id of the entry in the event that this wallet records next: stream and version."""
        return f"{self.CATEGORY}-{self.wallet_id}.{self.version + 1}"


_CHANGES: dict[type[WalletEvent], tuple[int, int]] = {
    FundsToppedUp: (1, 0),
    FundsCredited: (1, 0),
    IncomeReversed: (-1, 0),
    FundsHeld: (-1, 1),
    HeldFundsCaptured: (0, -1),
    HeldFundsReleased: (1, -1),
    CaptureRefunded: (1, 0),
    TransferSent: (-1, 0),
    TransferReceived: (1, 0),
    TransferReturned: (-1, 0),
    TransferTakenBack: (1, 0),
    GiftReceived: (1, 0),
}
"""What each event does to (available, held), in multiples of its amount."""


def _moved(balance: Money, amount: Money, times: int) -> Money:
    return Money(balance.minor + times * amount.minor, balance.currency) if times else balance


def check_amount(wallet: Wallet, amount: Money) -> None:
    """Refuse an amount that no wallet command can carry out."""
    if not 1 <= amount.minor <= AMOUNT_MINOR_MAX:
        raise AmountInvalid("an amount is between 1 and 2^53 - 1 minor units")
    if amount.currency != wallet.currency:
        raise CurrencyMismatch(
            f"the wallet is in {wallet.currency}, not {amount.currency}",
            expected=wallet.currency,
            found=amount.currency,
        )


def check_available(wallet: Wallet, amount: Money) -> None:
    """Refuse to take more than is available."""
    check_amount(wallet, amount)
    if wallet.available.minor < amount.minor:
        raise InsufficientFunds(
            "the wallet has less available than asked for",
            available=wallet.available.minor,
            asked=amount.minor,
        )


def check_room(wallet: Wallet, amount: Money) -> None:
    """Refuse to put in more than a wallet may hold."""
    check_amount(wallet, amount)
    if wallet.available.minor + wallet.held.minor + amount.minor > BALANCE_MINOR_MAX:
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
