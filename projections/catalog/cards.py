"""Cards and names of what was found by id, in the order found; which categories are below which."""

from collections.abc import Iterable, Sequence
from functools import cache
from uuid import UUID

from sqlalchemy import ARRAY, Text, any_, bindparam, select, text

from projections.catalog.listed import LISTING, LOCALES
from projections.catalog.searched import BRAND, CATEGORY, NAMES
from projections.catalog.sorting.categories import CATEGORIES, TOP
from projections.query import Asked, Query, Rows

_L = LISTING.table.c


@cache
def _cards(locale: str) -> Query:
    ids = bindparam("ids", type_=ARRAY(Text(collation="C")))
    return Query(
        select(_L.product_id, _L[f"card_{locale}"]).where(
            _L.tenant_id == bindparam("tenant_id"), _L.product_id == any_(ids)
        )
    )


_BELOW = Query(
    text(f"""
WITH RECURSIVE below AS (
    SELECT unnest(CAST(:ids AS text[])) COLLATE "C" AS category_id
    UNION SELECT c.category_id FROM read_models.{CATEGORIES.name} c, below b
    WHERE c.tenant_id = :tenant_id AND c.parent_id = b.category_id
)
SELECT category_id FROM below
""")  # noqa: S608 - a name from code
)
UPWARDS = Query(
    text(f"""
WITH RECURSIVE tree AS (
    SELECT c.category_id, c.parent_id, 0 AS depth FROM read_models.{CATEGORIES.name} c
    WHERE c.tenant_id = :tenant_id AND c.parent_id = '{TOP}'
    UNION ALL SELECT c.category_id, c.parent_id, t.depth + 1
    FROM read_models.{CATEGORIES.name} c, tree t
    WHERE c.tenant_id = :tenant_id AND c.parent_id = t.category_id
)
SELECT category_id, parent_id FROM tree WHERE depth > 0
""")  # noqa: S608 - names from code
)
"""Each category that is below another, with that one."""

_NAMED = Query(
    text(f"""
SELECT kind, id, slug, coalesce(
    names ->> :locale, {", ".join(f"names ->> '{one}'" for one in LOCALES)},
    (SELECT value FROM jsonb_each_text(names) ORDER BY key COLLATE "C" LIMIT 1), '')
FROM read_models.{NAMES.name} WHERE tenant_id = :tenant_id AND id = ANY(CAST(:ids AS text[]))
""")  # noqa: S608 - as above
)
_SORTED_IN = Query(
    text(f"""
SELECT kind, id FROM (
    SELECT kind, id, row_number() OVER (
        PARTITION BY kind ORDER BY starts_with(name_keys, :words) DESC, name_keys, id) AS place
    FROM read_models.{NAMES.name}
    WHERE tenant_id = :tenant_id AND strpos(name_keys, :words) > 0
) named WHERE place <= :limit ORDER BY kind, place
""")  # noqa: S608 - a name from code
)


def cards_of(tenant_id: UUID, ids: Sequence[str], locale: str) -> Asked:
    """Ask for the cards of products; `in_order` gives them."""
    return _cards(locale).with_values(tenant_id=tenant_id, ids=list(ids))


def in_order(ids: Iterable[str], rows: Rows) -> list[str]:
    """Give the cards, as JSON, of those that there are."""
    cards = dict(rows)
    return [cards[one] for one in ids if one in cards]


def subtrees(tenant_id: UUID, ids: Sequence[str]) -> Asked:
    """Ask for categories and all that are below them."""
    return _BELOW.with_values(tenant_id=tenant_id, ids=list(ids))


def sorters_named(tenant_id: UUID, ids: Sequence[str], locale: str) -> Asked:
    """Ask what categories and brands are called; `named` gives it."""
    return _NAMED.with_values(tenant_id=tenant_id, ids=list(ids), locale=locale)


def named(rows: Rows) -> dict[tuple[str, str], dict[str, str]]:
    """Give slugs and names by kind (`category`, `brand`) and id."""
    return {
        (kind, id_): {f"{kind}_id": id_, "slug": slug, "name": name}
        for kind, id_, slug, name in rows
    }


def sorters_begun(tenant_id: UUID, begins: str, limit: int) -> Asked:
    """Ask for categories and brands that have a word which begins so; `by_kind` gives them."""
    return _SORTED_IN.with_values(tenant_id=tenant_id, words=f" {begins}", limit=limit)


def by_kind(rows: Rows) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Give the ids of categories, and of brands."""
    return (
        tuple(id_ for kind, id_ in rows if kind == CATEGORY),
        tuple(id_ for kind, id_ in rows if kind == BRAND),
    )
