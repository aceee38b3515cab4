"""Stock-takes and what was counted."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import BigInteger, Column, DateTime, Integer, Text, bindparam, select

from domain.kernel.events import Recorded
from domain.stock.stock_take_events import (
    StockCounted,
    StockTakeCancelled,
    StockTakeClosed,
    StockTakeStarted,
)
from projections.query import Connection, Query
from projections.read_model import Increment, Insert, Operation, ReadModel, ReadTable, Upsert

OPEN, CLOSED, CANCELLED = "open", "closed", "cancelled"

TAKES = ReadTable(
    "stock_takes_v1",
    Column("stock_take_id", Text(collation="C"), primary_key=True),
    Column("location_id", Text(collation="C"), nullable=False),
    Column("started_at", DateTime(timezone=True), nullable=False),
    Column("status", Text, nullable=False),
    Column("ended_at", DateTime(timezone=True)),
    Column("differing", Integer),
    latest=("status", "ended_at", "differing"),
)
COUNTS = ReadTable(
    "stock_take_counts_v1",
    Column("stock_take_id", Text(collation="C"), primary_key=True),
    Column("variant_id", Text(collation="C"), primary_key=True),
    Column("counted", BigInteger, nullable=False),
    Column("expected", BigInteger, nullable=False),
    Column("counted_at", DateTime(timezone=True), nullable=False),
)


def _started(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    row = (event.stock_take_id, event.location_id, recorded.recorded_at, OPEN, None, None)
    return (Insert(TAKES, row),)


def _counted(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    return [
        Upsert(
            COUNTS,
            (
                event.stock_take_id,
                count.variant_id,
                count.counted,
                count.expected,
                recorded.recorded_at,
            ),
        )
        for count in event.counts
    ]


def _closed(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    told = (CLOSED, recorded.recorded_at, event.differing)
    return (Increment(TAKES, (event.stock_take_id,), (), told),)


def _cancelled(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    told = (CANCELLED, recorded.recorded_at, None)
    return (Increment(TAKES, (event.stock_take_id,), (), told),)


STOCK_TAKES = ReadModel(
    "stock_takes",
    1,
    (TAKES, COUNTS),
    {
        StockTakeStarted: _started,
        StockCounted: _counted,
        StockTakeClosed: _closed,
        StockTakeCancelled: _cancelled,
    },
)

_TAKE, _COUNT = TAKES.table.c, COUNTS.table.c
_PAGE = Query(
    select(TAKES.table)
    .where(_TAKE.tenant_id == bindparam("tenant_id"), _TAKE.stock_take_id > bindparam("after"))
    .order_by(_TAKE.stock_take_id)
    .limit(bindparam("limit"))
)
_ONE = Query(
    select(TAKES.table).where(
        _TAKE.tenant_id == bindparam("tenant_id"),
        _TAKE.stock_take_id == bindparam("stock_take_id"),
    )
)
_COUNTS_OF = Query(
    select(COUNTS.table)
    .where(
        _COUNT.tenant_id == bindparam("tenant_id"),
        _COUNT.stock_take_id == bindparam("stock_take_id"),
    )
    .order_by(_COUNT.variant_id)
)


async def stock_takes(
    connection: Connection, tenant_id: object, *, after: str, limit: int
) -> list[dict[str, Any]]:
    """Give a page of stock-takes by id."""
    return await _PAGE.all(connection, tenant_id=tenant_id, after=after, limit=limit)


async def stock_take(
    connection: Connection, tenant_id: object, stock_take_id: str
) -> dict[str, Any] | None:
    """Give one stock-take with its `counts` by variant, or None."""
    of = {"tenant_id": tenant_id, "stock_take_id": stock_take_id}
    row = await _ONE.one(connection, **of)
    if row is not None:
        row["counts"] = await _COUNTS_OF.all(connection, **of)
    return row
