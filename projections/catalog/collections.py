"""Collections: which products are shown together, or by which rule."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from sqlalchemy import BigInteger, Column, Index, Text, bindparam, select

from domain.catalog.sorting.events import CollectionDefined, CollectionRemoved
from domain.catalog.sorting.rules import Rule
from domain.kernel.events import Recorded
from projections.query import Connection, Query
from projections.read_model import Delete, Operation, ReadModel, ReadTable, Upsert

COLLECTIONS = ReadTable(
    "catalog_collections_v1",
    Column("collection_id", Text(collation="C"), primary_key=True),
    Column("slug", Text(collation="C"), nullable=False),
    Column("names", Text, nullable=False),
    Column("product_ids", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Index("catalog_collections_v1_slug", "tenant_id", "slug"),
    latest=("slug", "names", "product_ids", "rule", "version"),
)
"""`names`, `product_ids` and `rule` are JSON; one of the last two is null."""


def _defined(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    chosen, rule = (
        (None, asdict(event.products))
        if isinstance(event.products, Rule)
        else (event.products, None)
    )
    told = (json.dumps(one, ensure_ascii=False) for one in (dict(event.names), chosen, rule))
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


async def collections(
    connection: Connection, tenant_id: object, *, after: str = "", limit: int
) -> list[dict[str, Any]]:
    """Give a page of collections by slug."""
    rows = await _PAGE.all(connection, tenant_id=tenant_id, after=after, limit=limit)
    return [row | {name: json.loads(row[name]) for name in JSON_COLUMNS} for row in rows]


JSON_COLUMNS = ("names", "product_ids", "rule")
