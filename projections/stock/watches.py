"""Who waits for which variant: customers and guests who confirmed."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Column, Text, bindparam, select

from domain.kernel.events import Recorded
from domain.stock.watch_events import WatchBegun, WatchConfirmed, WatchEnded, WatcherNotified
from projections.query import Connection, Query
from projections.read_model import Delete, Operation, ReadModel, ReadTable, Upsert

WAITING = ReadTable(
    "stock_watches_v1",
    Column("variant_id", Text(collation="C"), primary_key=True),
    Column("watcher_id", Text(collation="C"), primary_key=True),
)


def _begun(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    return (Upsert(WAITING, (event.variant_id, event.watcher_id)),)


def _over(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    return (Delete(WAITING, (event.variant_id, event.watcher_id)),)


STOCK_WATCHES = ReadModel(
    "stock_watches",
    1,
    (WAITING,),
    {
        WatchBegun: _begun,
        WatchConfirmed: _begun,
        WatcherNotified: _over,
        WatchEnded: _over,
    },
)

_WAITING = WAITING.table.c
_OF_VARIANT = Query(
    select(_WAITING.watcher_id)
    .where(
        _WAITING.tenant_id == bindparam("tenant_id"),
        _WAITING.variant_id == bindparam("variant_id"),
        _WAITING.watcher_id > bindparam("after"),
    )
    .order_by(_WAITING.watcher_id)
    .limit(bindparam("limit"))
)


async def watchers(
    connection: Connection, tenant_id: object, variant_id: str, *, after: str = "", limit: int
) -> list[str]:
    """Give some of those who wait for a variant, by id."""
    rows = await _OF_VARIANT.tuples(
        connection, tenant_id=tenant_id, variant_id=variant_id, after=after, limit=limit
    )
    return [row[0] for row in rows]
