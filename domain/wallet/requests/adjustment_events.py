"""What happens to adjustments of wallets, which staff ask for and other staff approve.

The wallet's event carries the entry and the request's event names it; a credit holds nothing, so
its request and what ends it without approval name none. The words belong to the wallet's owner.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from domain.kernel.events import Personal
from domain.kernel.money import Money
from domain.ledger.postings import Entry
from domain.wallet.events import WalletEvent
from domain.wallet.requests.events import RequestEvent


@dataclass(frozen=True, slots=True)
class AdjustmentCredited(WalletEvent):
    """The shop put money into the wallet, at its own expense."""

    NAME: ClassVar[str] = "wallet.adjustment_credited"

    wallet_id: str
    request_id: str
    amount: Money
    entry: Entry


@dataclass(frozen=True, slots=True)
class AdjustmentHeld(WalletEvent):
    """Available money was set aside to be taken."""

    NAME: ClassVar[str] = "wallet.adjustment_held"

    wallet_id: str
    request_id: str
    amount: Money
    entry: Entry


@dataclass(frozen=True, slots=True)
class AdjustmentReleased(WalletEvent):
    """Money that was to be taken became available again."""

    NAME: ClassVar[str] = "wallet.adjustment_released"

    wallet_id: str
    request_id: str
    amount: Money
    entry: Entry


@dataclass(frozen=True, slots=True)
class AdjustmentDebited(WalletEvent):
    """The shop took held money out of the wallet."""

    NAME: ClassVar[str] = "wallet.adjustment_debited"

    wallet_id: str
    request_id: str
    amount: Money
    entry: Entry


class AdjustmentEvent(RequestEvent):
    """An event of the stream of an adjustment."""

    __slots__ = ()
    CATEGORY: ClassVar[str] = "adjustment"


@dataclass(frozen=True, slots=True)
class AdjustmentRequested(AdjustmentEvent):
    """Staff asked for a wallet to be credited or debited, and said why."""

    NAME: ClassVar[str] = "wallet.adjustment_requested"

    request_id: str
    wallet_id: str
    owner: str
    amount: Money
    direction: str
    reason_code: str
    reason: Personal
    requested_by: str
    entry_id: str | None
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class AdjustmentApproved(AdjustmentEvent):
    """Another staff member said yes, and the money moved."""

    NAME: ClassVar[str] = "wallet.adjustment_approved"

    request_id: str
    amount: Money
    approved_by: str
    entry_id: str


@dataclass(frozen=True, slots=True)
class AdjustmentRejected(AdjustmentEvent):
    """Staff said no."""

    NAME: ClassVar[str] = "wallet.adjustment_rejected"

    request_id: str
    amount: Money
    rejected_by: str
    reason: Personal | None
    entry_id: str | None


@dataclass(frozen=True, slots=True)
class AdjustmentCancelled(AdjustmentEvent):
    """The request was taken back."""

    NAME: ClassVar[str] = "wallet.adjustment_cancelled"

    request_id: str
    amount: Money
    cancelled_by: str
    entry_id: str | None


@dataclass(frozen=True, slots=True)
class AdjustmentExpired(AdjustmentEvent):
    """Nobody decided in time."""

    NAME: ClassVar[str] = "wallet.adjustment_expired"

    request_id: str
    amount: Money
    entry_id: str | None
