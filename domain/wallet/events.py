"""What happens to wallets and to the holds on them.

Events of a wallet carry the entry that moves its money. Where a second stream is touched (the hold,
the receiver of a transfer) its event names the entry (`entry_id`) and carries none.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from domain.kernel.events import Claim, Event, Personal
from domain.kernel.money import Money
from domain.ledger.events import reversal_of
from domain.ledger.postings import Entry

OWNER_CLAIM = "wallet.owner"
SCHEME_KEY = "main"


@dataclass(frozen=True, slots=True)
class SchemeChosen(Event):
    """The tenant's wallets run under this scheme (`closed_loop` or `licensed`, Law 6493)."""

    NAME: ClassVar[str] = "wallet.scheme_chosen"
    CATEGORY: ClassVar[str] = "wallet_scheme"

    mode: str

    @property
    def key(self) -> str:
        return SCHEME_KEY


class WalletEvent(Event):
    """An event of a wallet's stream."""

    __slots__ = ()
    CATEGORY: ClassVar[str] = "wallet"

    wallet_id: str

    @property
    def key(self) -> str:
        return self.wallet_id


@dataclass(frozen=True, slots=True)
class WalletOpened(WalletEvent):
    """A customer got a wallet in a currency."""

    NAME: ClassVar[str] = "wallet.opened"

    wallet_id: str
    owner: str
    currency: str

    def takes(self) -> tuple[Claim, ...]:
        return (Claim(OWNER_CLAIM, f"{self.owner}/{self.currency}"),)


@dataclass(frozen=True, slots=True)
class FundsToppedUp(WalletEvent):
    """Finance entered money that came in for a wallet."""

    NAME: ClassVar[str] = "wallet.funds_topped_up"

    wallet_id: str
    top_up_id: str
    amount: Money
    source: str
    entry: Entry
    note: Personal | None


@dataclass(frozen=True, slots=True)
class FundsCredited(WalletEvent):
    """The shop gave money to a wallet, such as for returned goods, out of one of its accounts."""

    NAME: ClassVar[str] = "wallet.funds_credited"

    wallet_id: str
    credit_id: str
    amount: Money
    source: str
    entry: Entry
    note: Personal | None


@dataclass(frozen=True, slots=True)
class IncomeReversed(WalletEvent):
    """A top-up or a credit was taken back."""

    NAME: ClassVar[str] = "wallet.income_reversed"

    wallet_id: str
    reverses: str
    amount: Money
    entry: Entry
    reason: Personal | None

    def takes(self) -> tuple[Claim, ...]:
        return (reversal_of(self.reverses),)


@dataclass(frozen=True, slots=True)
class FundsHeld(WalletEvent):
    """Available money was set aside."""

    NAME: ClassVar[str] = "wallet.funds_held"

    wallet_id: str
    hold_id: str
    amount: Money
    entry: Entry


@dataclass(frozen=True, slots=True)
class HeldFundsCaptured(WalletEvent):
    """Held money was taken for good."""

    NAME: ClassVar[str] = "wallet.held_funds_captured"

    wallet_id: str
    hold_id: str
    capture_id: str
    amount: Money
    destination: str
    entry: Entry


@dataclass(frozen=True, slots=True)
class HeldFundsReleased(WalletEvent):
    """Held money became available again."""

    NAME: ClassVar[str] = "wallet.held_funds_released"

    wallet_id: str
    hold_id: str
    amount: Money
    entry: Entry


@dataclass(frozen=True, slots=True)
class CaptureRefunded(WalletEvent):
    """Captured money was given back."""

    NAME: ClassVar[str] = "wallet.capture_refunded"

    wallet_id: str
    hold_id: str
    capture_id: str
    refund_id: str
    amount: Money
    source: str
    entry: Entry


@dataclass(frozen=True, slots=True)
class TransferSent(WalletEvent):
    """Money went to another wallet."""

    NAME: ClassVar[str] = "wallet.transfer_sent"

    wallet_id: str
    target: str
    transfer_id: str
    amount: Money
    entry: Entry


@dataclass(frozen=True, slots=True)
class TransferReceived(WalletEvent):
    """Money came from another wallet."""

    NAME: ClassVar[str] = "wallet.transfer_received"

    wallet_id: str
    source: str
    transfer_id: str
    amount: Money
    entry_id: str


@dataclass(frozen=True, slots=True)
class TransferReturned(WalletEvent):
    """A received transfer was taken back: the receiver's side, which carries the entry."""

    NAME: ClassVar[str] = "wallet.transfer_returned"

    wallet_id: str
    sender: str
    transfer_id: str
    reverses: str
    amount: Money
    entry: Entry
    reason: Personal | None

    def takes(self) -> tuple[Claim, ...]:
        return (reversal_of(self.reverses),)


@dataclass(frozen=True, slots=True)
class TransferTakenBack(WalletEvent):
    """A sent transfer came back: the sender's side, which names the entry."""

    NAME: ClassVar[str] = "wallet.transfer_taken_back"

    wallet_id: str
    receiver: str
    transfer_id: str
    amount: Money
    entry_id: str


class HoldEvent(Event):
    """An event of a hold's stream."""

    __slots__ = ()
    CATEGORY: ClassVar[str] = "hold"

    hold_id: str

    @property
    def key(self) -> str:
        return self.hold_id


@dataclass(frozen=True, slots=True)
class HoldPlaced(HoldEvent):
    """A hold began."""

    NAME: ClassVar[str] = "wallet.hold_placed"
    SCHEMA: ClassVar[int] = 2

    hold_id: str
    wallet_id: str
    amount: Money
    reference: Personal | None
    entry_id: str
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class HoldCaptured(HoldEvent):
    """A part of a hold was captured; with `remaining` zero, the last of it."""

    NAME: ClassVar[str] = "wallet.hold_captured"

    hold_id: str
    capture_id: str
    amount: Money
    destination: str
    remaining: Money
    entry_id: str


@dataclass(frozen=True, slots=True)
class HoldReleased(HoldEvent):
    """What remained of a hold was given back, which ends it."""

    NAME: ClassVar[str] = "wallet.hold_released"

    hold_id: str
    amount: Money
    entry_id: str


@dataclass(frozen=True, slots=True)
class HoldExpired(HoldEvent):
    """What remained of a hold was given back because its time was over, which ends it."""

    NAME: ClassVar[str] = "wallet.hold_expired"

    hold_id: str
    amount: Money
    entry_id: str


@dataclass(frozen=True, slots=True)
class HoldRefunded(HoldEvent):
    """A capture of this hold was refunded, in whole or in part."""

    NAME: ClassVar[str] = "wallet.hold_refunded"

    hold_id: str
    capture_id: str
    refund_id: str
    amount: Money
    entry_id: str
