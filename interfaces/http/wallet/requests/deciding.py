"""Approve and reject requests, and tell what the bank did with a withdrawal."""

from application.permissions import Permission
from application.wallet.requests.deciding import ApproveRequest, RejectRequest
from application.wallet.requests.finding import RequestResult
from application.wallet.requests.payouts import BounceWithdrawal, PayWithdrawal
from interfaces.http.routing.command import Asked, CommandRoute
from interfaces.http.wire.fields import AccountCode, Body, Day, Text


class ApproveBody(Body):
    """The day on which it counts, and of a top-up the account on which the money came (`bank`)."""

    source: AccountCode | None = None
    effective_on: Day | None = None


class RejectBody(Body):
    """Why not."""

    reason: Text | None = None


class PaidBody(Body):
    """Out of which account, how the bank calls it, and the day on which it counts."""

    account: AccountCode = "bank"
    bank_reference: Text | None = None
    effective_on: Day | None = None


class BouncedBody(Body):
    """Why, and the day on which it counts."""

    reason: Text | None = None
    effective_on: Day | None = None


def _approve(asked: Asked[ApproveBody]) -> ApproveRequest:
    body = asked.body
    return ApproveRequest(asked.path["request_id"], body.source, body.effective_on)


def _reject(asked: Asked[RejectBody]) -> RejectRequest:
    return RejectRequest(asked.path["request_id"], asked.body.reason)


def _paid(asked: Asked[PaidBody]) -> PayWithdrawal:
    body = asked.body
    return PayWithdrawal(
        asked.path["request_id"], body.account, body.bank_reference, body.effective_on
    )


def _bounced(asked: Asked[BouncedBody]) -> BounceWithdrawal:
    body = asked.body
    return BounceWithdrawal(asked.path["request_id"], body.reason, body.effective_on)


APPROVE = CommandRoute(
    "/api/wallet/requests/{request_id}/approve",
    ApproveRequest,
    ApproveBody,
    _approve,
    permission=Permission.WALLET_APPROVE,
    result=RequestResult,
    summary="Approve a request that another staff member entered",
    staff_only=True,
)

REJECT = CommandRoute(
    "/api/wallet/requests/{request_id}/reject",
    RejectRequest,
    RejectBody,
    _reject,
    permission=Permission.WALLET_APPROVE,
    result=RequestResult,
    summary="Reject a request",
    staff_only=True,
)

PAID = CommandRoute(
    "/api/wallet/requests/{request_id}/paid",
    PayWithdrawal,
    PaidBody,
    _paid,
    permission=Permission.WALLET_APPROVE,
    result=RequestResult,
    summary="Note that an approved withdrawal was paid out",
    staff_only=True,
)

BOUNCED = CommandRoute(
    "/api/wallet/requests/{request_id}/bounced",
    BounceWithdrawal,
    BouncedBody,
    _bounced,
    permission=Permission.WALLET_APPROVE,
    result=RequestResult,
    summary="Note that the bank did not take a withdrawal, or sent it back",
    staff_only=True,
)
