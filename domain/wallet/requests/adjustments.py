"""Staff adjust a wallet: always two of them, and what is to be taken is held when it is asked for.

An adjustment counts on no limit of its customer, and is corrected by another one.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar

from domain.kernel.events import Personal
from domain.kernel.money import Money
from domain.ledger.accounts import owned
from domain.ledger.postings import Entry, move
from domain.wallet.requests.adjustment_events import (
    AdjustmentApproved,
    AdjustmentCancelled,
    AdjustmentCredited,
    AdjustmentDebited,
    AdjustmentEvent,
    AdjustmentExpired,
    AdjustmentHeld,
    AdjustmentRejected,
    AdjustmentReleased,
    AdjustmentRequested,
)
from domain.wallet.requests.approvals import Approver, check_approval
from domain.wallet.requests.stages import Stage, check_due, check_pending, end_of_waiting
from domain.wallet.wallet import CASH, HELD, Wallet, check_amount, check_available, check_room

ADJUSTMENTS = "adjustments"
"""The account that bears what is given and keeps what is taken."""

ADJUSTMENT_CREDIT_RULE = "wallet.adjustment_credit"
ADJUSTMENT_HOLD_RULE = "wallet.adjustment_hold"
ADJUSTMENT_RELEASE_RULE = "wallet.adjustment_release"
ADJUSTMENT_DEBIT_RULE = "wallet.adjustment_debit"


class Direction(StrEnum):
    """Whether the wallet gets or loses."""

    CREDIT = "credit"
    DEBIT = "debit"


class ReasonCode(StrEnum):
    """Why a wallet is adjusted, in words that can be counted."""

    GOODWILL = "goodwill"
    CORRECTION = "correction"
    WRITE_OFF = "write_off"


@dataclass(frozen=True, slots=True)
class Adjustment:
    """A request to adjust a wallet; only a pending one can still change."""

    CATEGORY: ClassVar[str] = "adjustment"
    FOLD_VERSION: ClassVar[int] = 1

    request_id: str
    wallet_id: str
    amount: Money
    direction: Direction
    requested_by: str
    expires_at: datetime
    stage: Stage

    @classmethod
    def evolve(cls, state: "Adjustment | None", event: AdjustmentEvent) -> "Adjustment":
        if isinstance(event, AdjustmentRequested):
            return cls(
                event.request_id,
                event.wallet_id,
                event.amount,
                Direction(event.direction),
                event.requested_by,
                event.expires_at,
                Stage.PENDING,
            )
        assert state is not None
        return replace(state, stage=_STAGES[type(event)])


_STAGES: dict[type[AdjustmentEvent], Stage] = {
    AdjustmentApproved: Stage.APPROVED,
    AdjustmentRejected: Stage.REJECTED,
    AdjustmentCancelled: Stage.CANCELLED,
    AdjustmentExpired: Stage.EXPIRED,
}


def request(  # noqa: PLR0913 - the fields of a request
    wallet: Wallet,
    amount: Money,
    *,
    direction: Direction,
    request_id: str,
    reason_code: ReasonCode,
    reason: Personal,
    requested_by: str,
    effective_on: date,
    at: datetime,
    expires_at: datetime | None,
) -> tuple[AdjustmentHeld | AdjustmentRequested, ...]:
    """Ask for a wallet to be adjusted; what a debit will take is held at once."""
    debit = direction is Direction.DEBIT
    check = check_available if debit else check_amount
    check(wallet, amount)
    return (
        *((_held(wallet, request_id, amount, effective_on),) if debit else ()),
        AdjustmentRequested(
            request_id,
            wallet.wallet_id,
            wallet.owner,
            amount,
            direction.value,
            reason_code.value,
            reason,
            requested_by,
            wallet.next_entry if debit else None,
            end_of_waiting(expires_at, at),
        ),
    )


def approve(
    asked: Adjustment, wallet: Wallet, *, approved_by: str, effective_on: date
) -> tuple[AdjustmentCredited | AdjustmentDebited | AdjustmentApproved, ...]:
    """Move the money; whatever the amount, another approves than the one who asked."""
    check_pending(asked.stage)
    check_approval(asked, Approver(approved_by, threshold=None))
    adjusted = _credited if asked.direction is Direction.CREDIT else _debited
    return (
        adjusted(asked, wallet, effective_on),
        AdjustmentApproved(asked.request_id, asked.amount, approved_by, wallet.next_entry),
    )


def reject(
    asked: Adjustment,
    wallet: Wallet,
    *,
    rejected_by: str,
    reason: Personal | None,
    effective_on: date,
) -> tuple[AdjustmentReleased | AdjustmentRejected, ...]:
    """Say no, and give back what was held."""
    check_pending(asked.stage)
    released, entry_id = _released(asked, wallet, effective_on)
    rejected = AdjustmentRejected(asked.request_id, asked.amount, rejected_by, reason, entry_id)
    return (*released, rejected)


def cancel(
    asked: Adjustment, wallet: Wallet, *, cancelled_by: str, effective_on: date
) -> tuple[AdjustmentReleased | AdjustmentCancelled, ...]:
    """Take a request back, and what was held with it."""
    check_pending(asked.stage)
    released, entry_id = _released(asked, wallet, effective_on)
    return (
        *released,
        AdjustmentCancelled(asked.request_id, asked.amount, cancelled_by, entry_id),
    )


def expire(
    asked: Adjustment, wallet: Wallet, *, effective_on: date, at: datetime
) -> tuple[AdjustmentReleased | AdjustmentExpired, ...]:
    """End a request that nobody decided in time, and give back what was held."""
    check_pending(asked.stage)
    check_due(asked.expires_at, at)
    released, entry_id = _released(asked, wallet, effective_on)
    return (*released, AdjustmentExpired(asked.request_id, asked.amount, entry_id))


def _held(wallet: Wallet, request_id: str, amount: Money, effective_on: date) -> AdjustmentHeld:
    postings = move(
        amount, debit=owned(CASH, wallet.wallet_id), credit=owned(HELD, wallet.wallet_id)
    )
    entry = Entry(ADJUSTMENT_HOLD_RULE, 1, effective_on, postings)
    return AdjustmentHeld(wallet.wallet_id, request_id, amount, entry)


def _credited(asked: Adjustment, wallet: Wallet, effective_on: date) -> AdjustmentCredited:
    check_room(wallet, asked.amount)
    postings = move(asked.amount, debit=ADJUSTMENTS, credit=owned(CASH, wallet.wallet_id))
    entry = Entry(ADJUSTMENT_CREDIT_RULE, 1, effective_on, postings)
    return AdjustmentCredited(wallet.wallet_id, asked.request_id, asked.amount, entry)


def _debited(asked: Adjustment, wallet: Wallet, effective_on: date) -> AdjustmentDebited:
    postings = move(asked.amount, debit=owned(HELD, wallet.wallet_id), credit=ADJUSTMENTS)
    entry = Entry(ADJUSTMENT_DEBIT_RULE, 1, effective_on, postings)
    return AdjustmentDebited(wallet.wallet_id, asked.request_id, asked.amount, entry)


def _released(
    asked: Adjustment, wallet: Wallet, effective_on: date
) -> tuple[tuple[AdjustmentReleased, ...], str | None]:
    """Give back what a debit held, with the entry's id; a credit held nothing."""
    if asked.direction is Direction.CREDIT:
        return (), None
    postings = move(
        asked.amount, debit=owned(HELD, wallet.wallet_id), credit=owned(CASH, wallet.wallet_id)
    )
    entry = Entry(ADJUSTMENT_RELEASE_RULE, 1, effective_on, postings)
    released = AdjustmentReleased(wallet.wallet_id, asked.request_id, asked.amount, entry)
    return (released,), wallet.next_entry
