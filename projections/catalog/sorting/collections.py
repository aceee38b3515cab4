"""Collections: which products are shown together, or by which rule."""

from collections.abc import Iterable
from typing import Any

import msgspec
from sqlalchemy import BigInteger, Column, Index, Text, bindparam, or_, select
from sqlalchemy.dialects.postgresql import JSONB

from domain.catalog.sorting.events import CollectionDefined, CollectionRemoved
from domain.catalog.sorting.rules import Rule
from domain.kernel.events import Recorded
from projections.query import Connection, Query
from projections.read_model import Delete, Operation, ReadModel, ReadTable, Upsert

COLLECTIONS = ReadTable(
    "catalog_collections_v1",
    Column("collection_id", Text(collation="C"), primary_key=True),
    Column("slug", Text(collation="C"), nullable=False),
    Column("names", JSONB, nullable=False),
    Column("product_ids", JSONB, nullable=False),
    Column("rule", JSONB, nullable=False),
    Column("version", BigInteger, nullable=False),
    Index("catalog_collections_v1_slug", "tenant_id", "slug"),
    latest=("slug", "names", "product_ids", "rule", "version"),
)
"""Of `product_ids` and `rule` one is null."""


def _defined(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    products = event.products
    chosen, rule = (None, products) if isinstance(products, Rule) else (products, None)
    told = (msgspec.json.encode(one).decode() for one in (event.names, chosen, rule))
    return (Upsert(COLLECTIONS, (event.collection_id, event.slug, *told, recorded.version)),)


def _removed(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    return (Delete(COLLECTIONS, (event.collection_id,)),)


CATALOG_COLLECTIONS = ReadModel(
    "catalog_collections",
    1,
    (COLLECTIONS,),
    {CollectionDefined: _defined, CollectionRemoved: _removed},
)

_COLLECTION = COLLECTIONS.table.c
_PAGE = Query(
    select(COLLECTIONS.table)
    .where(_COLLECTION.tenant_id == bindparam("tenant_id"), _COLLECTION.slug > bindparam("after"))
    .order_by(_COLLECTION.slug)
    .limit(bindparam("limit"))
)
_ONE = Query(
    select(COLLECTIONS.table).where(
        _COLLECTION.tenant_id == bindparam("tenant_id"),
        or_(
            _COLLECTION.collection_id == bindparam("named"),
            _COLLECTION.slug == bindparam("named"),
        ),
    )
)


async def collections(
    connection: Connection, tenant_id: object, *, after: str = "", limit: int
) -> list[dict[str, Any]]:
    """Give a page of collections by slug."""
    return await _PAGE.all(connection, tenant_id=tenant_id, after=after, limit=limit)


async def collection(
    connection: Connection, tenant_id: object, named: str
) -> dict[str, Any] | None:
    """Give a collection by its id or its slug, or None."""
    return await _ONE.one(connection, tenant_id=tenant_id, named=named)
