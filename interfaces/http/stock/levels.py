"""What stands where, what runs out, and how stock is handled."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from pydantic import BaseModel, Field

from application.permissions import Permission
from application.stock.moving import SetStockPolicy, StockResult
from domain.stock.stock import QUANTITY_MAX, Level, Policy
from interfaces.http.routing.command import Asked, CommandRoute
from interfaces.http.routing.pages import Page, cursor_of, page_of, place_of
from interfaces.http.routing.query import Answer, QueryRoute, Question
from interfaces.http.stock.shapes import LEVELS, LocationId, VariantId, stream_of_place
from interfaces.http.wire.fields import Body
from projections.stock import levels

COVER_DECIMALS = 1


class PolicyBody(Body):
    """How stock is handled: `safety` units are never sold, at `low_at` available ones it is low.

    With `backorder` more is sold than there is: up to `backorder_limit` units, or (null) any.
    """

    safety: Annotated[int, Field(ge=0, le=QUANTITY_MAX, examples=[2])] = 0
    low_at: Annotated[int, Field(ge=0, le=QUANTITY_MAX, examples=[5])] = 0
    backorder: bool = False
    backorder_limit: Annotated[int, Field(ge=0, le=QUANTITY_MAX)] | None = None


class StockView(BaseModel):
    """A variant at a location. `available` is on hand, not reserved and no safety stock."""

    variant_id: str
    location_id: str
    product_id: str | None
    sku: str | None
    on_hand: int
    reserved: int
    safety: int
    low_at: int
    backorder: bool
    backorder_limit: int | None
    available: int
    level: str = Field(examples=["in"], description="in, low or out")
    version: int


class AlertView(StockView):
    """What runs out. `days_of_cover` tells how long it lasts at the pace of the last 28 days."""

    crossed_at: datetime
    sold_28_days: int
    days_of_cover: float | None = Field(description="null where nothing was sold", examples=[3.5])


class StocksView(BaseModel):
    """A page of stock."""

    items: list[StockView]
    next_cursor: str | None


class AlertsView(BaseModel):
    """A page of alerts."""

    items: list[AlertView]
    next_cursor: str | None


class StocksParams(Page):
    """Which stock."""

    variant_id: VariantId | None = None
    location_id: LocationId | None = None
    level: Annotated[Level | None, Field(description="in, low or out")] = None


def _after(params: Page) -> tuple[str, str]:
    if params.cursor is None:
        return "", ""
    variant_id, location_id = place_of(params.cursor, str, str)
    return variant_id, location_id


def _place(row: Mapping[str, Any]) -> str:
    return cursor_of(row["variant_id"], row["location_id"])


def _told(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in StockView.model_fields}


def _alert(row: Mapping[str, Any]) -> dict[str, Any]:
    sold = int(row["sold"])
    cover = None
    if sold:
        cover = round(max(row["available"], 0) * levels.COVER_DAYS / sold, COVER_DECIMALS)
    told = _told(row) | {"crossed_at": row["crossed_at"]}
    return told | {"sold_28_days": sold, "days_of_cover": cover}


async def _stocks(question: Question[StocksParams]) -> Answer:
    params = question.params
    async with question.view(LEVELS) as view:
        rows = await levels.levels(
            view.connection,
            question.exchange.principal.tenant_id,
            variant_id=params.variant_id,
            location_id=params.location_id,
            level=params.level,
            after=_after(params),
            limit=params.limit + 1,
        )
    return Answer(page_of(rows, params.limit, item=_told, place=_place), view.position)


async def _alerts(question: Question[Page]) -> Answer:
    """Tell what is low or out now: one alert for each crossing, however many sell after it."""
    params = question.params
    today = datetime.now(UTC).date()
    async with question.view(LEVELS) as view:
        rows = await levels.alerts(
            view.connection,
            question.exchange.principal.tenant_id,
            since=today - timedelta(days=levels.COVER_DAYS),
            after=_after(params),
            limit=params.limit + 1,
        )
    return Answer(page_of(rows, params.limit, item=_alert, place=_place), view.position)


def _set_policy(asked: Asked[PolicyBody]) -> SetStockPolicy:
    path, body = asked.path, asked.body
    policy = Policy(body.safety, body.low_at, body.backorder, body.backorder_limit)
    return SetStockPolicy(path["variant_id"], path["location_id"], policy)


LIST = QueryRoute(
    "/api/admin/stock",
    StocksParams,
    _stocks,
    permission=Permission.STOCK_READ,
    result=StocksView,
    summary="See what stands where",
    name="stock_levels",
    staff_only=True,
)

ALERTS = QueryRoute(
    "/api/admin/stock/alerts",
    Page,
    _alerts,
    permission=Permission.STOCK_READ,
    result=AlertsView,
    summary="See what is low or out, and how long it lasts",
    name="stock_alerts",
    staff_only=True,
)

SET_POLICY = CommandRoute(
    "/api/admin/stock/{variant_id}/{location_id}/policy",
    SetStockPolicy,
    PolicyBody,
    _set_policy,
    permission=Permission.STOCK_MANAGE,
    result=StockResult,
    summary="Set safety stock, the low threshold and backorders",
    method="PUT",
    status=200,
    moves_money=False,
    staff_only=True,
    guards=stream_of_place,
)
