"""A customer asks for money to be credited; nothing is before staff approve."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import ClassVar

from domain.kernel.events import Personal
from domain.kernel.money import Money
from domain.wallet import topups
from domain.wallet.events import FundsToppedUp
from domain.wallet.requests.approvals import Approver, check_approval
from domain.wallet.requests.events import (
    TopUpApproved,
    TopUpCancelled,
    TopUpRejected,
    TopUpRequested,
    TopUpRequestEvent,
    TopUpRequestExpired,
)
from domain.wallet.requests.stages import Stage, check_due, check_pending, end_of_waiting
from domain.wallet.wallet import Wallet, check_amount


@dataclass(frozen=True, slots=True)
class TopUpRequest:
    """A request for money in; only a pending one can still change."""

    CATEGORY: ClassVar[str] = "top_up_request"
    FOLD_VERSION: ClassVar[int] = 1

    request_id: str
    wallet_id: str
    amount: Money
    requested_by: str
    expires_at: datetime
    stage: Stage

    @classmethod
    def evolve(cls, state: "TopUpRequest | None", event: TopUpRequestEvent) -> "TopUpRequest":
        if isinstance(event, TopUpRequested):
            return cls(
                event.request_id,
                event.wallet_id,
                event.amount,
                event.requested_by,
                event.expires_at,
                Stage.PENDING,
            )
        assert state is not None
        return replace(state, stage=_STAGES[type(event)])


_STAGES: dict[type[TopUpRequestEvent], Stage] = {
    TopUpApproved: Stage.APPROVED,
    TopUpRejected: Stage.REJECTED,
    TopUpCancelled: Stage.CANCELLED,
    TopUpRequestExpired: Stage.EXPIRED,
}


def request(  # noqa: PLR0913 - the fields of a request
    wallet: Wallet,
    amount: Money,
    *,
    request_id: str,
    reference: Personal | None,
    requested_by: str,
    at: datetime,
    expires_at: datetime | None,
) -> tuple[TopUpRequested, ...]:
    """Ask for a wallet to be credited."""
    check_amount(wallet, amount)
    return (
        TopUpRequested(
            request_id,
            wallet.wallet_id,
            wallet.owner,
            amount,
            reference,
            requested_by,
            end_of_waiting(expires_at, at),
        ),
    )


def approve(
    asked: TopUpRequest, wallet: Wallet, approver: Approver, *, source: str, effective_on: date
) -> tuple[FundsToppedUp | TopUpApproved, ...]:
    """Credit the wallet with what reached the tenant on `source`, such as `bank`."""
    check_pending(asked.stage)
    check_approval(asked, approver)
    credited = topups.top_up(
        wallet,
        asked.amount,
        top_up_id=asked.request_id,
        source=source,
        effective_on=effective_on,
        note=None,
    )
    approved = TopUpApproved(asked.request_id, asked.amount, approver.staff_id, wallet.next_entry)
    return (*credited, approved)


def reject(
    asked: TopUpRequest, *, rejected_by: str, reason: Personal | None
) -> tuple[TopUpRejected, ...]:
    """Say no."""
    check_pending(asked.stage)
    return (TopUpRejected(asked.request_id, rejected_by, reason),)


def cancel(asked: TopUpRequest, *, cancelled_by: str) -> tuple[TopUpCancelled, ...]:
    """Take a request back."""
    check_pending(asked.stage)
    return (TopUpCancelled(asked.request_id, cancelled_by),)


def expire(asked: TopUpRequest, *, at: datetime) -> tuple[TopUpRequestExpired, ...]:
    """End a request that nobody decided in time."""
    check_pending(asked.stage)
    check_due(asked.expires_at, at)
    return (TopUpRequestExpired(asked.request_id),)
