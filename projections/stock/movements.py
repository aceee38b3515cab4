"""Every movement of stock, in the order in which they happened."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import BigInteger, Column, DateTime, Index, Text, bindparam, func, select

from domain.kernel.events import Recorded
from domain.stock.events import StockMoved
from projections.query import Connection, Query
from projections.read_model import Insert, Operation, ReadModel, ReadTable

MOVEMENTS = ReadTable(
    "stock_movements_v1",
    Column("position", BigInteger, primary_key=True),
    Column("movement_id", Text(collation="C"), nullable=False),
    Column("variant_id", Text(collation="C"), nullable=False),
    Column("location_id", Text(collation="C"), nullable=False),
    Column("quantity", BigInteger, nullable=False),
    Column("reason", Text, nullable=False),
    Column("reference", Text),
    Column("moved_at", DateTime(timezone=True), nullable=False),
    Index("stock_movements_v1_variant", "tenant_id", "variant_id", "position"),
    append_only=True,
)
"""A transfer has two rows with the same `movement_id`."""


def _moved(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    row = (
        recorded.position,
        event.movement_id,
        event.variant_id,
        event.location_id,
        event.quantity,
        event.reason,
        event.reference,
        recorded.recorded_at,
    )
    return (Insert(MOVEMENTS, row),)


STOCK_MOVEMENTS = ReadModel("stock_movements", 1, (MOVEMENTS,), {StockMoved: _moved})

_MOVEMENT = MOVEMENTS.table.c
_PAGE = (
    select(MOVEMENTS.table)
    .where(
        _MOVEMENT.tenant_id == bindparam("tenant_id"),
        _MOVEMENT.position < bindparam("before"),
        func.coalesce(bindparam("location_id", type_=Text), _MOVEMENT.location_id)
        == _MOVEMENT.location_id,
    )
    .order_by(_MOVEMENT.position.desc())
    .limit(bindparam("limit"))
)
_ALL = Query(_PAGE)
_OF_VARIANT = Query(_PAGE.where(_MOVEMENT.variant_id == bindparam("variant_id")))


async def movements(  # noqa: PLR0913 - the parts of a page
    connection: Connection,
    tenant_id: object,
    *,
    variant_id: str | None,
    location_id: str | None,
    before: int,
    limit: int,
) -> list[dict[str, Any]]:
    """Give a page of movements, newest first: of all variants or of one."""
    asked: dict[str, Any] = {
        "tenant_id": tenant_id,
        "location_id": location_id,
        "before": before,
        "limit": limit,
    }
    if variant_id is None:
        return await _ALL.all(connection, **asked)
    return await _OF_VARIANT.all(connection, **asked, variant_id=variant_id)
