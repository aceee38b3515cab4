"""One product with all that a customer or staff see of it, its prices and its stock as they are."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import text

from domain.pricing.events import STANDARD_LIST
from projections.catalog.facts import PRODUCTS, PUBLISHED, VARIANTS
from projections.catalog.listed import LISTING
from projections.catalog.surroundings import BRANDS, PRICES, STOCK
from projections.pricing import history
from projections.pricing.history import HISTORY
from projections.query import Asked, Connection, Query
from projections.read_model import SCHEMA

_IN_FORCE = ", ".join(f"'{one}'" for one in history.IN_FORCE)
_CHANGES = f"""
SELECT json_agg(json_build_object('at', h.at, 'currency', h.currency, 'amount', h.amount,
    'list_price', h.list_price, 'ends_at', h.ends_at) ORDER BY h.position)
FROM {SCHEMA}.{HISTORY.name} h
WHERE h.tenant_id = :tenant_id AND h.variant_id = v.variant_id AND h.minimum_quantity = 1
    AND h.price_list_id = '{STANDARD_LIST}' AND h.happened IN ({_IN_FORCE})
"""  # noqa: S608 - names from code
"""What a price was and became, where it may be announced as reduced."""

_VARIANTS = f"""
SELECT json_agg(json_build_object(
    'variant_id', v.variant_id, 'sku', v.sku, 'gtin', nullif(v.gtin, ''),
    'barcode', nullif(v.barcode, ''), 'options', v.options,
    'weight_grams', nullif(v.weight_grams, 0), 'retired', v.retired,
    'prices', coalesce(r.prices, '[]'::json),
    'changes', CASE WHEN r.reduced THEN ({_CHANGES}) END, 'available', coalesce(s.available, 0),
    'low_at', coalesce(s.low_at, 0), 'backorder', coalesce(s.backorder, false)
) ORDER BY v.place)
FROM {SCHEMA}.{VARIANTS.name} v
LEFT JOIN LATERAL (
    SELECT json_agg(json_build_object('minimum_quantity', r.minimum_quantity,
        'minor', r.minor, 'currency', r.currency, 'list_minor', r.list_minor)
        ORDER BY r.minimum_quantity) AS prices,
        bool_or(r.minimum_quantity = 1 AND (r.list_minor, r.ends_at) IS DISTINCT FROM (NULL, NULL))
            AS reduced
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
_CARDS = f"""
SELECT json_object_agg(l.product_id, json_build_array(l.card_tr, l.card_en))
FROM {SCHEMA}.{LISTING.name} l WHERE l.tenant_id = :tenant_id AND l.status = '{PUBLISHED}'
    AND l.product_id = ANY(ARRAY(
        SELECT one->>'product_id' FROM jsonb_array_elements(p.related) one
    ))
"""  # noqa: S608 - as above
FIELDS = (*PRODUCTS.columns, "brand_slug", "brand_name", "variants", "cards")
"""`variants` stand in order; `cards` are those of related products that customers may see, in the
order of `LOCALES`, by product."""

_PRODUCT = f"""
SELECT {", ".join(f"p.{column}" for column in PRODUCTS.columns)}, b.slug, b.name,
    ({_VARIANTS}), ({_CARDS})
FROM {SCHEMA}.{PRODUCTS.name} p
LEFT JOIN {SCHEMA}.{BRANDS.name} b ON b.tenant_id = p.tenant_id AND b.brand_id = p.brand_id
WHERE p.tenant_id = :tenant_id AND p.{{match}}
"""  # noqa: S608 - as above
_BY_ID = Query(text(_PRODUCT.format(match="product_id = :key")))
_BY_SLUG = Query(text(_PRODUCT.format(match="slug = :key")))
_BY_IDS = Query(text(_PRODUCT.format(match="product_id = ANY(:ids)")))
_AVAILABILITIES = ("in_stock", "low_stock", "backorder", "out_of_stock")


def product(tenant_id: object, named: str, *, by_id: bool) -> Asked:
    """Ask for a product by its id or its slug: its `FIELDS`, in one row or none."""
    asked = _BY_ID if by_id else _BY_SLUG
    return asked.with_values(tenant_id=tenant_id, key=named)


async def products(
    connection: Connection, tenant_id: object, ids: Sequence[str]
) -> list[dict[str, Any]]:
    """Give the fields of those products that there are."""
    rows = await _BY_IDS.tuples(connection, tenant_id=tenant_id, ids=list(ids))
    return [fields_of(row) for row in rows]


def fields_of(row: Sequence[Any]) -> dict[str, Any]:
    """Give the fields of a product's row by name."""
    return dict(zip(FIELDS, row, strict=True))


def availability_of(variant: Mapping[str, Any]) -> str:
    """Say in a word how many there are of a variant."""
    available = variant["available"]
    if available > variant["low_at"]:
        return "in_stock"
    if available > 0:
        return "low_stock"
    return "backorder" if variant["backorder"] else "out_of_stock"


def best_of(availabilities: Iterable[str]) -> str:
    """Give the word for a product by those of its variants."""
    return min(availabilities, key=_AVAILABILITIES.index, default="out_of_stock")
