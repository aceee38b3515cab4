"""One product with all that a customer or staff see of it, its prices and its stock as they are."""

from typing import Any

from sqlalchemy import bindparam, func, select, text

from domain.pricing.events import STANDARD_LIST
from projections.catalog.facts import PRODUCTS, PUBLISHED, VARIANTS
from projections.catalog.listing import LISTING
from projections.catalog.surroundings import BRANDS, PRICES, STOCK
from projections.query import Connection, Query
from projections.read_model import SCHEMA

_LISTED = LISTING.table.c
_VARIANTS = f"""
SELECT json_agg(json_build_object(
    'variant_id', v.variant_id, 'sku', v.sku, 'gtin', nullif(v.gtin, ''),
    'barcode', nullif(v.barcode, ''), 'options', v.options,
    'weight_grams', nullif(v.weight_grams, 0), 'retired', v.retired,
    'prices', coalesce(r.prices, '[]'::json), 'available', coalesce(s.available, 0),
    'low_at', coalesce(s.low_at, 0), 'backorder', coalesce(s.backorder, false)
) ORDER BY v.place)
FROM {SCHEMA}.{VARIANTS.name} v
LEFT JOIN LATERAL (
    SELECT json_agg(json_build_object('minimum_quantity', r.minimum_quantity,
        'minor', r.minor, 'currency', r.currency, 'list_minor', r.list_minor)
        ORDER BY r.minimum_quantity) AS prices
    FROM {SCHEMA}.{PRICES.name} r WHERE r.tenant_id = :tenant_id
        AND r.variant_id = v.variant_id AND r.price_list_id = '{STANDARD_LIST}'
) r ON true
LEFT JOIN LATERAL (
    SELECT sum(greatest(s.on_hand - s.reserved - coalesce(s.safety, 0), 0))::bigint AS available,
        sum(s.low_at)::bigint AS low_at, bool_or(s.backorder) AS backorder
    FROM {SCHEMA}.{STOCK.name} s
    WHERE s.tenant_id = :tenant_id AND s.variant_id = v.variant_id
) s ON true
WHERE v.tenant_id = :tenant_id AND v.product_id = p.product_id
"""  # noqa: S608 - names from code
_PRODUCT = f"""
SELECT p.*, b.slug AS brand_slug, b.name AS brand_name, ({_VARIANTS}) AS variants
FROM {SCHEMA}.{PRODUCTS.name} p
LEFT JOIN {SCHEMA}.{BRANDS.name} b ON b.tenant_id = p.tenant_id AND b.brand_id = p.brand_id
WHERE p.tenant_id = :tenant_id AND p.{{column}} = :key
"""  # noqa: S608 - as above
_BY_ID = Query(text(_PRODUCT.format(column="product_id")))
_BY_SLUG = Query(text(_PRODUCT.format(column="slug")))
_CARDS = Query(
    select(_LISTED.product_id, _LISTED.card_tr, _LISTED.card_en).where(
        _LISTED.tenant_id == bindparam("tenant_id"),
        _LISTED.product_id == func.any(bindparam("ids")),
        _LISTED.status == PUBLISHED,
    )
)


async def product(
    connection: Connection, tenant_id: object, *, product_id: str | None = None, slug: str = ""
) -> dict[str, Any] | None:
    """Give a product by its id or else by its slug, with its `variants` in order, or None."""
    if product_id is None:
        return await _BY_SLUG.one(connection, tenant_id=tenant_id, key=slug)
    return await _BY_ID.one(connection, tenant_id=tenant_id, key=product_id)


async def cards(
    connection: Connection, tenant_id: object, ids: list[str], locale: str
) -> dict[str, str]:
    """Give the cards of those of some products that customers may see, by product."""
    rows = await _CARDS.all(connection, tenant_id=tenant_id, ids=ids)
    return {row["product_id"]: row[f"card_{locale}"] for row in rows}
