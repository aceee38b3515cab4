"""Limits: what people of a level may move, who is on which, and what is left of it."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, Field

from application.permissions import Permission
from application.wallet.limits import LevelResult, LimitsResult, SetLevel, SetLimits
from domain.kernel.money import AMOUNT_MINOR_MAX
from domain.wallet.limits.limits import LEVEL_PATTERN, STANDARD, LimitKind
from interfaces.http.ledger.days import CHART, today
from interfaces.http.routing.command import Asked, CommandRoute
from interfaces.http.routing.query import Answer, QueryRoute, Question, Standing
from interfaces.http.wallet.balances import READ_MODEL, reached
from interfaces.http.wire.fields import Body, CurrencyCode, CustomerId
from interfaces.http.wire.money import MoneyView, money
from projections.wallet import limits

LIMITS_MODEL = "wallet_limits"
MOST = ("per_transaction", "per_day", "per_month")

Level = Annotated[str, Field(pattern=f"^{LEVEL_PATTERN.pattern}$", examples=["standard"])]
Minor = Annotated[int, Field(ge=0, le=AMOUNT_MINOR_MAX, examples=[500_000])]


class LimitsBody(Body):
    """What a level may move in one way, in minor units; what is left away is not limited."""

    kind: Annotated[LimitKind, Field(strict=False)]
    currency: CurrencyCode
    level: Level = STANDARD
    per_transaction_minor: Minor | None = None
    per_day_minor: Minor | None = None
    per_month_minor: Minor | None = None


class LevelBody(Body):
    """Whom to put on which level."""

    owner: CustomerId
    level: Level


class LimitView(BaseModel):
    """What a level may move in one way; null is no limit."""

    level: str = Field(examples=["standard"])
    currency: str = Field(examples=["TRY"])
    kind: LimitKind
    per_transaction: MoneyView | None
    per_day: MoneyView | None
    per_month: MoneyView | None


class LimitsView(BaseModel):
    """All limits of the tenant."""

    items: list[LimitView]
    next_cursor: str | None


class PeriodView(BaseModel):
    """A limit, what was used of it, and what is left; null is no limit."""

    limit: MoneyView | None
    used: MoneyView
    left: MoneyView | None


class LeftView(BaseModel):
    """What is left in one way."""

    kind: LimitKind
    per_transaction: MoneyView | None
    day: PeriodView
    month: PeriodView


class WalletLimitsView(BaseModel):
    """The limits of a wallet's owner; ways that are not limited do not appear."""

    wallet_id: str
    level: str = Field(examples=["standard"])
    today: date
    items: list[LeftView]


def _set(asked: Asked[LimitsBody]) -> SetLimits:
    body = asked.body
    return SetLimits(
        body.kind,
        body.currency,
        body.level,
        body.per_transaction_minor,
        body.per_day_minor,
        body.per_month_minor,
    )


def _set_level(asked: Asked[LevelBody]) -> SetLevel:
    return SetLevel(asked.body.owner, asked.body.level)


async def _limits(question: Question[Standing]) -> Answer:
    async with question.view(LIMITS_MODEL) as view:
        rows = await limits.limits(view.connection, question.exchange.principal.tenant_id)
    return Answer({"items": [_told(row) for row in rows], "next_cursor": None}, view.position)


async def _left(question: Question[Standing]) -> Answer:
    """Days and months are the tenant's; released holds give nothing of their limit back."""
    tenant_id = question.exchange.principal.tenant_id
    async with question.view(READ_MODEL, LIMITS_MODEL, CHART) as view:
        wallet = await reached(view, question.exchange, question.path["wallet_id"])
        now = await today(view, tenant_id)
        level, rows = await limits.standing_of(
            view.connection, tenant_id, wallet["owner"], currency=wallet["currency"], today=now
        )
    answer = {
        "wallet_id": wallet["wallet_id"],
        "level": level,
        "today": now,
        "items": [_standing(row) for row in rows if _limited(row)],
    }
    return Answer(answer, view.position)


def _told(row: Mapping[str, Any]) -> dict[str, Any]:
    currency = row["currency"]
    return {name: row[name] for name in ("level", "currency", "kind")} | {
        name: _or_none(row[name], currency) for name in MOST
    }


def _limited(row: Mapping[str, Any]) -> bool:
    return any(row[name] is not None for name in MOST)


def _standing(row: Mapping[str, Any]) -> dict[str, Any]:
    currency = row["currency"]
    return {
        "kind": row["kind"],
        "per_transaction": _or_none(row["per_transaction"], currency),
        "day": _period(row["per_day"], row["used_of_day"], currency),
        "month": _period(row["per_month"], row["used_of_month"], currency),
    }


def _period(limit: int | None, used: int, currency: str) -> dict[str, Any]:
    left = None if limit is None else max(limit - used, 0)
    return {
        "limit": _or_none(limit, currency),
        "used": money(used, currency),
        "left": _or_none(left, currency),
    }


def _or_none(minor: int | None, currency: str) -> dict[str, Any] | None:
    return None if minor is None else money(minor, currency)


SET = CommandRoute(
    "/api/wallet/limits",
    SetLimits,
    LimitsBody,
    _set,
    permission=Permission.WALLET_LIMITS,
    result=LimitsResult,
    summary="Say what people of a level may move in one way",
    status=200,
    moves_money=False,
    staff_only=True,
)

SET_LEVEL = CommandRoute(
    "/api/wallet/levels",
    SetLevel,
    LevelBody,
    _set_level,
    permission=Permission.WALLET_LIMITS,
    result=LevelResult,
    summary="Put a customer on a level of limits",
    status=200,
    moves_money=False,
    staff_only=True,
)

LIMITS = QueryRoute(
    "/api/wallet/limits",
    Standing,
    _limits,
    permission=Permission.WALLET_READ,
    result=LimitsView,
    summary="See all limits",
    name="wallet_limits",
    staff_only=True,
)

LEFT = QueryRoute(
    "/api/wallet/{wallet_id}/limits",
    Standing,
    _left,
    permission=Permission.WALLET_READ,
    result=WalletLimitsView,
    summary="See what is left of a wallet's limits",
    name="wallet_limits_left",
)
