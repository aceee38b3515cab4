"""Cards and names of what was found by id, in the order found; which categories are below which."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import ARRAY, Text, any_, bindparam, select, text

from projections.catalog.listed import LISTING, LOCALES
from projections.catalog.searched import NAMES
from projections.catalog.sorting.categories import CATEGORIES, TOP
from projections.query import Connection, Query

_L, _N = LISTING.table.c, NAMES.table.c


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
_UPWARDS = Query(
    text(f"""
WITH RECURSIVE tree AS (
    SELECT c.category_id, c.parent_id, 0 AS depth FROM read_models.{CATEGORIES.name} c
    WHERE c.tenant_id = :tenant_id AND c.parent_id = '{TOP}'
    UNION ALL SELECT c.category_id, c.parent_id, t.depth + 1
    FROM read_models.{CATEGORIES.name} c, tree t
    WHERE c.tenant_id = :tenant_id AND c.parent_id = t.category_id
)
SELECT category_id, parent_id FROM tree WHERE depth > 0 ORDER BY depth DESC
""")  # noqa: S608 - names from code
)
_NAMED = Query(
    select(_N.kind, _N.id, _N.slug, _N.names).where(
        _N.tenant_id == bindparam("tenant_id"),
        _N.id == any_(bindparam("ids", type_=ARRAY(Text(collation="C")))),
    )
)


async def cards_of(
    connection: Connection, tenant_id: object, ids: Sequence[str], locale: str
) -> list[str]:
    """Give the cards, as JSON, of those that there are."""
    rows = await _cards(locale).tuples(connection, tenant_id=tenant_id, ids=list(ids))
    cards = dict(rows)
    return [cards[one] for one in ids if one in cards]


async def subtrees(connection: Connection, tenant_id: object, ids: Sequence[str]) -> list[str]:
    """Give categories and all that are below them."""
    rows = await _BELOW.tuples(connection, tenant_id=tenant_id, ids=list(ids))
    return sorted(row[0] for row in rows)


async def upwards(connection: Connection, tenant_id: object) -> list[tuple[str, str]]:
    """Give each category that is below another with that one, the deepest first."""
    return [
        (below, above) for below, above in await _UPWARDS.tuples(connection, tenant_id=tenant_id)
    ]


async def sorted_in(
    connection: Connection, tenant_id: object, ids: Sequence[str], locale: str
) -> dict[tuple[str, str], dict[str, Any]]:
    """Give slugs and names of categories and brands, by kind (`category`, `brand`) and id."""
    rows = await _NAMED.tuples(connection, tenant_id=tenant_id, ids=list(ids))
    return {
        (kind, id_): {f"{kind}_id": id_, "slug": slug, "name": _in(names, locale)}
        for kind, id_, slug, names in rows
    }


def _in(names: Mapping[str, str], locale: str) -> str:
    known = (names[one] for one in (locale, *LOCALES, *sorted(names)) if one in names)
    return next(known, "")
