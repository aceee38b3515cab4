"""Locations, in the order in which they are asked for stock; those that are closed come last."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Column, DateTime, Integer, Text, bindparam, select

from domain.kernel.events import Recorded
from domain.stock.events import (
    MAIN_LOCATION,
    LocationClosed,
    LocationOpened,
    LocationRenamed,
    LocationReopened,
    LocationsRanked,
)
from projections.query import Connection, Query
from projections.read_model import Delete, Operation, ReadModel, ReadTable, Upsert

NAMES = ReadTable(
    "stock_location_names_v2",
    Column("location_id", Text(collation="C"), primary_key=True),
    Column("name", Text, nullable=False),
)
RANKS = ReadTable(
    "stock_location_ranks_v2",
    Column("location_id", Text(collation="C"), primary_key=True),
    Column("rank", Integer, nullable=False),
)
CLOSED = ReadTable(
    "stock_location_closings_v2",
    Column("location_id", Text(collation="C"), primary_key=True),
    Column("closed_at", DateTime(timezone=True), nullable=False),
    Column("closed_reason", Text),
)


def _named(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    return (Upsert(NAMES, (event.location_id, event.name)),)


def _ranked(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    return [Upsert(RANKS, (location, rank)) for rank, location in enumerate(event.location_ids)]


def _closed(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    return (
        Delete(RANKS, (event.location_id,)),
        Upsert(CLOSED, (event.location_id, recorded.recorded_at, event.reason)),
    )


def _reopened(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    return (Delete(CLOSED, (event.location_id,)),)


STOCK_LOCATIONS = ReadModel(
    "stock_locations",
    2,
    (NAMES, RANKS, CLOSED),
    {
        LocationOpened: _named,
        LocationRenamed: _named,
        LocationsRanked: _ranked,
        LocationClosed: _closed,
        LocationReopened: _reopened,
    },
)

_NAME, _RANK, _CLOSED = NAMES.table.c, RANKS.table.c, CLOSED.table.c
_NAMES = Query(
    select(_NAME.location_id, _NAME.name).where(_NAME.tenant_id == bindparam("tenant_id"))
)
_RANKED = Query(
    select(_RANK.location_id).where(_RANK.tenant_id == bindparam("tenant_id")).order_by(_RANK.rank)
)
_SHUT = Query(
    select(_CLOSED.location_id, _CLOSED.closed_at, _CLOSED.closed_reason)
    .where(_CLOSED.tenant_id == bindparam("tenant_id"))
    .order_by(_CLOSED.closed_at.desc(), _CLOSED.location_id)
)


async def locations(connection: Connection, tenant_id: object) -> list[dict[str, Any]]:
    """Give the open locations in their order, then those that are closed, the last one first.

    Where none was opened there is the main one alone.
    """
    ranked = await _RANKED.tuples(connection, tenant_id=tenant_id) or [(MAIN_LOCATION,)]
    shut = await _SHUT.tuples(connection, tenant_id=tenant_id)
    names = dict(await _NAMES.tuples(connection, tenant_id=tenant_id))
    return [
        {
            "location_id": one,
            "name": names.get(one, one),
            "closed_at": closed_at,
            "closed_reason": reason,
        }
        for one, closed_at, reason in (*((one, None, None) for (one,) in ranked), *shut)
    ]
