"""Functions that search the index of one tenant.

Row-level security lets no index answer `@@` or `%`, for operators that might tell of rows they are
shown (they are not leakproof) wait for the policy. So these functions see all rows, as those that
look across tenants do, and ask for the tenant themselves, which has to be one that the transaction
is for.
"""

from domain.search.closeness import ALIKE
from projections.catalog.searched import INDEX, WORDS

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
