"""All products as staff see them: whatever their status, and what each still lacks (CAT-04)."""

from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Text, and_, bindparam, cast, func, literal, or_, select
from sqlalchemy.dialects.postgresql import ARRAY, array

from projections.catalog.facts import PRODUCTS
from projections.catalog.listed import LISTING
from projections.catalog.sorting.categories import subtree
from projections.query import Connection, Query


class Missing(StrEnum):
    """What a product may lack."""

    IMAGE = "image"
    PRICE = "price"
    STOCK = "stock"
    CATEGORY = "category"
    TAX_CLASS = "tax_class"
    BRAND = "brand"


_P, _L = PRODUCTS.table.c, LISTING.table.c
_LACKS: dict[Missing, ColumnElement[bool]] = {
    Missing.IMAGE: _L.images == 0,
    Missing.PRICE: _L.price_minor.is_(None),
    Missing.STOCK: ~_L.in_stock,
    Missing.CATEGORY: func.cardinality(_L.category_ids) == 0,
    Missing.TAX_CLASS: _L.tax_class == "",
    Missing.BRAND: _L.brand_id == "",
}


def _asked(name: str, holds: ColumnElement[bool]) -> ColumnElement[bool]:
    return or_(cast(bindparam(name), Text).is_(None), holds)


_PAGE = Query(
    select(
        _L.product_id,
        _L.status,
        _L.created_at,
        _L.published_at,
        _P.publish_at,
        _P.changed_at,
        _P.version,
        _L.available,
        _L.images,
        _L.card_tr,
        _L.card_en,
        *(condition.label(f"lacks_{what}") for what, condition in _LACKS.items()),
    )
    .join_from(
        LISTING.table,
        PRODUCTS.table,
        and_(_P.tenant_id == _L.tenant_id, _P.product_id == _L.product_id),
    )
    .where(
        _L.tenant_id == bindparam("tenant_id"),
        _L.product_id > bindparam("after"),
        _asked("status", _L.status == cast(bindparam("status"), Text)),
        _asked("brand_id", _L.brand_id == cast(bindparam("brand_id"), Text)),
        _asked(
            "channel",
            or_(
                func.cardinality(_L.channels) == 0,
                _L.channels.op("@>")(cast(array([bindparam("channel")]), ARRAY(Text))),
            ),
        ),
        _asked("category_id", _L.category_ids.op("&&")(subtree())),
        or_(
            cast(bindparam("missing"), Text).is_(None),
            *(
                and_(cast(bindparam("missing"), Text) == literal(what.value), condition)
                for what, condition in _LACKS.items()
            ),
        ),
    )
    .order_by(_L.product_id)
    .limit(bindparam("limit"))
)


async def products(  # noqa: PLR0913 - the filters and the parts of a page
    connection: Connection,
    tenant_id: object,
    *,
    status: str | None = None,
    missing: Missing | None = None,
    category_id: str | None = None,
    brand_id: str | None = None,
    channel: str | None = None,
    after: str = "",
    limit: int,
) -> list[dict[str, Any]]:
    """Give a page of products by id; `lacks` is what each has not."""
    rows = await _PAGE.all(
        connection,
        tenant_id=tenant_id,
        status=status,
        missing=missing,
        category_id=category_id,
        brand_id=brand_id,
        channel=channel,
        after=after,
        limit=limit,
    )
    for row in rows:
        row["lacks"] = [what.value for what in Missing if row.pop(f"lacks_{what}")]
    return rows
