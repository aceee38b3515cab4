"""Keeps the tallies of tenants in this process as fresh as whoever asks needs them.

A tally is read once from the index. Later the log names what has changed since (its streams are
read, no event is opened), and only those products are read again: within one look at the database,
so that what is counted is what stands there.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Collection, Mapping
from typing import TypeAlias
from uuid import UUID

from infrastructure.search.changes import EVENTS_FOLLOWED_MAX, changes
from infrastructure.search.engine import Shop
from infrastructure.search.spelling import quoted
from infrastructure.search.tallies import Entry, Tally
from projections.catalog.facts import VARIANTS
from projections.catalog.searched import INDEX, NO_PRICE

READ_AT_ONCE = 500
"""Rows that are taken in before others have their turn."""

PRODUCTS_KEPT_MAX = 1_000_000
"""Of all tenants; whoever was not asked for longest is read again when they are."""

Holding: TypeAlias = Mapping[str, int]
"""By lexeme the products that hold it, as a tally's bits."""

_PAGE = f"""
SELECT product_id, facets, cheapest FROM read_models.{INDEX.name}
WHERE tenant_id = %s AND product_id > %s ORDER BY product_id LIMIT {READ_AT_ONCE}
""".encode()  # noqa: S608 - names from code
_HOLDING = f"""
SELECT v.lexeme, read_models.{INDEX.name}_holding(%s, v.asked::tsquery)
FROM unnest(%s::text[], %s::text[]) v(lexeme, asked)
""".encode()  # noqa: S608 - as above
_CHANGED = f"""
SELECT c.product_id, i.facets, i.cheapest, tsvector_to_array(i.words) FROM (
    SELECT unnest(%(products)s::text[]) COLLATE "C" AS product_id
    UNION SELECT product_id FROM read_models.{VARIANTS.name}
    WHERE tenant_id = %(tenant_id)s AND variant_id = ANY(%(variants)s)
) c LEFT JOIN read_models.{INDEX.name} i
    ON i.tenant_id = %(tenant_id)s AND i.product_id = c.product_id
""".encode()  # noqa: S608 - as above


class Counting:
    """The tallies of this process."""

    def __init__(self, *, products_kept_max: int = PRODUCTS_KEPT_MAX) -> None:
        self._kept: OrderedDict[UUID, Tally] = OrderedDict()
        self._locks: dict[UUID, asyncio.Lock] = {}
        self._products_kept_max = products_kept_max

    async def of(self, shop: Shop, lexemes: Collection[str] = ()) -> tuple[Tally, Holding]:
        """Give a tenant's tally, and which products hold each of these lexemes.

        It holds the position of the look, or a later one.
        """
        lock = self._locks.setdefault(shop.tenant_id, asyncio.Lock())
        async with lock:
            tally = self._kept.pop(shop.tenant_id, None)
            if tally is None or shop.position - tally.position > EVENTS_FOLLOWED_MAX:
                tally = await _read(shop)
            elif tally.position < shop.position:
                await _follow(shop, tally)
            holding = await _holding(shop, tally, lexemes)
            self._kept[shop.tenant_id] = tally
        self._let_go(but=shop.tenant_id)
        return tally, holding

    def _let_go(self, *, but: UUID) -> None:
        held = sum(map(len, self._kept.values()))
        for tenant_id in list(self._kept):
            if held <= self._products_kept_max or tenant_id == but:
                return
            held -= len(self._kept.pop(tenant_id))
            self._locks.pop(tenant_id, None)


async def _read(shop: Shop) -> Tally:
    tally = Tally(shop.position)
    after = ""
    while True:
        cursor = await shop.connection.execute(_PAGE, (shop.tenant_id, after))
        rows = await cursor.fetchall()
        tally.take(_entry(*row) for row in rows)
        if len(rows) < READ_AT_ONCE:
            return tally
        after = rows[-1][0]
        await asyncio.sleep(0)


async def _follow(shop: Shop, tally: Tally) -> None:
    found = await changes(
        shop.connection, shop.tenant_id, after=tally.position, until=shop.position
    )
    if found.brands or found.categories:
        tally.forget_words()  # those of all products of a brand or category may be others
    if found.products or found.variants:
        given = {
            "tenant_id": shop.tenant_id,
            "products": found.products,
            "variants": found.variants,
        }
        rows = await (await shop.connection.execute(_CHANGED, given)).fetchall()
        tally.take(_entry(*row[:3]) for row in rows if row[1] is not None)
        tally.retell({row[0]: row[3] or () for row in rows})
        tally.drop(row[0] for row in rows if row[1] is None)
    tally.position = shop.position


async def _holding(shop: Shop, tally: Tally, lexemes: Collection[str]) -> Holding:
    found = {lexeme: tally.holding(lexeme) for lexeme in lexemes}
    lacking = [lexeme for lexeme, products in found.items() if products is None]
    known = {lexeme: products for lexeme, products in found.items() if products is not None}
    if not lacking:
        return known
    given = (shop.tenant_id, lacking, [quoted(lexeme) for lexeme in lacking])
    for lexeme, ids in await (await shop.connection.execute(_HOLDING, given)).fetchall():
        products = tally.places_of((ids or "").split())
        if tally.position == shop.position:  # else this look is older than what is kept
            tally.keep(lexeme, products)
        known[lexeme] = products
    return known


def _entry(product_id: str, facets: list[str], cheapest: int) -> Entry:
    return Entry(product_id, tuple(facets), cheapest if cheapest < NO_PRICE else None)
