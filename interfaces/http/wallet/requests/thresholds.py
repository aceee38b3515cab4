"""Up to which amount staff approve what they entered themselves."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field

from application.permissions import Permission
from application.wallet.requests.deciding import SetApprovalThreshold, ThresholdResult
from application.wallet.requests.step_up import SetStepUpThreshold
from domain.kernel.money import AMOUNT_MINOR_MAX, Money
from interfaces.http.routing.command import Asked, CommandRoute
from interfaces.http.routing.query import Answer, QueryRoute, Question, Standing
from interfaces.http.wallet.requests.seeing import REQUESTS
from interfaces.http.wire.fields import Body, CurrencyCode
from interfaces.http.wire.money import MoneyView, money
from projections.wallet import requests, step_up

STEP_UP = "wallet_step_up"


class ThresholdAmount(Body):
    """An amount in whole minor units, or nothing."""

    minor: Annotated[int, Field(ge=0, le=AMOUNT_MINOR_MAX, examples=[50_000])]
    currency: CurrencyCode


class ThresholdBody(Body):
    """Money in or out of more than `above` needs two people; 0 asks for two always."""

    above: ThresholdAmount


class StepUpBody(Body):
    """Customers say their password again before they ask for more than `above` to be paid out."""

    above: ThresholdAmount


class ThresholdView(BaseModel):
    """The threshold of one currency."""

    above: MoneyView
    set_at: datetime


class ThresholdsView(BaseModel):
    """All thresholds of one kind."""

    items: list[ThresholdView]


def _set(asked: Asked[ThresholdBody]) -> SetApprovalThreshold:
    above = asked.body.above
    return SetApprovalThreshold(Money(above.minor, above.currency))


def _set_step_up(asked: Asked[StepUpBody]) -> SetStepUpThreshold:
    above = asked.body.above
    return SetStepUpThreshold(Money(above.minor, above.currency))


async def _thresholds(question: Question[Standing]) -> Answer:
    async with question.view(REQUESTS) as view:
        rows = await requests.thresholds(view.connection, question.exchange.principal.tenant_id)
    return Answer({"items": [_told(row) for row in rows]}, view.position)


async def _step_up_thresholds(question: Question[Standing]) -> Answer:
    async with question.view(STEP_UP) as view:
        rows = await step_up.thresholds(view.connection, question.exchange.principal.tenant_id)
    return Answer({"items": [_told(row) for row in rows]}, view.position)


def _told(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"above": money(row["above"], row["currency"]), "set_at": row["set_at"]}


SET = CommandRoute(
    "/api/wallet/approval-thresholds",
    SetApprovalThreshold,
    ThresholdBody,
    _set,
    permission=Permission.WALLET_SET_THRESHOLD,
    result=ThresholdResult,
    summary="Set above which amount two people are needed",
    moves_money=False,
    staff_only=True,
)

SET_STEP_UP = CommandRoute(
    "/api/wallet/step-up-thresholds",
    SetStepUpThreshold,
    StepUpBody,
    _set_step_up,
    permission=Permission.WALLET_SET_THRESHOLD,
    result=ThresholdResult,
    summary="Set above which withdrawal a customer says their password again",
    moves_money=False,
    staff_only=True,
)

LIST = QueryRoute(
    "/api/wallet/approval-thresholds",
    Standing,
    _thresholds,
    permission=Permission.WALLET_READ,
    result=ThresholdsView,
    summary="See above which amounts two people are needed",
    name="wallet_approval_thresholds",
    staff_only=True,
)

LIST_STEP_UP = QueryRoute(
    "/api/wallet/step-up-thresholds",
    Standing,
    _step_up_thresholds,
    permission=Permission.WALLET_READ,
    result=ThresholdsView,
    summary="See above which withdrawals a customer says their password again",
    name="wallet_step_up_thresholds",
    staff_only=True,
)
