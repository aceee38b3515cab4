"""Variants by what stands on them: SKU, GTIN, any barcode."""

from collections.abc import Iterable
from typing import Any

import msgspec
from sqlalchemy import Boolean, Column, Index, Text, bindparam, select, text
from sqlalchemy.dialects.postgresql import JSONB

from domain.catalog.events import (
    ProductArchived,
    ProductCreated,
    ProductDeleted,
    ProductPublished,
    ProductUnpublished,
    SlugChanged,
)
from domain.catalog.variant_events import VariantAdded, VariantChanged, VariantRetired
from domain.kernel.events import Recorded
from projections.query import Connection, Query
from projections.read_model import Delete, Fold, Increment, Insert, Operation, ReadModel, ReadTable

NOTHING = ""
"""Stands for no number: None would keep the one that is there."""

VARIANTS = ReadTable(
    "catalog_lookup_variants_v1",
    Column("variant_id", Text(collation="C"), primary_key=True),
    Column("product_id", Text(collation="C"), nullable=False),
    Column("options", JSONB, nullable=False),
    Column("sku", Text(collation="C"), nullable=False),
    Column("gtin", Text(collation="C"), nullable=False),
    Column("barcode", Text(collation="C"), nullable=False),
    Index("catalog_lookup_variants_v1_sku", "tenant_id", "sku"),
    Index(
        "catalog_lookup_variants_v1_gtin", "tenant_id", "gtin", postgresql_where=text("gtin <> ''")
    ),
    Index(
        "catalog_lookup_variants_v1_barcode",
        "tenant_id",
        "barcode",
        postgresql_where=text("barcode <> ''"),
    ),
    latest=("sku", "gtin", "barcode"),
)
"""`options` are the chosen values by option name."""

PRODUCTS = ReadTable(
    "catalog_lookup_products_v1",
    Column("product_id", Text(collation="C"), primary_key=True),
    Column("slug", Text(collation="C"), nullable=False),
    Column("published", Boolean, nullable=False),
    latest=("slug", "published"),
)


def _created(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    return (Insert(PRODUCTS, (event.product_id, event.slug, False)),)


def _slug_changed(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    return (Increment(PRODUCTS, (event.product_id,), (), (event.slug, None)),)


def _shown(published: bool) -> Fold:  # noqa: FBT001 - what the fold sets
    def fold(recorded: Recorded) -> Iterable[Operation]:
        event: Any = recorded.event
        return (Increment(PRODUCTS, (event.product_id,), (), (None, published)),)

    return fold


def _deleted(recorded: Recorded) -> Iterable[Operation]:
    """Take a product away; its variants, which are not named, are found no more without it."""
    event: Any = recorded.event
    return (Delete(PRODUCTS, (event.product_id,)),)


def _added(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    options = msgspec.json.encode(event.options).decode()
    row = (event.variant_id, event.product_id, options, *_numbers(event))
    return (Insert(VARIANTS, row),)


def _changed(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    return (Increment(VARIANTS, (event.variant_id,), (), _numbers(event)),)


def _retired(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    return (Delete(VARIANTS, (event.variant_id,)),)


def _numbers(event: Any) -> tuple[str, str, str]:  # noqa: ANN401 - either event
    return event.sku, event.gtin or NOTHING, event.barcode or NOTHING


CATALOG_VARIANTS = ReadModel(
    "catalog_variants",
    1,
    (VARIANTS, PRODUCTS),
    {
        ProductCreated: _created,
        SlugChanged: _slug_changed,
        ProductPublished: _shown(True),  # noqa: FBT003 - as above
        ProductUnpublished: _shown(False),  # noqa: FBT003
        ProductArchived: _shown(False),  # noqa: FBT003
        ProductDeleted: _deleted,
        VariantAdded: _added,
        VariantChanged: _changed,
        VariantRetired: _retired,
    },
)

FOUND_MAX = 2
"""One is the answer; a second one says that the code is not enough."""

_VARIANT, _PRODUCT = VARIANTS.table.c, PRODUCTS.table.c
_LOOK = (
    select(VARIANTS.table, _PRODUCT.slug, _PRODUCT.published)
    .join(
        PRODUCTS.table,
        (_PRODUCT.tenant_id == _VARIANT.tenant_id) & (_PRODUCT.product_id == _VARIANT.product_id),
    )
    .where(_VARIANT.tenant_id == bindparam("tenant_id"))
    .limit(FOUND_MAX)
)
_BY = {
    "variant_id": Query(_LOOK.where(_VARIANT.variant_id == bindparam("code"))),
    "sku": Query(_LOOK.where(_VARIANT.sku == bindparam("code"))),
    "gtin": Query(_LOOK.where(_VARIANT.gtin == bindparam("code"), text("gtin <> ''"))),
    "barcode": Query(_LOOK.where(_VARIANT.barcode == bindparam("code"), text("barcode <> ''"))),
}


async def variants_by(
    connection: Connection, tenant_id: object, column: str, code: str
) -> list[dict[str, Any]]:
    """Give variants by `variant_id`, `sku`, `gtin` or `barcode`: `FOUND_MAX` of them at most."""
    return await _BY[column].all(connection, tenant_id=tenant_id, code=code)
