"""Move stock, transfer it, see what moved."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field

from application.permissions import Permission
from application.stock.moving import (
    MovementResult,
    MoveStock,
    Moving,
    TransferResult,
    TransferStock,
)
from domain.stock.events import MAIN_LOCATION
from domain.stock.movements import Reason
from domain.stock.reservations import LINES_MAX
from domain.stock.stock import QUANTITY_MAX
from interfaces.http.edge.exchange import Exchange
from interfaces.http.routing.batch import Batch, BatchAnswer, BatchRoute
from interfaces.http.routing.command import Asked, CommandRoute
from interfaces.http.routing.pages import Page, cursor_of, page_of, place_of
from interfaces.http.routing.query import POSITION_MAX, Answer, QueryRoute, Question
from interfaces.http.stock.shapes import (
    MOVEMENTS,
    LocationId,
    Quantity,
    Reference,
    VariantId,
)
from interfaces.http.wire.fields import Body, IdempotencyKey
from projections.stock import movements


class MoveBody(Body):
    """What moved and why: received, returned, found (it came), damaged, lost (it went), corrected.

    Only a correction may be negative, where units are taken away.
    """

    variant_id: VariantId
    location_id: LocationId = MAIN_LOCATION
    quantity: Annotated[int, Field(ge=-QUANTITY_MAX, le=QUANTITY_MAX, examples=[5])]
    reason: Annotated[Reason, Field(strict=False, examples=["received"])]
    reference: Reference | None = None

    def command(self) -> MoveStock:
        """Give the command."""
        return MoveStock(
            self.variant_id, self.location_id, self.quantity, self.reason, self.reference
        )


class MoveItem(MoveBody):
    """A movement, and under which key."""

    key: IdempotencyKey | None = None


class MovingBody(Body):
    """So many units of a variant."""

    variant_id: VariantId
    quantity: Quantity


class TransferBody(Body):
    """What goes from one location to another: all lines or none."""

    from_location: LocationId = MAIN_LOCATION
    to_location: Annotated[LocationId, Field(examples=["loc_kadikoy"])]
    lines: Annotated[list[MovingBody], Field(min_length=1, max_length=LINES_MAX)]
    reference: Reference | None = None


class MovementView(BaseModel):
    """A movement. Both sides of a transfer have the same `movement_id`."""

    position: int
    movement_id: str
    variant_id: str
    location_id: str
    quantity: int
    reason: str
    reference: str | None
    moved_at: datetime


class MovementsView(BaseModel):
    """A page of movements, newest first."""

    items: list[MovementView]
    next_cursor: str | None


class MovementsParams(Page):
    """Which movements."""

    variant_id: VariantId | None = None
    location_id: LocationId | None = None


def _move(asked: Asked[MoveBody]) -> MoveStock:
    return asked.body.command()


def _move_item(item: MoveItem, _exchange: Exchange) -> MoveStock:
    return item.command()


def _transfer(asked: Asked[TransferBody]) -> TransferStock:
    body = asked.body
    lines = tuple(Moving(line.variant_id, line.quantity) for line in body.lines)
    return TransferStock(body.from_location, body.to_location, lines, body.reference)


def _told(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in MovementView.model_fields}


async def _movements(question: Question[MovementsParams]) -> Answer:
    params = question.params
    before = POSITION_MAX if params.cursor is None else place_of(params.cursor, int)[0]
    async with question.view(MOVEMENTS) as view:
        rows = await movements.movements(
            view.connection,
            question.exchange.principal.tenant_id,
            variant_id=params.variant_id,
            location_id=params.location_id,
            before=min(before, POSITION_MAX),
            limit=params.limit + 1,
        )
    page = page_of(rows, params.limit, item=_told, place=lambda row: cursor_of(row["position"]))
    return Answer(page, view.position)


MOVE = CommandRoute(
    "/api/admin/stock/movements",
    MoveStock,
    MoveBody,
    _move,
    permission=Permission.STOCK_MANAGE,
    result=MovementResult,
    summary="Let stock come or go, with a reason",
    staff_only=True,
)

MOVE_MANY = BatchRoute(
    "/api/admin/stock/movements/batch",
    MoveStock,
    Batch[MoveItem],
    _move_item,
    permission=Permission.STOCK_MANAGE,
    result=BatchAnswer[MovementResult],
    summary="Let much stock come or go",
    staff_only=True,
)

TRANSFER = CommandRoute(
    "/api/admin/stock/transfers",
    TransferStock,
    TransferBody,
    _transfer,
    permission=Permission.STOCK_MANAGE,
    result=TransferResult,
    summary="Transfer stock between locations",
    staff_only=True,
)

LIST = QueryRoute(
    "/api/admin/stock/movements",
    MovementsParams,
    _movements,
    permission=Permission.STOCK_READ,
    result=MovementsView,
    summary="See what moved, newest first",
    name="stock_movements",
    staff_only=True,
)
