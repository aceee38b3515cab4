"""Product types, as they are now."""

from collections.abc import Iterable
from typing import Any

import msgspec
from sqlalchemy import ARRAY, BigInteger, Column, Text, any_, bindparam, select
from sqlalchemy.dialects.postgresql import JSONB

from domain.catalog.sorting.events import ProductTypeDefined
from domain.kernel.events import Recorded
from projections.query import Connection, Query
from projections.read_model import Operation, ReadModel, ReadTable, Upsert

TYPES = ReadTable(
    "catalog_product_types_v1",
    Column("type_id", Text(collation="C"), primary_key=True),
    Column("names", JSONB, nullable=False),
    Column("attributes", JSONB, nullable=False),
    Column("version", BigInteger, nullable=False),
    latest=("names", "attributes", "version"),
)


def _defined(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    told = (msgspec.json.encode(one).decode() for one in (event.names, event.attributes))
    return (Upsert(TYPES, (event.type_id, *told, recorded.version)),)


CATALOG_PRODUCT_TYPES = ReadModel(
    "catalog_product_types", 1, (TYPES,), {ProductTypeDefined: _defined}
)

_TYPE = TYPES.table.c
_OF_TENANT = select(TYPES.table).where(_TYPE.tenant_id == bindparam("tenant_id"))
_ONE = Query(_OF_TENANT.where(_TYPE.type_id == bindparam("type_id")))
_SOME = Query(
    _OF_TENANT.where(_TYPE.type_id == any_(bindparam("ids", type_=ARRAY(Text(collation="C")))))
)
_PAGE = Query(
    _OF_TENANT.where(_TYPE.type_id > bindparam("after"))
    .order_by(_TYPE.type_id)
    .limit(bindparam("limit"))
)


async def product_type(
    connection: Connection, tenant_id: object, type_id: str
) -> dict[str, Any] | None:
    """Give one product type, or None."""
    return await _ONE.one(connection, tenant_id=tenant_id, type_id=type_id)


async def types_of(
    connection: Connection, tenant_id: object, ids: Iterable[str]
) -> dict[str, dict[str, Any]]:
    """Give product types by their ids, those that there are."""
    rows = await _SOME.all(connection, tenant_id=tenant_id, ids=list(ids))
    return {row["type_id"]: row for row in rows}


async def product_types(
    connection: Connection, tenant_id: object, *, after: str = "", limit: int
) -> list[dict[str, Any]]:
    """Give a page of product types by id."""
    return await _PAGE.all(connection, tenant_id=tenant_id, after=after, limit=limit)
