"""The tree of categories, with the path of each."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import Column, Index, ScalarSelect, Text, bindparam, cast, func, select, text
from sqlalchemy.dialects.postgresql import JSONB

from domain.catalog.sorting.events import (
    CategoryAdded,
    CategoryMoved,
    CategoryRemoved,
    CategoryRenamed,
)
from domain.kernel.events import Recorded
from projections.query import Connection, Query
from projections.read_model import (
    SCHEMA,
    Delete,
    Increment,
    Insert,
    Operation,
    ReadModel,
    ReadTable,
)

TOP = ""
"""Stands for no parent: None would keep the one that is there."""

CATEGORIES = ReadTable(
    "catalog_categories_v1",
    Column("category_id", Text(collation="C"), primary_key=True),
    Column("parent_id", Text(collation="C"), nullable=False),
    Column("slug", Text(collation="C"), nullable=False),
    Column("names", JSONB, nullable=False),
    Index("catalog_categories_v1_parent", "tenant_id", "parent_id"),
    latest=("parent_id", "slug", "names"),
)
"""`names` stand by language."""


def _added(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    row = (event.category_id, event.parent_id or TOP, event.slug, _words(event.names))
    return (Insert(CATEGORIES, row),)


def _renamed(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    latest = (None, event.slug, _words(event.names))
    return (Increment(CATEGORIES, (event.category_id,), (), latest),)


def _moved(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    return (Increment(CATEGORIES, (event.category_id,), (), (event.parent_id or TOP, None, None)),)


def _removed(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    return (Delete(CATEGORIES, (event.category_id,)),)


def _words(names: Any) -> str:  # noqa: ANN401 - a mapping of an event
    return msgspec.json.encode(names).decode()


CATALOG_CATEGORIES = ReadModel(
    "catalog_categories",
    1,
    (CATEGORIES,),
    {
        CategoryAdded: _added,
        CategoryRenamed: _renamed,
        CategoryMoved: _moved,
        CategoryRemoved: _removed,
    },
)

_CATEGORY = CATEGORIES.table.c
_ALL = Query(
    select(CATEGORIES.table)
    .where(_CATEGORY.tenant_id == bindparam("tenant_id"))
    .order_by(_CATEGORY.category_id)
)

_UP = Query(
    text(f"""
WITH RECURSIVE up AS (
    SELECT one COLLATE "C" AS category_id, one COLLATE "C" AS above, 0 AS height
    FROM unnest(CAST(:ids AS text[])) one
    UNION ALL SELECT u.category_id, c.parent_id, u.height + 1
    FROM up u, {SCHEMA}.{CATEGORIES.name} c
    WHERE c.tenant_id = :tenant_id AND c.category_id = u.above
)
SELECT u.category_id, c.names FROM up u, {SCHEMA}.{CATEGORIES.name} c
WHERE c.tenant_id = :tenant_id AND c.category_id = u.above
ORDER BY u.category_id, u.height DESC
""")  # noqa: S608 - names from code
)


def subtree() -> ScalarSelect[Any]:
    """Give the category that `:category_id` names and all below it, as an array within a query."""
    asked = cast(bindparam("category_id"), Text(collation="C")).label("category_id")
    below = select(asked).cte("below", recursive=True)
    below = below.union_all(
        select(_CATEGORY.category_id).where(
            _CATEGORY.tenant_id == bindparam("tenant_id"),
            _CATEGORY.parent_id == below.c.category_id,
        )
    )
    return select(func.array_agg(below.c.category_id)).scalar_subquery()


async def categories(connection: Connection, tenant_id: object) -> list[dict[str, Any]]:
    """Give all categories by path, each with its `path` of slugs, `names` and `parent_id`."""
    return with_paths(await _ALL.all(connection, tenant_id=tenant_id))


async def paths(
    connection: Connection, tenant_id: object, ids: Iterable[str]
) -> dict[str, list[Mapping[str, str]]]:
    """Give the names by language of each category and of all above it, from the top."""
    found: dict[str, list[Mapping[str, str]]] = {}
    for category_id, names in await _UP.tuples(connection, tenant_id=tenant_id, ids=list(ids)):
        found.setdefault(category_id, []).append(names)
    return found


def with_paths(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Lay categories out by path; what is above a category comes before it."""
    below: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        below.setdefault(row["parent_id"], []).append(row)
    laid: list[dict[str, Any]] = []
    waiting = [(row, row["slug"]) for row in _by_slug(below, TOP)]
    while waiting:
        row, path = waiting.pop()
        laid.append(
            {
                "category_id": row["category_id"],
                "parent_id": row["parent_id"] or None,
                "slug": row["slug"],
                "path": path,
                "names": row["names"],
            }
        )
        waiting += [(one, f"{path}/{one['slug']}") for one in _by_slug(below, row["category_id"])]
    return laid


def _by_slug(below: dict[str, list[dict[str, Any]]], parent_id: str) -> list[dict[str, Any]]:
    """Give those below one, the last one first, as they are taken off a stack."""
    return sorted(below.get(parent_id, ()), key=lambda row: row["slug"], reverse=True)
