"""How the index of one tenant is made and searched.

Row-level security lets no index answer `@@` or `%`, for operators that might tell of rows they are
shown (they are not leakproof) wait for the policy. So it is searched by functions that see all
rows, as those that look across tenants do, and ask for the tenant themselves, which has to be one
that the transaction is for.
"""

from domain.search.closeness import ALIKE
from projections.catalog.facts import PRODUCTS, PUBLISHED, VARIANTS
from projections.catalog.searched import (
    BRAND,
    CATEGORY,
    FACET_BYTES_MAX,
    INDEX,
    NAMES,
    NO_PRICE,
    TEXTS,
    WORDS,
)
from projections.catalog.surroundings import PRICES, STOCK

TIER = 2**52
"""More microseconds than `newest` can hold: products of a better tier come first."""

CANDIDATES = 50

_WHOSE = """tenant_id = whose
        AND whose = ANY(nullif(current_setting('app.tenants', true), '')::uuid[])"""

_SEEN = """
GRANT SELECT ON read_models.{table} TO defter_directory;
CREATE POLICY directory ON read_models.{table} FOR SELECT TO defter_directory USING (true);
"""

_FOUND = f"""
CREATE OR REPLACE FUNCTION read_models.{INDEX.name}_found(whose uuid, asked tsquery,
    named tsquery, near tsquery, low bigint, high bigint, sort text,
    after_key bigint, after_id text, most bigint)
RETURNS TABLE (product_id text, key bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan AS $$
#variable_conflict use_column
BEGIN RETURN QUERY
    WITH found AS MATERIALIZED (
        SELECT i.product_id, CASE sort WHEN 'newest' THEN i.newest WHEN 'price' THEN i.cheapest
            WHEN '-price' THEN i.dearest ELSE i.newest - {TIER} * CASE
                WHEN i.words @@ named THEN 2 WHEN i.words @@ near THEN 1 ELSE 0 END
            END AS key
        FROM read_models.{INDEX.name} i
        WHERE i.{_WHOSE}
        AND (asked IS NULL OR i.words @@ asked)
        AND (low IS NULL OR i.cheapest >= low) AND (high IS NULL OR i.cheapest <= high)
    )
    SELECT f.product_id, f.key FROM found f
    WHERE after_key IS NULL OR (f.key, f.product_id COLLATE "C") > (after_key, after_id)
    ORDER BY f.key, f.product_id COLLATE "C" LIMIT most;
END $$
"""  # noqa: S608 - names from code

_HOLDING = f"""
CREATE OR REPLACE FUNCTION read_models.{INDEX.name}_holding(whose uuid, lexeme tsquery)
RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan AS $$
#variable_conflict use_column
BEGIN
    RETURN (SELECT string_agg(i.product_id, ' ') FROM read_models.{INDEX.name} i
        WHERE i.{_WHOSE}
        AND i.words @@ lexeme);
END $$
"""  # noqa: S608 - as above

_CLOSE = f"""
CREATE OR REPLACE FUNCTION read_models.{WORDS.name}_close(whose uuid, mistyped text[])
RETURNS TABLE (asked text, word text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, defter, pg_temp
SET plan_cache_mode = force_custom_plan SET pg_trgm.similarity_threshold = {ALIKE} AS $$
#variable_conflict use_column
BEGIN RETURN QUERY
    SELECT m.word, near.word FROM unnest(mistyped) m(word) CROSS JOIN LATERAL (
        SELECT w.word FROM read_models.{WORDS.name} w
        WHERE w.{_WHOSE}
        AND w.word % m.word
        ORDER BY similarity(w.word, m.word) DESC, w.word LIMIT {CANDIDATES}
    ) near;
END $$
"""  # noqa: S608 - as above

_CLOSE_INDEX = f"""
CREATE INDEX {WORDS.name}_close ON read_models.{WORDS.name}
    USING gin (tenant_id, word defter.gin_trgm_ops)
"""

SEARCH_DDL = (
    *(_SEEN.format(table=table.name) for table in (INDEX, WORDS)),
    _CLOSE_INDEX,
    _FOUND,
    _HOLDING,
    _CLOSE,
)

SEARCH_LOOKUPS = (
    (
        f"read_models.{INDEX.name}_found(uuid, tsquery, tsquery, tsquery, bigint, bigint, text,"
        " bigint, text, bigint)"
    ),
    f"read_models.{INDEX.name}_holding(uuid, tsquery)",
    f"read_models.{WORDS.name}_close(uuid, text[])",
)

INDEXED_FROM = (PRODUCTS, VARIANTS, PRICES, STOCK, NAMES)


def index_of(listing: str) -> str:
    """Give the SQL that makes rows of the index anew from those of the listing, made before."""
    return f"""
WITH changed AS MATERIALIZED (
    SELECT unnest(%({PRODUCTS.name})s::text[]) COLLATE "C" AS product_id
    UNION SELECT v.product_id FROM {{schema}}.{VARIANTS.name} v
    WHERE v.tenant_id = %(tenant_id)s::uuid AND v.variant_id = ANY(%({VARIANTS.name})s::text[]
        || %({PRICES.name})s::text[] || %({STOCK.name})s::text[])
    UNION SELECT p.product_id FROM {{schema}}.{PRODUCTS.name} p
    WHERE p.tenant_id = %(tenant_id)s::uuid AND p.brand_id = ANY(%({NAMES.name})s::text[])
    UNION SELECT l.product_id FROM {{schema}}.{listing} l
    WHERE cardinality(%({NAMES.name})s::text[]) > 0
        AND l.tenant_id = %(tenant_id)s::uuid AND l.category_ids && %({NAMES.name})s::text[]
), gone AS (
    DELETE FROM {{schema}}.{INDEX.name} i USING changed c
    WHERE i.tenant_id = %(tenant_id)s::uuid AND i.product_id = c.product_id AND NOT EXISTS (
        SELECT FROM {{schema}}.{listing} l WHERE l.tenant_id = %(tenant_id)s::uuid
            AND l.product_id = c.product_id AND l.status = '{PUBLISHED}')
)
INSERT INTO {{schema}}.{INDEX.name} AS i (tenant_id, {", ".join(INDEX.columns)})
SELECT %(tenant_id)s::uuid, l.product_id,
    -(extract(epoch FROM l.published_at) * 1000000)::bigint,
    coalesce(l.price_minor, {NO_PRICE}), coalesce(-l.price_minor, {NO_PRICE}), t.name_key,
    f.facets, t.told::tsvector || n.words || t.features::tsvector || t.options::tsvector
        || array_to_tsvector(f.facets || v.numbers)
FROM changed c
JOIN {{schema}}.{listing} l ON l.tenant_id = %(tenant_id)s::uuid
    AND l.product_id = c.product_id AND l.status = '{PUBLISHED}'
JOIN {{schema}}.{TEXTS.name} t ON t.tenant_id = %(tenant_id)s::uuid
    AND t.product_id = c.product_id
CROSS JOIN LATERAL (
    SELECT array_agg(DISTINCT facet COLLATE "C" ORDER BY facet COLLATE "C") AS facets FROM (
        SELECT 'brand=' || l.brand_id AS facet WHERE l.brand_id <> ''
        UNION ALL SELECT 'category=' || category FROM unnest(l.category_ids) category
        UNION ALL SELECT 'channel=' || channel FROM unnest(
            CASE WHEN cardinality(l.channels) > 0 THEN l.channels ELSE ARRAY['*'] END) channel
        UNION ALL SELECT 'in_stock=' || CASE WHEN l.in_stock THEN 'true' ELSE 'false' END
        UNION ALL SELECT 'attributes.' || attribute FROM unnest(l.attributes) attribute
    ) every WHERE octet_length(facet) <= {FACET_BYTES_MAX}
) f
CROSS JOIN LATERAL (
    SELECT coalesce(string_agg(n.words, ' ' ORDER BY n.id, n.kind), '')::tsvector AS words
    FROM {{schema}}.{NAMES.name} n WHERE n.tenant_id = %(tenant_id)s::uuid
        AND ((n.kind = '{BRAND}' AND n.id = l.brand_id)
            OR (n.kind = '{CATEGORY}' AND n.id = ANY(l.category_ids)))
) n
CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(DISTINCT number), '{{}}') AS numbers FROM (
        SELECT regexp_replace(lower(number), '[^a-z0-9]', '', 'g') AS number
        FROM {{schema}}.{VARIANTS.name} v, unnest(ARRAY[v.sku, v.gtin, v.barcode]) number
        WHERE v.tenant_id = %(tenant_id)s::uuid AND v.product_id = l.product_id AND NOT v.retired
    ) every WHERE number <> '' AND octet_length(number) <= {FACET_BYTES_MAX}
) v
ON CONFLICT (tenant_id, product_id) DO UPDATE SET
    {", ".join(f"{column} = excluded.{column}" for column in INDEX.columns[1:])}
WHERE ({", ".join(f"i.{column}" for column in INDEX.columns[1:])})
    IS DISTINCT FROM ({", ".join(f"excluded.{column}" for column in INDEX.columns[1:])})
"""  # noqa: S608 - names from code
