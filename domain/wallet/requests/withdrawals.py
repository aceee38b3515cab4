"""A customer asks for money to be paid out: held when asked for, and on its way once approved."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import ClassVar

from domain.kernel.events import Personal
from domain.kernel.money import Money
from domain.kernel.refusals import RuleBroken
from domain.ledger.accounts import owned
from domain.ledger.postings import Entry, move
from domain.wallet.requests.approvals import Approver, check_approval
from domain.wallet.requests.events import (
    HeldFundsPaidOut,
    PayoutReturned,
    WithdrawalApproved,
    WithdrawalBounced,
    WithdrawalCancelled,
    WithdrawalEvent,
    WithdrawalExpired,
    WithdrawalHeld,
    WithdrawalPaid,
    WithdrawalRejected,
    WithdrawalReleased,
    WithdrawalRequested,
    WithdrawalTurnedDown,
)
from domain.wallet.requests.stages import Stage, check_due, check_pending, end_of_waiting
from domain.wallet.wallet import CASH, HELD, Wallet, check_available, check_room

IBAN_TAIL_LENGTH = 4
"""So much of an IBAN may be seen by anyone who may see the request."""

WITHDRAWAL_RULE = "wallet.withdrawal"
WITHDRAWAL_RELEASE_RULE = "wallet.withdrawal_release"
PAYOUT_RULE = "wallet.payout"
PAYOUT_RETURN_RULE = "wallet.payout_return"


class WithdrawalNotApproved(RuleBroken):
    """Only an approved withdrawal is paid, and only an approved or a paid one bounces."""

    code = "wallet.withdrawal_not_approved"


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """A request for money out. `paid_from` is the account that a paid one left through."""

    CATEGORY: ClassVar[str] = "withdrawal"
    FOLD_VERSION: ClassVar[int] = 1

    request_id: str
    wallet_id: str
    amount: Money
    requested_by: str
    expires_at: datetime
    stage: Stage
    paid_from: str | None

    @classmethod
    def evolve(cls, state: "Withdrawal | None", event: WithdrawalEvent) -> "Withdrawal":
        if isinstance(event, WithdrawalRequested):
            return cls(
                event.request_id,
                event.wallet_id,
                event.amount,
                event.requested_by,
                event.expires_at,
                Stage.PENDING,
                None,
            )
        assert state is not None
        if isinstance(event, WithdrawalPaid):
            return replace(state, stage=Stage.PAID, paid_from=event.account)
        return replace(state, stage=_STAGES[type(event)])


_STAGES: dict[type[WithdrawalEvent], Stage] = {
    WithdrawalApproved: Stage.APPROVED,
    WithdrawalRejected: Stage.REJECTED,
    WithdrawalCancelled: Stage.CANCELLED,
    WithdrawalExpired: Stage.EXPIRED,
    WithdrawalTurnedDown: Stage.BOUNCED,
    WithdrawalBounced: Stage.BOUNCED,
}


def request(  # noqa: PLR0913 - the fields of a request
    wallet: Wallet,
    amount: Money,
    *,
    request_id: str,
    iban: Personal,
    iban_tail: str,
    reference: Personal | None,
    requested_by: str,
    effective_on: date,
    at: datetime,
    expires_at: datetime | None,
) -> tuple[WithdrawalHeld, WithdrawalRequested]:
    """Ask for available money to be paid out, and hold it at once."""
    check_available(wallet, amount)
    postings = move(
        amount, debit=owned(CASH, wallet.wallet_id), credit=owned(HELD, wallet.wallet_id)
    )
    entry = Entry(WITHDRAWAL_RULE, 1, effective_on, postings)
    return (
        WithdrawalHeld(wallet.wallet_id, request_id, amount, entry),
        WithdrawalRequested(
            request_id,
            wallet.wallet_id,
            wallet.owner,
            amount,
            iban,
            iban_tail,
            reference,
            requested_by,
            wallet.next_entry,
            end_of_waiting(expires_at, at),
        ),
    )


def approve(asked: Withdrawal, approver: Approver) -> tuple[WithdrawalApproved, ...]:
    """Say yes; the money stays held until it is paid."""
    check_pending(asked.stage)
    check_approval(asked, approver)
    return (WithdrawalApproved(asked.request_id, approver.staff_id),)


def reject(
    asked: Withdrawal,
    wallet: Wallet,
    *,
    rejected_by: str,
    reason: Personal | None,
    effective_on: date,
) -> tuple[WithdrawalReleased, WithdrawalRejected]:
    """Say no, and give the money back."""
    check_pending(asked.stage)
    return (
        _released(asked, wallet, effective_on),
        WithdrawalRejected(asked.request_id, asked.amount, rejected_by, reason, wallet.next_entry),
    )


def cancel(
    asked: Withdrawal, wallet: Wallet, *, cancelled_by: str, effective_on: date
) -> tuple[WithdrawalReleased, WithdrawalCancelled]:
    """Take a request back, and the money with it."""
    check_pending(asked.stage)
    return (
        _released(asked, wallet, effective_on),
        WithdrawalCancelled(asked.request_id, asked.amount, cancelled_by, wallet.next_entry),
    )


def expire(
    asked: Withdrawal, wallet: Wallet, *, effective_on: date, at: datetime
) -> tuple[WithdrawalReleased, WithdrawalExpired]:
    """End a request that nobody decided in time, and give the money back."""
    check_pending(asked.stage)
    check_due(asked.expires_at, at)
    return (
        _released(asked, wallet, effective_on),
        WithdrawalExpired(asked.request_id, asked.amount, wallet.next_entry),
    )


def pay(
    asked: Withdrawal,
    wallet: Wallet,
    *,
    account: str,
    bank_reference: Personal | None,
    effective_on: date,
) -> tuple[HeldFundsPaidOut, WithdrawalPaid]:
    """Note that the bank has sent the money, out of `account`."""
    if asked.stage is not Stage.APPROVED:
        raise _not_approved(asked)
    postings = move(asked.amount, debit=owned(HELD, wallet.wallet_id), credit=account)
    entry = Entry(PAYOUT_RULE, 1, effective_on, postings)
    return (
        HeldFundsPaidOut(wallet.wallet_id, asked.request_id, asked.amount, account, entry),
        WithdrawalPaid(asked.request_id, asked.amount, account, bank_reference, wallet.next_entry),
    )


def bounce(
    asked: Withdrawal, wallet: Wallet, *, reason: Personal | None, effective_on: date
) -> tuple[WithdrawalReleased | PayoutReturned, WithdrawalTurnedDown | WithdrawalBounced]:
    """Make money available again that the bank did not take, or sent back."""
    if asked.stage is Stage.APPROVED:
        return (
            _released(asked, wallet, effective_on),
            WithdrawalTurnedDown(asked.request_id, asked.amount, reason, wallet.next_entry),
        )
    if asked.stage is not Stage.PAID:
        raise _not_approved(asked)
    assert asked.paid_from is not None
    check_room(wallet, asked.amount)
    account = asked.paid_from
    postings = move(asked.amount, debit=account, credit=owned(CASH, wallet.wallet_id))
    entry = Entry(PAYOUT_RETURN_RULE, 1, effective_on, postings)
    return (
        PayoutReturned(wallet.wallet_id, asked.request_id, asked.amount, account, entry),
        WithdrawalBounced(asked.request_id, asked.amount, reason, wallet.next_entry),
    )


def _released(asked: Withdrawal, wallet: Wallet, effective_on: date) -> WithdrawalReleased:
    postings = move(
        asked.amount, debit=owned(HELD, wallet.wallet_id), credit=owned(CASH, wallet.wallet_id)
    )
    entry = Entry(WITHDRAWAL_RELEASE_RULE, 1, effective_on, postings)
    return WithdrawalReleased(wallet.wallet_id, asked.request_id, asked.amount, entry)


def _not_approved(asked: Withdrawal) -> WithdrawalNotApproved:
    return WithdrawalNotApproved(f"the withdrawal is {asked.stage}", state=asked.stage.value)
