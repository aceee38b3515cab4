"""Brands."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import BigInteger, Column, Index, Text, bindparam, select

from domain.catalog.sorting.events import BrandAdded, BrandRemoved, BrandRenamed, UseChanged
from domain.catalog.sorting.uses import Kind
from domain.kernel.events import Recorded
from projections.query import Connection, Query
from projections.read_model import Delete, Increment, Insert, Operation, ReadModel, ReadTable

BRANDS = ReadTable(
    "catalog_brand_list_v1",
    Column("brand_id", Text(collation="C"), primary_key=True),
    Column("slug", Text(collation="C"), nullable=False),
    Column("name", Text, nullable=False),
    Column("products", BigInteger, nullable=False),
    Index("catalog_brand_list_v1_slug", "tenant_id", "slug"),
    latest=("slug", "name"),
    counters=("products",),
)
"""`products` counts all products of a brand, whatever their status."""


def _added(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    return (Insert(BRANDS, (event.brand_id, event.slug, event.name, 0)),)


def _renamed(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    return (Increment(BRANDS, (event.brand_id,), (0,), (event.slug, event.name)),)


def _used(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    if event.kind != Kind.BRAND:
        return ()
    return (Increment(BRANDS, (event.sorter_id,), (event.change,), (None, None)),)


def _removed(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    return (Delete(BRANDS, (event.brand_id,)),)


CATALOG_BRANDS = ReadModel(
    "catalog_brands",
    1,
    (BRANDS,),
    {BrandAdded: _added, BrandRenamed: _renamed, UseChanged: _used, BrandRemoved: _removed},
)

_BRAND = BRANDS.table.c
_PAGE = Query(
    select(BRANDS.table)
    .where(_BRAND.tenant_id == bindparam("tenant_id"), _BRAND.slug > bindparam("after"))
    .order_by(_BRAND.slug)
    .limit(bindparam("limit"))
)


async def brands(
    connection: Connection, tenant_id: object, *, after: str = "", limit: int
) -> list[dict[str, Any]]:
    """Give a page of brands by slug."""
    return await _PAGE.all(connection, tenant_id=tenant_id, after=after, limit=limit)
