"""What happens to requests for money in or out, and what a withdrawal does to its wallet.

As in the rest of the wallet's language, the wallet's event carries the entry and the request's
event names it (`entry_id`). The personal values of a request belong to the owner of its wallet.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from domain.kernel.events import Event, Personal
from domain.kernel.money import Money
from domain.ledger.postings import Entry
from domain.wallet.events import WalletEvent


@dataclass(frozen=True, slots=True)
class ApprovalThresholdSet(Event):
    """Requests of more than `above` need an approver who is not the one that entered them."""

    NAME: ClassVar[str] = "wallet.approval_threshold_set"
    CATEGORY: ClassVar[str] = "wallet_approval"

    above: Money

    @property
    def key(self) -> str:
        return self.above.currency


@dataclass(frozen=True, slots=True)
class StepUpThresholdSet(Event):
    """Customers prove again who they are before they ask for more than `above` to be paid out."""

    NAME: ClassVar[str] = "wallet.step_up_threshold_set"
    CATEGORY: ClassVar[str] = "wallet_step_up"

    above: Money

    @property
    def key(self) -> str:
        return self.above.currency


@dataclass(frozen=True, slots=True)
class WithdrawalHeld(WalletEvent):
    """Available money was set aside to be paid out."""

    NAME: ClassVar[str] = "wallet.withdrawal_held"

    wallet_id: str
    request_id: str
    amount: Money
    entry: Entry


@dataclass(frozen=True, slots=True)
class WithdrawalReleased(WalletEvent):
    """Money that was to be paid out became available again."""

    NAME: ClassVar[str] = "wallet.withdrawal_released"

    wallet_id: str
    request_id: str
    amount: Money
    entry: Entry


@dataclass(frozen=True, slots=True)
class HeldFundsPaidOut(WalletEvent):
    """Money left the wallet through an account of the shop, such as `bank`."""

    NAME: ClassVar[str] = "wallet.held_funds_paid_out"

    wallet_id: str
    request_id: str
    amount: Money
    account: str
    entry: Entry


@dataclass(frozen=True, slots=True)
class PayoutReturned(WalletEvent):
    """Money that was paid out came back to the account that it left through."""

    NAME: ClassVar[str] = "wallet.payout_returned"

    wallet_id: str
    request_id: str
    amount: Money
    account: str
    entry: Entry


class RequestEvent(Event):
    """An event of a request's stream."""

    __slots__ = ()

    request_id: str

    @property
    def key(self) -> str:
        return self.request_id


class TopUpRequestEvent(RequestEvent):
    """An event of the stream of a request for money in."""

    __slots__ = ()
    CATEGORY: ClassVar[str] = "top_up_request"


@dataclass(frozen=True, slots=True)
class TopUpRequested(TopUpRequestEvent):
    """A customer asked for an amount to be credited; nothing is until it is approved."""

    NAME: ClassVar[str] = "wallet.top_up_requested"

    request_id: str
    wallet_id: str
    owner: str
    amount: Money
    reference: Personal | None
    requested_by: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class TopUpApproved(TopUpRequestEvent):
    """The amount was credited by the top-up that has the request's id."""

    NAME: ClassVar[str] = "wallet.top_up_approved"

    request_id: str
    amount: Money
    approved_by: str
    entry_id: str


@dataclass(frozen=True, slots=True)
class TopUpRejected(TopUpRequestEvent):
    """Staff said no."""

    NAME: ClassVar[str] = "wallet.top_up_rejected"

    request_id: str
    rejected_by: str
    reason: Personal | None


@dataclass(frozen=True, slots=True)
class TopUpCancelled(TopUpRequestEvent):
    """The request was taken back."""

    NAME: ClassVar[str] = "wallet.top_up_cancelled"

    request_id: str
    cancelled_by: str


@dataclass(frozen=True, slots=True)
class TopUpRequestExpired(TopUpRequestEvent):
    """Nobody decided in time."""

    NAME: ClassVar[str] = "wallet.top_up_request_expired"

    request_id: str


class WithdrawalEvent(RequestEvent):
    """An event of the stream of a request for money out."""

    __slots__ = ()
    CATEGORY: ClassVar[str] = "withdrawal"


@dataclass(frozen=True, slots=True)
class WithdrawalRequested(WithdrawalEvent):
    """A customer asked for money to be paid out to an IBAN, of which `iban_tail` may be seen."""

    NAME: ClassVar[str] = "wallet.withdrawal_requested"

    request_id: str
    wallet_id: str
    owner: str
    amount: Money
    iban: Personal
    iban_tail: str
    reference: Personal | None
    requested_by: str
    entry_id: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class WithdrawalApproved(WithdrawalEvent):
    """Staff said yes; the money stays held until it is paid out."""

    NAME: ClassVar[str] = "wallet.withdrawal_approved"

    request_id: str
    approved_by: str


@dataclass(frozen=True, slots=True)
class WithdrawalRejected(WithdrawalEvent):
    """Staff said no, and the money is available again."""

    NAME: ClassVar[str] = "wallet.withdrawal_rejected"

    request_id: str
    amount: Money
    rejected_by: str
    reason: Personal | None
    entry_id: str


@dataclass(frozen=True, slots=True)
class WithdrawalCancelled(WithdrawalEvent):
    """The request was taken back, and the money is available again."""

    NAME: ClassVar[str] = "wallet.withdrawal_cancelled"

    request_id: str
    amount: Money
    cancelled_by: str
    entry_id: str


@dataclass(frozen=True, slots=True)
class WithdrawalExpired(WithdrawalEvent):
    """Nobody decided in time, and the money is available again."""

    NAME: ClassVar[str] = "wallet.withdrawal_expired"

    request_id: str
    amount: Money
    entry_id: str


@dataclass(frozen=True, slots=True)
class WithdrawalPaid(WithdrawalEvent):
    """The money was sent to the IBAN; `bank_reference` is how the bank calls it."""

    NAME: ClassVar[str] = "wallet.withdrawal_paid"

    request_id: str
    amount: Money
    account: str
    bank_reference: Personal | None
    entry_id: str


@dataclass(frozen=True, slots=True)
class WithdrawalTurnedDown(WithdrawalEvent):
    """The bank did not take an approved withdrawal, and the money is available again."""

    NAME: ClassVar[str] = "wallet.withdrawal_turned_down"

    request_id: str
    amount: Money
    reason: Personal | None
    entry_id: str


@dataclass(frozen=True, slots=True)
class WithdrawalBounced(WithdrawalEvent):
    """The money that was paid came back."""

    NAME: ClassVar[str] = "wallet.withdrawal_bounced"

    request_id: str
    amount: Money
    reason: Personal | None
    entry_id: str
