"""Products as rows of a file: one for each variant that is sold (CAT-12)."""

from typing import Any

from sqlalchemy import text

from domain.pricing.events import STANDARD_LIST
from domain.stock.events import MAIN_LOCATION
from projections.catalog.facts import PRODUCTS, VARIANTS
from projections.catalog.surroundings import BRANDS, PRICES, STOCK
from projections.query import Connection, Query
from projections.read_model import SCHEMA

_KEYS = Query(
    text(f"""
SELECT DISTINCT kind, key FROM (
    SELECT 'text' AS kind, jsonb_object_keys(p.texts) AS key
    FROM {SCHEMA}.{PRODUCTS.name} p WHERE p.tenant_id = :tenant_id
    UNION ALL SELECT 'attribute', jsonb_object_keys(p.attributes)
    FROM {SCHEMA}.{PRODUCTS.name} p WHERE p.tenant_id = :tenant_id
    UNION ALL SELECT 'option', jsonb_object_keys(v.options)
    FROM {SCHEMA}.{VARIANTS.name} v WHERE v.tenant_id = :tenant_id
) keys ORDER BY kind, key
""")  # noqa: S608 - names from code
)
_ROWS = Query(
    text(f"""
SELECT p.product_id, p.texts, p.category_ids, p.primary_category_id, p.tax_class, p.type_id,
    p.attributes, p.media, p.channels, p.status, b.slug AS brand_slug, b.name AS brand_name,
    v.sku, v.gtin, v.barcode, v.weight_grams, v.options, r.minor, r.list_minor, r.currency,
    s.on_hand
FROM {SCHEMA}.{PRODUCTS.name} p
JOIN {SCHEMA}.{VARIANTS.name} v ON v.tenant_id = p.tenant_id AND v.product_id = p.product_id
LEFT JOIN {SCHEMA}.{BRANDS.name} b ON b.tenant_id = p.tenant_id AND b.brand_id = p.brand_id
LEFT JOIN {SCHEMA}.{PRICES.name} r ON r.tenant_id = p.tenant_id AND r.variant_id = v.variant_id
    AND r.price_list_id = '{STANDARD_LIST}' AND r.minimum_quantity = 1
LEFT JOIN {SCHEMA}.{STOCK.name} s ON s.tenant_id = p.tenant_id AND s.variant_id = v.variant_id
    AND s.location_id = '{MAIN_LOCATION}'
WHERE p.tenant_id = :tenant_id AND p.product_id = ANY(:product_ids) AND NOT v.retired
ORDER BY p.product_id, v.place
""")  # noqa: S608 - as above
)


async def keys(connection: Connection, tenant_id: object) -> dict[str, list[str]]:
    """Give the languages, attribute codes and option names that any product has, in order."""
    found: dict[str, list[str]] = {"text": [], "attribute": [], "option": []}
    for row in await _KEYS.all(connection, tenant_id=tenant_id):
        found[row["kind"]].append(row["key"])
    return found


async def rows(
    connection: Connection, tenant_id: object, product_ids: list[str]
) -> list[dict[str, Any]]:
    """Give the variants of products; the stock is what is on hand at the main location."""
    return await _ROWS.all(connection, tenant_id=tenant_id, product_ids=product_ids)
