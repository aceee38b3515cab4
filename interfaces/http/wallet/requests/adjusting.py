"""Ask for a wallet to be adjusted."""

from typing import Annotated

from pydantic import Field

from application.permissions import Permission
from application.wallet.requests.adjusting import RequestAdjustment
from application.wallet.requests.finding import RequestResult
from domain.wallet.requests.adjustments import Direction, ReasonCode
from interfaces.http.routing.command import Asked, CommandRoute
from interfaces.http.wire.fields import Amount, Body, Moment, Text


class AdjustmentBody(Body):
    """What to give or to take, and why; at `expires_at` it waits no longer (30 days)."""

    amount: Amount
    direction: Annotated[
        Direction, Field(strict=False, description="Whether the wallet gets it, or loses it")
    ]
    reason_code: Annotated[ReasonCode, Field(strict=False)]
    reason: Text
    expires_at: Moment | None = None


def _adjust(asked: Asked[AdjustmentBody]) -> RequestAdjustment:
    body = asked.body
    return RequestAdjustment(
        asked.path["wallet_id"],
        body.amount.money(),
        body.direction,
        body.reason_code,
        body.reason,
        body.expires_at,
    )


ADJUST = CommandRoute(
    "/api/wallet/{wallet_id}/adjustment-requests",
    RequestAdjustment,
    AdjustmentBody,
    _adjust,
    permission=Permission.WALLET_ADJUST,
    result=RequestResult,
    summary="Ask for a wallet to be adjusted; what is to be taken is held at once",
    staff_only=True,
)
