"""What the shop is told of products, prices and stock: the tables that the listing is made of.

Texts and lists stand as JSON. Where there is nothing a text is empty, for None would keep what
stood there before.
"""

from collections.abc import Iterable
from typing import Any

import msgspec
from sqlalchemy import BigInteger, Boolean, Column, DateTime, Index, Text
from sqlalchemy.dialects.postgresql import JSONB

from domain.catalog.content import UNRESTRICTED
from domain.catalog.events import (
    AttributesSet,
    ChannelsChosen,
    MediaArranged,
    OriginStated,
    ProductArchived,
    ProductClassified,
    ProductCreated,
    ProductDeleted,
    ProductDescribed,
    ProductPublished,
    ProductRestored,
    ProductScheduled,
    ProductUnpublished,
    RelatedChosen,
    RestrictionsSet,
    SchedulingCancelled,
    SlugChanged,
    TaxClassChosen,
)
from domain.catalog.variant_events import (
    OptionsChosen,
    VariantAdded,
    VariantChanged,
    VariantRetired,
)
from domain.kernel.events import Event, Recorded
from projections.read_model import Delete, Fold, Increment, Insert, Operation, ReadTable

DRAFT, SCHEDULED, PUBLISHED, ARCHIVED = "draft", "scheduled", "published", "archived"

_CHANGING = (
    "slug",
    "texts",
    "status",
    "publish_at",
    "published_at",
    "category_ids",
    "primary_category_id",
    "brand_id",
    "tax_class",
    "country_of_origin",
    "type_id",
    "attributes",
    "media",
    "related",
    "restrictions",
    "channels",
    "options",
    "version",
    "changed_at",
)

PRODUCTS = ReadTable(
    "catalog_products_v1",
    Column("product_id", Text(collation="C"), primary_key=True),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("slug", Text(collation="C")),
    Column("texts", JSONB),
    Column("status", Text),
    Column("publish_at", Text),
    Column("published_at", DateTime(timezone=True)),
    Column("category_ids", JSONB),
    Column("primary_category_id", Text),
    Column("brand_id", Text(collation="C")),
    Column("tax_class", Text),
    Column("country_of_origin", Text),
    Column("type_id", Text),
    Column("attributes", JSONB),
    Column("media", JSONB),
    Column("related", JSONB),
    Column("restrictions", JSONB),
    Column("channels", JSONB),
    Column("options", JSONB),
    Column("version", BigInteger),
    Column("changed_at", DateTime(timezone=True)),
    Index("catalog_products_v1_slug", "tenant_id", "slug"),
    Index("catalog_products_v1_brand", "tenant_id", "brand_id"),
    latest=_CHANGING,
)
"""`publish_at` is when a scheduled draft will be published, as text (ISO 8601)."""

VARIANTS = ReadTable(
    "catalog_variants_v1",
    Column("variant_id", Text(collation="C"), primary_key=True),
    Column("product_id", Text(collation="C"), nullable=False),
    Column("place", BigInteger, nullable=False),
    Column("options", JSONB, nullable=False),
    Column("sku", Text(collation="C")),
    Column("gtin", Text(collation="C")),
    Column("barcode", Text(collation="C")),
    Column("weight_grams", BigInteger),
    Column("retired", Boolean),
    Index("catalog_variants_v1_product", "tenant_id", "product_id", "place"),
    latest=("sku", "gtin", "barcode", "weight_grams", "retired"),
)
"""`place` orders the variants of a product; a weight that is not known is 0."""

_AT = {name: place for place, name in enumerate(_CHANGING)}


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _latest(recorded: Recorded, **told: object) -> tuple[Any, ...]:
    row: list[Any] = [None] * len(_CHANGING)
    for name, value in told.items():
        row[_AT[name]] = value
    row[-2:] = recorded.version, recorded.recorded_at
    return tuple(row)


def _change(recorded: Recorded, **told: object) -> Iterable[Operation]:
    event: Any = recorded.event
    return (Increment(PRODUCTS, (event.product_id,), (), _latest(recorded, **told)),)


def _created(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    row = _latest(
        recorded,
        slug=event.slug,
        texts=_json(event.texts),
        status=DRAFT,
        publish_at="",
        category_ids=_json(event.category_ids),
        primary_category_id=event.primary_category_id or "",
        brand_id=event.brand_id or "",
        tax_class=event.tax_class or "",
        country_of_origin="",
        type_id=event.type_id or "",
        attributes=_json(event.attributes),
        media=_json(event.media),
        related="[]",
        restrictions="{}" if event.restrictions == UNRESTRICTED else _json(event.restrictions),
        channels=_json(event.channels),
        options=_json(event.options),
    )
    return (Insert(PRODUCTS, (event.product_id, recorded.recorded_at, *row)),)


def _deleted(recorded: Recorded) -> Iterable[Operation]:
    """Remove the product; its variants stay known, for their ids are never used anew."""
    event: Any = recorded.event
    return (Delete(PRODUCTS, (event.product_id,)),)


def _told(**fields: str) -> Fold:
    """Set columns to the events' fields of these names, as JSON where they are no text."""

    def fold(recorded: Recorded) -> Iterable[Operation]:
        told = {column: getattr(recorded.event, field) for column, field in fields.items()}
        return _change(
            recorded,
            **{
                column: (value or "") if isinstance(value, str | None) else _json(value)
                for column, value in told.items()
            },
        )

    return fold


def _stands(status: str) -> Fold:
    def fold(recorded: Recorded) -> Iterable[Operation]:
        event: Any = recorded.event
        at = event.publish_at.isoformat() if status == SCHEDULED else ""
        published = recorded.recorded_at if status == PUBLISHED else None
        return _change(recorded, status=status, publish_at=at, published_at=published)

    return fold


def _added(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    return (
        Insert(
            VARIANTS,
            (
                event.variant_id,
                event.product_id,
                recorded.version,
                _json(event.options),
                event.sku,
                event.gtin or "",
                event.barcode or "",
                event.weight_grams or 0,
                False,
            ),
        ),
        *_change(recorded),
    )


def _renumbered(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    numbers = event.sku, event.gtin or "", event.barcode or "", event.weight_grams or 0, None
    return (Increment(VARIANTS, (event.variant_id,), (), numbers), *_change(recorded))


def _retired(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    gone = None, None, None, None, True
    return (Increment(VARIANTS, (event.variant_id,), (), gone), *_change(recorded))


PRODUCT_FOLDS: dict[type[Event], Fold] = {
    ProductCreated: _created,
    ProductDeleted: _deleted,
    ProductDescribed: _told(texts="texts"),
    SlugChanged: _told(slug="slug"),
    ProductClassified: _told(
        category_ids="category_ids",
        primary_category_id="primary_category_id",
        brand_id="brand_id",
    ),
    TaxClassChosen: _told(tax_class="tax_class"),
    OriginStated: _told(country_of_origin="country_of_origin"),
    AttributesSet: _told(type_id="type_id", attributes="attributes"),
    MediaArranged: _told(media="media"),
    RelatedChosen: _told(related="related"),
    RestrictionsSet: _told(restrictions="restrictions"),
    ChannelsChosen: _told(channels="channels"),
    OptionsChosen: _told(options="options"),
    ProductScheduled: _stands(SCHEDULED),
    SchedulingCancelled: _stands(DRAFT),
    ProductPublished: _stands(PUBLISHED),
    ProductUnpublished: _stands(DRAFT),
    ProductArchived: _stands(ARCHIVED),
    ProductRestored: _stands(DRAFT),
    VariantAdded: _added,
    VariantChanged: _renumbered,
    VariantRetired: _retired,
}
