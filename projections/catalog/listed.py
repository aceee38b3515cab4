"""The rows of the listing: one for each product, made of what is known of it, its prices and stock.

A page is cut from one index, and each product on it is answered as the JSON that stands in its row
(`card_tr`, `card_en`): nothing is joined or put together while somebody waits.
"""

from sqlalchemy import BigInteger, Boolean, Column, DateTime, Index, Text, text
from sqlalchemy.dialects.postgresql import ARRAY

from domain.pricing.events import STANDARD_LIST
from projections.catalog.facts import PRODUCTS, PUBLISHED, VARIANTS
from projections.catalog.surroundings import BRANDS, PRICES, STOCK
from projections.read_model import ReadTable

LOCALES = ("tr", "en")
"""Cards stand ready in these; a text that a product lacks is told in the other, or in any."""

SHOWN = text(f"status = '{PUBLISHED}'")

LISTING = ReadTable(
    "catalog_listing_v1",
    Column("product_id", Text(collation="C"), primary_key=True),
    Column("status", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("published_at", DateTime(timezone=True)),
    Column("brand_id", Text, nullable=False),
    Column("category_ids", ARRAY(Text), nullable=False),
    Column("channels", ARRAY(Text), nullable=False),
    Column("attributes", ARRAY(Text), nullable=False),
    Column("variants", BigInteger, nullable=False),
    Column("images", BigInteger, nullable=False),
    Column("tax_class", Text, nullable=False),
    Column("price_minor", BigInteger),
    Column("currency", Text),
    Column("available", BigInteger, nullable=False),
    Column("in_stock", Boolean, nullable=False),
    Column("card_tr", Text, nullable=False),
    Column("card_en", Text, nullable=False),
    Index(
        "catalog_listing_v1_newest",
        "tenant_id",
        "published_at",
        "product_id",
        postgresql_where=SHOWN,
    ),
    Index(
        "catalog_listing_v1_price",
        "tenant_id",
        "price_minor",
        "product_id",
        postgresql_where=SHOWN,
    ),
    Index("catalog_listing_v1_categories", "category_ids", postgresql_using="gin"),
    derived=True,
)
"""`attributes` are `code=value`. The price is the lowest of the variants in the standard list.
What may be ordered without stock is in stock, too."""

MADE_OF = (PRODUCTS, VARIANTS, BRANDS, PRICES, STOCK)


def _first(locale: str) -> list[str]:
    return sorted(LOCALES, key=lambda one: one != locale)


def _in(locale: str, of: str, field: str) -> str:
    """Give the text of a locale, else of the others, else of any."""
    known = [f"{of}->'{one}'->>'{field}'" for one in _first(locale)]
    any_one = f"(SELECT value->>'{field}' FROM jsonb_each({of}) ORDER BY key LIMIT 1)"  # noqa: S608 - names from code
    return f"coalesce({', '.join((*known, any_one))})"


def _card(locale: str) -> str:
    name = _in(locale, "p.texts", "name")
    others = [f"m.first->'alt'->>'{one}'" for one in _first(locale)]
    return f"""json_build_object(
        'product_id', p.product_id, 'slug', p.slug, 'name', {name},
        'brand', CASE WHEN b.brand_id IS NOT NULL THEN json_build_object(
            'brand_id', b.brand_id, 'slug', b.slug, 'name', b.name) END,
        'category_id', nullif(p.primary_category_id, ''),
        'image', CASE WHEN m.first IS NOT NULL THEN json_build_object(
            'url', m.first->>'url', 'alt', coalesce({", ".join(others)}, {name})) END,
        'price', CASE WHEN v.minor IS NOT NULL THEN json_build_object(
            'minor', v.minor, 'currency', v.currency) END,
        'price_from', coalesce(v.minor < v.highest, false),
        'list_price', CASE WHEN v.list_minor IS NOT NULL THEN json_build_object(
            'minor', v.list_minor, 'currency', v.currency) END,
        'variants', v.count,
        'availability', CASE WHEN v.available > v.low_at THEN 'in_stock'
            WHEN v.available > 0 THEN 'low_stock'
            WHEN v.backorder THEN 'backorder' ELSE 'out_of_stock' END)::text"""


FRESH = f"""
WITH changed AS MATERIALIZED (
    SELECT unnest(%({PRODUCTS.name})s::text[]) COLLATE "C" AS product_id
    UNION SELECT v.product_id FROM {{schema}}.{VARIANTS.name} v
    WHERE v.tenant_id = %(tenant_id)s::uuid AND v.variant_id = ANY(%({VARIANTS.name})s::text[]
        || %({PRICES.name})s::text[] || %({STOCK.name})s::text[])
    UNION SELECT p.product_id FROM {{schema}}.{PRODUCTS.name} p
    WHERE p.tenant_id = %(tenant_id)s::uuid AND p.brand_id = ANY(%({BRANDS.name})s::text[])
), gone AS (
    DELETE FROM {{schema}}.{LISTING.name} l USING changed c
    WHERE l.tenant_id = %(tenant_id)s::uuid AND l.product_id = c.product_id AND NOT EXISTS (
        SELECT FROM {{schema}}.{PRODUCTS.name} p
        WHERE p.tenant_id = %(tenant_id)s::uuid AND p.product_id = c.product_id)
)
INSERT INTO {{schema}}.{LISTING.name} (tenant_id, {", ".join(LISTING.columns)})
SELECT %(tenant_id)s::uuid, p.product_id, p.status, p.created_at, p.published_at, p.brand_id,
    ARRAY(SELECT jsonb_array_elements_text(p.category_ids) ORDER BY 1),
    ARRAY(SELECT jsonb_array_elements_text(p.channels) ORDER BY 1),
    ARRAY(SELECT a.key || '=' || one.value FROM jsonb_each(p.attributes) a,
        LATERAL (SELECT a.value #>> '{{}}' AS value WHERE jsonb_typeof(a.value) <> 'array'
            UNION ALL SELECT jsonb_array_elements_text(a.value)
            WHERE jsonb_typeof(a.value) = 'array') one ORDER BY 1),
    v.count, m.images, p.tax_class, v.minor, v.currency, v.available,
    v.available > 0 OR v.backorder, {_card("tr")}, {_card("en")}
FROM changed c
JOIN {{schema}}.{PRODUCTS.name} p
    ON p.tenant_id = %(tenant_id)s::uuid AND p.product_id = c.product_id
LEFT JOIN {{schema}}.{BRANDS.name} b
    ON b.tenant_id = %(tenant_id)s::uuid AND b.brand_id = p.brand_id
CROSS JOIN LATERAL (
    SELECT count(*) AS images, (array_agg(one.value ORDER BY one.place))[1] AS first
    FROM jsonb_array_elements(p.media) WITH ORDINALITY AS one(value, place)
    WHERE one.value->>'kind' = 'image'
) m
CROSS JOIN LATERAL (
    SELECT count(*) AS count, min(r.minor) AS minor, max(r.minor) AS highest,
        (array_agg(r.currency ORDER BY r.minor, v.place) FILTER (WHERE r.minor IS NOT NULL))[1]
            AS currency,
        (array_agg(r.list_minor ORDER BY r.minor, v.place) FILTER (WHERE r.minor IS NOT NULL))[1]
            AS list_minor,
        coalesce(sum(s.available), 0)::bigint AS available,
        coalesce(max(s.low_at), 0) AS low_at, coalesce(bool_or(s.backorder), false) AS backorder
    FROM {{schema}}.{VARIANTS.name} v
    LEFT JOIN {{schema}}.{PRICES.name} r ON r.tenant_id = %(tenant_id)s::uuid
        AND r.variant_id = v.variant_id AND r.price_list_id = '{STANDARD_LIST}'
        AND r.minimum_quantity = 1
    CROSS JOIN LATERAL (
        SELECT sum(greatest(s.on_hand - s.reserved - coalesce(s.safety, 0), 0)) AS available,
            sum(s.low_at) AS low_at, bool_or(s.backorder) AS backorder
        FROM {{schema}}.{STOCK.name} s
        WHERE s.tenant_id = %(tenant_id)s::uuid AND s.variant_id = v.variant_id
    ) s
    WHERE v.tenant_id = %(tenant_id)s::uuid AND v.product_id = p.product_id AND NOT v.retired
) v
ON CONFLICT (tenant_id, product_id) DO UPDATE SET
    {", ".join(f"{column} = excluded.{column}" for column in LISTING.columns[1:])}
"""  # noqa: S608 - names from code
