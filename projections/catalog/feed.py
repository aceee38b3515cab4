"""Which products are told otherwise since a position, for whoever answers questions about them.

A product stands at the position of the last event that anything told of it could come from: its
own, a variant's price or stock, and those of its brand, its type, its categories and all above.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import BigInteger, Boolean, Column, Index, Text, bindparam, select, tuple_
from sqlalchemy.dialects.postgresql import JSONB

from domain.catalog.events import (
    AttributesSet,
    ProductArchived,
    ProductClassified,
    ProductCreated,
    ProductDeleted,
    ProductPublished,
    ProductUnpublished,
)
from domain.catalog.sorting.events import (
    BrandAdded,
    BrandRemoved,
    BrandRenamed,
    CategoryAdded,
    CategoryMoved,
    CategoryRemoved,
    CategoryRenamed,
    ProductTypeDefined,
)
from domain.catalog.variant_events import VariantAdded
from domain.kernel.events import Event, Recorded
from domain.pricing.events import STANDARD_LIST, PriceBegan, PriceEnded, PriceSet
from domain.stock.events import (
    ReservedStockIssued,
    StockMoved,
    StockPolicySet,
    StockReleased,
    StockReserved,
)
from projections.catalog.facts import PRODUCT_FOLDS
from projections.catalog.sorting.categories import TOP
from projections.query import Connection, Query
from projections.read_model import (
    Delete,
    Derivation,
    Fold,
    Increment,
    Operation,
    ReadModel,
    ReadTable,
)

PRODUCTS = ReadTable(
    "catalog_feed_products_v1",
    Column("product_id", Text(collation="C"), primary_key=True),
    Column("told", Boolean),
    Column("published", Boolean),
    Column("stood_at", BigInteger),
    Column("sorters", JSONB),
    Column("type_id", Text(collation="C")),
    Column("position", BigInteger),
    latest=("told", "published", "stood_at", "sorters", "type_id", "position"),
)
"""`told` is true of whatever was published once, `stood_at` where it was published or taken away
last; `sorters` are the ids of its brand and categories."""

VARIANTS = ReadTable(
    "catalog_feed_variants_v1",
    Column("variant_id", Text(collation="C"), primary_key=True),
    Column("product_id", Text(collation="C")),
    Column("position", BigInteger),
    latest=("product_id", "position"),
)

SORTERS = ReadTable(
    "catalog_feed_sorters_v1",
    Column("sorter_id", Text(collation="C"), primary_key=True),
    Column("parent_id", Text(collation="C")),
    Column("position", BigInteger),
    Index("catalog_feed_sorters_v1_parent", "tenant_id", "parent_id"),
    latest=("parent_id", "position"),
)
"""Brands, types and categories, these with the one above."""

FEED = ReadTable(
    "catalog_feed_v1",
    Column("product_id", Text(collation="C"), primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("published", Boolean, nullable=False),
    Index("catalog_feed_v1_position", "tenant_id", "position", "product_id"),
    derived=True,
)
"""What is published, and what was: that stays where it was taken away."""

_FRESH = f"""
WITH RECURSIVE below (sorter_id, position) AS (
    SELECT s.sorter_id, s.position FROM {{schema}}.{SORTERS.name} s
    WHERE s.tenant_id = %(tenant_id)s::uuid AND s.sorter_id = ANY(%({SORTERS.name})s::text[])
    UNION SELECT s.sorter_id, b.position FROM {{schema}}.{SORTERS.name} s, below b
    WHERE s.tenant_id = %(tenant_id)s::uuid AND s.parent_id = b.sorter_id
), moved AS MATERIALIZED (
    SELECT jsonb_object_agg(sorter_id, position) AS sorters
    FROM (SELECT sorter_id, max(position) AS position FROM below GROUP BY sorter_id) latest
), touched AS (
    SELECT p.product_id, p.position FROM {{schema}}.{PRODUCTS.name} p
    WHERE p.tenant_id = %(tenant_id)s::uuid AND p.product_id = ANY(%({PRODUCTS.name})s::text[])
    UNION ALL SELECT v.product_id, v.position FROM {{schema}}.{VARIANTS.name} v
    WHERE v.tenant_id = %(tenant_id)s::uuid AND v.variant_id = ANY(%({VARIANTS.name})s::text[])
    UNION ALL SELECT p.product_id, (m.sorters->>sorter.id)::bigint
    FROM {{schema}}.{PRODUCTS.name} p CROSS JOIN moved m
    CROSS JOIN LATERAL jsonb_array_elements_text(p.sorters || to_jsonb(p.type_id)) sorter(id)
    WHERE cardinality(%({SORTERS.name})s::text[]) > 0 AND p.tenant_id = %(tenant_id)s::uuid
        AND m.sorters ? sorter.id
)
INSERT INTO {{schema}}.{FEED.name} AS f (tenant_id, {", ".join(FEED.columns)})
SELECT %(tenant_id)s::uuid, p.product_id,
    CASE WHEN p.published THEN t.position ELSE p.stood_at END, p.published
FROM (SELECT product_id, max(position) AS position FROM touched GROUP BY product_id) t
CROSS JOIN LATERAL (
    SELECT p.product_id, p.published, p.stood_at, p.told FROM {{schema}}.{PRODUCTS.name} p
    WHERE p.tenant_id = %(tenant_id)s::uuid AND p.product_id = t.product_id OFFSET 0
) p WHERE p.told
ON CONFLICT (tenant_id, product_id) DO UPDATE SET
    position = greatest(f.position, excluded.position), published = excluded.published
"""  # noqa: S608 - names from code
"""Events that touch a product raise its position, and one that was taken away stays where it was.

Each product is found by its key, and what moved in one object: joined, either was compared with all
products of a tenant whose statistics are older than an import. The position is the same however
events came in batches: who leaves what touched a product does so by a later event.
"""

_LATEST = {name: place for place, name in enumerate(PRODUCTS.latest)}


def _change(recorded: Recorded, **told: object) -> Iterable[Operation]:
    event: Any = recorded.event
    row: list[Any] = [None] * len(PRODUCTS.latest)
    for name, value in {**told, "position": recorded.position}.items():
        row[_LATEST[name]] = value
    return (Increment(PRODUCTS, (event.product_id,), (), tuple(row), ()),)


def _created(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    return _change(recorded, sorters=_sorters(event), type_id=event.type_id or TOP)


def _published(recorded: Recorded) -> Iterable[Operation]:
    return _change(recorded, told=True, published=True, stood_at=recorded.position)


def _taken_away(recorded: Recorded) -> Iterable[Operation]:
    return _change(recorded, published=False, stood_at=recorded.position)


def _classified(recorded: Recorded) -> Iterable[Operation]:
    return _change(recorded, sorters=_sorters(recorded.event))


def _sorters(event: Any) -> str:  # noqa: ANN401 - one that classifies
    brand_ids = () if event.brand_id is None else (event.brand_id,)
    return msgspec.json.encode((*event.category_ids, *brand_ids)).decode()


def _typed(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    return _change(recorded, type_id=event.type_id or TOP)


def _added(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    variant = Increment(
        VARIANTS, (event.variant_id,), (), (event.product_id, recorded.position), ()
    )
    return (variant, *_change(recorded))


def _of_variant(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    return (Increment(VARIANTS, (event.variant_id,), (), (None, recorded.position), ()),)


def _priced(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    return _of_variant(recorded) if event.price_list_id == STANDARD_LIST else ()


def _sorter(field: str) -> Fold:
    def fold(recorded: Recorded) -> Iterable[Operation]:
        key = (getattr(recorded.event, field),)
        return (Increment(SORTERS, key, (), (None, recorded.position), ()),)

    return fold


def _placed(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    latest = (event.parent_id or TOP, recorded.position)
    return (Increment(SORTERS, (event.category_id,), (), latest, ()),)


def _gone(table: ReadTable, field: str) -> Fold:
    def fold(recorded: Recorded) -> Iterable[Operation]:
        return (Delete(table, (getattr(recorded.event, field),)),)

    return fold


_FOLDS: dict[type[Event], Fold] = {
    **dict.fromkeys(PRODUCT_FOLDS, _change),
    ProductCreated: _created,
    ProductDeleted: _gone(PRODUCTS, "product_id"),
    ProductClassified: _classified,
    AttributesSet: _typed,
    ProductPublished: _published,
    ProductUnpublished: _taken_away,
    ProductArchived: _taken_away,
    VariantAdded: _added,
    PriceSet: _priced,
    PriceBegan: _priced,
    PriceEnded: _priced,
    StockMoved: _of_variant,
    StockReserved: _of_variant,
    StockReleased: _of_variant,
    ReservedStockIssued: _of_variant,
    StockPolicySet: _of_variant,
    BrandAdded: _sorter("brand_id"),
    BrandRenamed: _sorter("brand_id"),
    BrandRemoved: _gone(SORTERS, "brand_id"),
    ProductTypeDefined: _sorter("type_id"),
    CategoryAdded: _placed,
    CategoryMoved: _placed,
    CategoryRenamed: _sorter("category_id"),
    CategoryRemoved: _gone(SORTERS, "category_id"),
}

CATALOG_FEED = ReadModel(
    "catalog_feed",
    1,
    (PRODUCTS, VARIANTS, SORTERS, FEED),
    _FOLDS,
    derivations=(Derivation(_FRESH, (PRODUCTS, VARIANTS, SORTERS)),),
)

_F = FEED.table.c
_ROWS = select(_F.position, _F.product_id, _F.published).where(
    _F.tenant_id == bindparam("tenant_id")
)
_ONE = Query(_ROWS.where(_F.product_id == bindparam("product_id")))
_CHANGED = Query(
    _ROWS.where(
        tuple_(_F.position, _F.product_id)
        > tuple_(
            bindparam("position", type_=BigInteger),
            bindparam("product_id", type_=Text(collation="C")),
        ),
        _F.position <= bindparam("until", type_=BigInteger),
    )
    .order_by(_F.position, _F.product_id)
    .limit(bindparam("limit"))
)


class Place(NamedTuple):
    """Where a reader of the feed is: after this product, which stands at this position."""

    position: int
    product_id: str


class Standing(NamedTuple):
    """Where a product stands, and whether customers see it."""

    position: int
    product_id: str
    published: bool


async def changed(
    connection: Connection, tenant_id: object, *, after: Place, until: int, limit: int
) -> list[Standing]:
    """Give products by position, with those of one position by id.

    Whoever goes on from the last one misses nothing up to `until`, whatever was written meanwhile:
    a product that changes leaves its place for a later one.
    """
    rows = await _CHANGED.tuples(
        connection, tenant_id=tenant_id, until=until, limit=limit, **after._asdict()
    )
    return [Standing(*row) for row in rows]


async def standing(connection: Connection, tenant_id: object, product_id: str) -> Standing | None:
    """Give where a product stands that is published or was."""
    rows = await _ONE.tuples(connection, tenant_id=tenant_id, product_id=product_id)
    return Standing(*rows[0]) if rows else None
