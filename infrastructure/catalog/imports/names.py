"""What the words of a file name: categories by path, brands, product types and locations."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from application.catalog.importing.shapes import Branch, ImportedBrand
from domain.catalog.slugs import slug_of
from domain.kernel.events import stream_of
from domain.ledger.books import Books
from domain.ledger.events import BOOKS_KEY, BooksOpened
from infrastructure.catalog.imports.refused import CellWrong
from infrastructure.event_log.codec import decode
from infrastructure.event_log.reader import read_feed
from projections.catalog.sorting import brands, categories, product_types
from projections.catalog.sorting.brands import CATALOG_BRANDS
from projections.catalog.sorting.categories import CATALOG_CATEGORIES
from projections.catalog.sorting.product_types import CATALOG_PRODUCT_TYPES

ID_LETTERS = 26
BRANDS_AT_ONCE = 5_000
NEEDED = (CATALOG_CATEGORIES.key, CATALOG_BRANDS.key, CATALOG_PRODUCT_TYPES.key)

_POSITION = b"""
SELECT coalesce(min(position), 0), count(*) FROM defter.checkpoints
WHERE tenant_id = %s AND projection = ANY(%s)
"""
_BOOKS = stream_of(Books.CATEGORY, BOOKS_KEY)


@dataclass(frozen=True, slots=True)
class Names:
    """What is there, by what it may be called; `create` lets what is not there be made."""

    currency: str
    categories: Mapping[tuple[str | None, str], str]
    brands: Mapping[str, str]
    types: Mapping[str, str]
    kinds: Mapping[str, Mapping[str, str]]
    create: bool

    def path(self, names: tuple[str, ...]) -> tuple[Branch, ...]:
        """Give the categories of a path; what is not there has a name and an id of its own."""
        branches: list[Branch] = []
        above: str | None = None
        for name in names:
            known = self.categories.get((above, slug_of(name)))
            if known is None and not self.create:
                raise CellWrong(
                    "category",
                    f"there is no category {' > '.join(names)!r}",
                    code="catalog.category_not_found",
                )
            category_id = known or made_id("cat", above or "", slug_of(name))
            branches.append(Branch(category_id, above, None if known else name))
            above = category_id
        return tuple(branches)

    def brand(self, name: str) -> ImportedBrand:
        """Give a brand by its name, slug or id."""
        known = self.brands.get(name) or self.brands.get(slug_of(name))
        if known is not None:
            return ImportedBrand(known)
        if not self.create:
            raise CellWrong("brand", f"there is no brand {name!r}", code="catalog.brand_not_found")
        return ImportedBrand(made_id("brd", slug_of(name)), name)

    def type_id(self, name: str) -> str:
        """Give a product type by its name or id."""
        known = self.types.get(name) or self.types.get(slug_of(name))
        if known is None:
            raise CellWrong(
                "type",
                f"there is no product type {name!r}",
                code="catalog.product_type_not_found",
            )
        return known

    def kind(self, type_id: str | None, code: str) -> str:
        """Tell of which kind an attribute is: as its type says, else as any type does."""
        of_types = self.kinds.values() if type_id is None else [self.kinds.get(type_id, {})]
        return next((kinds[code] for kinds in of_types if code in kinds), "text")


def made_id(prefix: str, *words: str) -> str:
    """Make an id that the same words always give, so that a second run meets the first."""
    digest = hashlib.sha256("\0".join(words).encode()).hexdigest()
    return f"{prefix}_{digest[:ID_LETTERS]}"


async def names_of(
    connection: AsyncConnection[Any], tenant_id: UUID, *, after: int, create: bool
) -> Names | None:
    """Read what is there, or give None while the read models are behind a position."""
    row = await (await connection.execute(_POSITION, (tenant_id, list(NEEDED)))).fetchone()
    assert row is not None
    if row[1] < len(NEEDED) or row[0] < after:
        return None
    opened = await read_feed(
        connection, tenant_id, after=0, limit=1, stream=_BOOKS, types=(BooksOpened.NAME,)
    )
    books: list[Any] = [decode(one.type, one.schema, one.data) for one in opened]
    return Names(
        books[0].base_currency if books else "",
        await _categories(connection, tenant_id),
        await _brands(connection, tenant_id),
        *await _types(connection, tenant_id),
        create,
    )


async def _categories(
    connection: AsyncConnection[Any], tenant_id: UUID
) -> dict[tuple[str | None, str], str]:
    found: dict[tuple[str | None, str], str] = {}
    for row in await categories.categories(connection, tenant_id):
        for name in (*row["names"].values(), row["slug"]):
            found.setdefault((row["parent_id"], slug_of(name)), row["category_id"])
    return found


async def _brands(connection: AsyncConnection[Any], tenant_id: UUID) -> dict[str, str]:
    found: dict[str, str] = {}
    after = ""
    while True:
        page = await brands.brands(connection, tenant_id, after=after, limit=BRANDS_AT_ONCE)
        for row in page:
            found[row["brand_id"]] = row["brand_id"]
            found.setdefault(slug_of(row["name"]), row["brand_id"])
        # A slug is one brand's alone; a name may be of several.
        found |= {row["slug"]: row["brand_id"] for row in page}
        if len(page) < BRANDS_AT_ONCE:
            return found
        after = page[-1]["slug"]


async def _types(
    connection: AsyncConnection[Any], tenant_id: UUID
) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    rows = await product_types.product_types(connection, tenant_id, limit=BRANDS_AT_ONCE)
    named = {slug_of(name): row["type_id"] for row in rows for name in row["names"].values()}
    by_id = {row["type_id"]: row["type_id"] for row in rows}
    kinds = {
        row["type_id"]: {one["code"]: one["kind"] for one in row["attributes"]} for row in rows
    }
    return named | by_id, kinds
