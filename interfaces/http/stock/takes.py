"""Stock-takes: count what is there, let the books follow."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field

from application.permissions import Permission
from application.stock.counting import (
    CancelStockTake,
    CloseStockTake,
    Counted,
    CountStock,
    StartStockTake,
    StockTakeResult,
)
from domain.stock.events import MAIN_LOCATION
from domain.stock.stock import QUANTITY_MAX
from domain.stock.stock_takes import COUNTS_AT_ONCE_MAX, StockTakeNotFound
from interfaces.http.routing.command import Asked, CommandRoute
from interfaces.http.routing.pages import Page, listed
from interfaces.http.routing.query import Answer, QueryRoute, Question, Standing
from interfaces.http.stock.shapes import TAKES, LocationId, NoBody, StockTakeId, VariantId
from interfaces.http.wire.fields import Body
from projections.stock import takes

PATH = "/api/admin/stock/takes"
ONE_PATH = f"{PATH}/{{stock_take_id}}"


class StartBody(Body):
    """Where to count; `stock_take_id` may be an id of yours."""

    location_id: LocationId = MAIN_LOCATION
    stock_take_id: StockTakeId | None = None


class CountedBody(Body):
    """So many units of a variant lie there."""

    variant_id: VariantId
    quantity: Annotated[int, Field(ge=0, le=QUANTITY_MAX, examples=[12])]


class CountsBody(Body):
    """What was counted; a variant that is counted again has the last count."""

    counts: Annotated[list[CountedBody], Field(min_length=1, max_length=COUNTS_AT_ONCE_MAX)]


class TakeView(BaseModel):
    """A stock-take; `differing` variants had another number when it was closed."""

    stock_take_id: str
    location_id: str
    status: str = Field(examples=["open"], description="open, closed or cancelled")
    started_at: datetime
    ended_at: datetime | None
    differing: int | None


class CountView(BaseModel):
    """A count, what the books had at that moment, and by how much they differ."""

    variant_id: str
    counted: int
    expected: int
    difference: int
    counted_at: datetime


class TakeDetailView(TakeView):
    """A stock-take and its counts."""

    counts: list[CountView]


class TakesView(BaseModel):
    """A page of stock-takes."""

    items: list[TakeView]
    next_cursor: str | None


def _start(asked: Asked[StartBody]) -> StartStockTake:
    return StartStockTake(asked.body.location_id, asked.body.stock_take_id)


def _count(asked: Asked[CountsBody]) -> CountStock:
    counts = tuple(Counted(one.variant_id, one.quantity) for one in asked.body.counts)
    return CountStock(asked.path["stock_take_id"], counts)


def _close(asked: Asked[NoBody]) -> CloseStockTake:
    return CloseStockTake(asked.path["stock_take_id"])


def _cancel(asked: Asked[NoBody]) -> CancelStockTake:
    return CancelStockTake(asked.path["stock_take_id"])


def _told(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in TakeView.model_fields}


def _count_told(row: Mapping[str, Any]) -> dict[str, Any]:
    names = ("variant_id", "counted", "expected", "counted_at")
    told = {name: row[name] for name in names}
    return told | {"difference": row["counted"] - row["expected"]}


async def _takes(question: Question[Page]) -> Answer:
    return await listed(question, TAKES, takes.stock_takes, by="stock_take_id", item=_told)


async def _take(question: Question[Standing]) -> Answer:
    async with question.view(TAKES) as view:
        row = await takes.stock_take(
            view.connection,
            question.exchange.principal.tenant_id,
            question.path["stock_take_id"],
        )
    if row is None:
        raise StockTakeNotFound("there is no such stock-take")
    counts = [_count_told(one) for one in row["counts"]]
    return Answer({**_told(row), "counts": counts}, view.position)


START = CommandRoute(
    PATH,
    StartStockTake,
    StartBody,
    _start,
    permission=Permission.STOCK_MANAGE,
    result=StockTakeResult,
    summary="Begin to count a location",
    staff_only=True,
)

COUNT = CommandRoute(
    f"{ONE_PATH}/counts",
    CountStock,
    CountsBody,
    _count,
    permission=Permission.STOCK_MANAGE,
    result=StockTakeResult,
    summary="Note what was counted",
    staff_only=True,
)

CLOSE = CommandRoute(
    f"{ONE_PATH}/close",
    CloseStockTake,
    NoBody,
    _close,
    permission=Permission.STOCK_MANAGE,
    result=StockTakeResult,
    summary="Let the differences become movements",
    staff_only=True,
)

CANCEL = CommandRoute(
    f"{ONE_PATH}/cancel",
    CancelStockTake,
    NoBody,
    _cancel,
    permission=Permission.STOCK_MANAGE,
    result=StockTakeResult,
    summary="Throw away what was counted",
    staff_only=True,
)

LIST = QueryRoute(
    PATH,
    Page,
    _takes,
    permission=Permission.STOCK_READ,
    result=TakesView,
    summary="List stock-takes",
    name="stock_takes",
    staff_only=True,
)

ONE = QueryRoute(
    ONE_PATH,
    Standing,
    _take,
    permission=Permission.STOCK_READ,
    result=TakeDetailView,
    summary="See a stock-take and its counts",
    name="stock_take",
    staff_only=True,
)
