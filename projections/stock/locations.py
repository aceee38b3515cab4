"""Locations, in the order in which they are asked for stock."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Column, Integer, Text, bindparam, select

from domain.kernel.events import Recorded
from domain.stock.events import (
    MAIN_LOCATION,
    LocationOpened,
    LocationRenamed,
    LocationsRanked,
)
from projections.query import Connection, Query
from projections.read_model import Operation, ReadModel, ReadTable, Upsert

NAMES = ReadTable(
    "stock_location_names_v1",
    Column("location_id", Text(collation="C"), primary_key=True),
    Column("name", Text, nullable=False),
)
RANKS = ReadTable(
    "stock_location_ranks_v1",
    Column("location_id", Text(collation="C"), primary_key=True),
    Column("rank", Integer, nullable=False),
)


def _named(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    return (Upsert(NAMES, (event.location_id, event.name)),)


def _ranked(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    return [Upsert(RANKS, (location, rank)) for rank, location in enumerate(event.location_ids)]


STOCK_LOCATIONS = ReadModel(
    "stock_locations",
    1,
    (NAMES, RANKS),
    {LocationOpened: _named, LocationRenamed: _named, LocationsRanked: _ranked},
)

_NAME, _RANK = NAMES.table.c, RANKS.table.c
_NAMES = Query(
    select(_NAME.location_id, _NAME.name).where(_NAME.tenant_id == bindparam("tenant_id"))
)
_RANKED = Query(
    select(_RANK.location_id).where(_RANK.tenant_id == bindparam("tenant_id")).order_by(_RANK.rank)
)


async def locations(connection: Connection, tenant_id: object) -> list[dict[str, Any]]:
    """Give all locations in their order; where none was opened there is the main one alone."""
    ranked = await _RANKED.tuples(connection, tenant_id=tenant_id) or [(MAIN_LOCATION,)]
    names = dict(await _NAMES.tuples(connection, tenant_id=tenant_id))
    return [{"location_id": one, "name": names.get(one, one)} for (one,) in ranked]
