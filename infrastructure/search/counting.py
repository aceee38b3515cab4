"""Keeps the tallies of tenants in this process as fresh as whoever asks needs them.

A tally is read once from the index. Later the log names what has changed since (its streams are
read, no event is opened), and only those products are read again: within one look at the database,
so that what is counted is what stands there. Whoever has to wait for a long reading waits before
they look: with a connection in hand they would keep others from being answered.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Collection, Mapping
from typing import NamedTuple, TypeAlias
from uuid import UUID

from sqlalchemy import text

from infrastructure.postgres.asking import ask
from infrastructure.search.changes import EVENTS_FOLLOWED_MAX, changes
from infrastructure.search.engine import Looking, Shop
from infrastructure.search.spelling import quoted
from infrastructure.search.tallies import Entry, Tally
from projections.catalog.cards import UPWARDS
from projections.catalog.facts import VARIANTS
from projections.catalog.searched import INDEX
from projections.query import Query, Rows

READ_AT_ONCE = 2_000
"""Rows that are taken in before others have their turn."""

LEFT_SECONDS = 60.0
"""A tally that nobody asked for so long may be far behind: it catches up before others look."""

PRODUCTS_KEPT_MAX = 1_000_000
"""Of all tenants; whoever was not asked for longest is read again when they are."""

Holding: TypeAlias = Mapping[str, int]
"""By lexeme the products that hold it, as a tally's bits."""

_PAGE = Query(
    text(f"""
SELECT product_id, facets, newest, cheapest FROM read_models.{INDEX.name}
WHERE tenant_id = :tenant_id AND product_id > :after ORDER BY product_id LIMIT {READ_AT_ONCE}
""")  # noqa: S608 - names from code
)
_HOLDING = Query(
    text(f"""
SELECT v.lexeme, read_models.{INDEX.name}_holding(:tenant_id, CAST(v.asked AS tsquery))
FROM unnest(CAST(:lexemes AS text[]), CAST(:asked AS text[])) v(lexeme, asked)
""")  # noqa: S608 - as above
)
_CHANGED = Query(
    text(f"""
SELECT c.product_id, i.facets, i.newest, i.cheapest, tsvector_to_array(i.words) FROM (
    SELECT unnest(CAST(:products AS text[])) COLLATE "C" AS product_id
    UNION SELECT product_id FROM read_models.{VARIANTS.name}
    WHERE tenant_id = :tenant_id AND variant_id = ANY(CAST(:variants AS text[]))
) c LEFT JOIN read_models.{INDEX.name} i
    ON i.tenant_id = :tenant_id AND i.product_id = c.product_id
""")  # noqa: S608 - as above
)


class Told(NamedTuple):
    """All that the index says at a position; `above` has the category above each."""

    position: int
    above: Mapping[str, str]
    pages: list[Rows]


class Counting:
    """The tallies of this process."""

    def __init__(self, *, products_kept_max: int = PRODUCTS_KEPT_MAX) -> None:
        self._kept: OrderedDict[UUID, Tally] = OrderedDict()
        self._asked_at: dict[UUID, float] = {}
        self._locks: dict[UUID, asyncio.Lock] = {}
        self._products_kept_max = products_kept_max

    async def prepare(self, tenant_id: UUID, look: Looking) -> None:
        """Read a tenant's tally where it may take long; all others who want it wait here."""
        if self._is_near(tenant_id):
            return
        async with self._lock(tenant_id):
            if self._is_near(tenant_id):
                return
            async with look() as shop:
                told = await self._told(shop)
            await self._take(tenant_id, told)

    async def of(self, shop: Shop, lexemes: Collection[str] = ()) -> tuple[Tally, Holding]:
        """Give a tenant's tally, and which products hold each of these lexemes.

        It holds the position of the look, or a later one.
        """
        tally = self._kept.get(shop.tenant_id)
        if tally is None or tally.position < shop.position:
            async with self._lock(shop.tenant_id):
                tally = await self._take(shop.tenant_id, await self._told(shop))
        self._use(shop.tenant_id)
        holding = _kept(tally, lexemes)
        if len(holding) == len(set(lexemes)):
            return tally, holding
        async with self._lock(shop.tenant_id):  # many ask for the same words at the same time
            return tally, await _holding(shop, tally, lexemes)

    def knows(self, tenant_id: UUID, word: str) -> bool:
        """Whether products are kept that hold a word."""
        tally = self._kept.get(tenant_id)
        return tally is not None and bool(tally.holding(word))

    def _use(self, tenant_id: UUID) -> None:
        self._kept.move_to_end(tenant_id)
        self._asked_at[tenant_id] = time.monotonic()

    def _is_near(self, tenant_id: UUID) -> bool:
        asked_at = self._asked_at.get(tenant_id)
        return asked_at is not None and time.monotonic() - asked_at < LEFT_SECONDS

    def _lock(self, tenant_id: UUID) -> asyncio.Lock:
        return self._locks.setdefault(tenant_id, asyncio.Lock())

    async def _told(self, shop: Shop) -> Tally | Told:
        """Bring a tally to a look, or read all that one is made of."""
        tally = self._kept.get(shop.tenant_id)
        if tally is None or shop.position - tally.position > EVENTS_FOLLOWED_MAX:
            return await _read(shop)
        if tally.position < shop.position:
            await _follow(shop, tally)
        return tally

    async def _take(self, tenant_id: UUID, told: Tally | Told) -> Tally:
        tally = await _made_of(told) if isinstance(told, Told) else told
        self._kept[tenant_id] = tally  # it may have been let go meanwhile
        self._use(tenant_id)
        self._let_go(but=tenant_id)
        return tally

    def _let_go(self, *, but: UUID) -> None:
        held = sum(map(len, self._kept.values()))
        for tenant_id in list(self._kept):
            if held <= self._products_kept_max or tenant_id == but:
                return
            held -= len(self._kept.pop(tenant_id))
            self._asked_at.pop(tenant_id, None)
            self._locks.pop(tenant_id, None)


async def _read(shop: Shop) -> Told:
    (above,) = await ask(shop.connection, UPWARDS.with_values(tenant_id=shop.tenant_id))
    pages: list[Rows] = []
    after = ""
    while True:
        page = _PAGE.with_values(tenant_id=shop.tenant_id, after=after)
        (rows,) = await ask(shop.connection, page)
        pages.append(rows)
        if len(rows) < READ_AT_ONCE:
            return Told(shop.position, dict(above), pages)
        after = rows[-1][0]


async def _made_of(told: Told) -> Tally:
    tally = Tally(told.position, told.above)
    for rows in told.pages:
        tally.take([Entry(*row) for row in rows])
        await asyncio.sleep(0)
    return tally


async def _follow(shop: Shop, tally: Tally) -> None:
    found = await changes(
        shop.connection, shop.tenant_id, after=tally.position, until=shop.position
    )
    rows: Rows = []
    above: Rows | None = None
    if found.products or found.variants:
        changed = _CHANGED.with_values(
            tenant_id=shop.tenant_id, products=found.products, variants=found.variants
        )
        (rows,) = await ask(shop.connection, changed)
    if found.categories:
        (above,) = await ask(shop.connection, UPWARDS.with_values(tenant_id=shop.tenant_id))
    # From here on nobody else has a turn: whoever counts meets all of it or nothing.
    if above is not None:
        tally.branch(dict(above))
    if found.brands or found.categories:
        tally.forget_words()  # those of all products of a brand or category may be others
    tally.take([Entry(*row[:4]) for row in rows if row[1] is not None])
    tally.retell({row[0]: row[4] or () for row in rows})
    tally.drop(row[0] for row in rows if row[1] is None)
    tally.position = shop.position


def _kept(tally: Tally, lexemes: Collection[str]) -> dict[str, int]:
    found = ((lexeme, tally.holding(lexeme)) for lexeme in lexemes)
    return {lexeme: products for lexeme, products in found if products is not None}


async def _holding(shop: Shop, tally: Tally, lexemes: Collection[str]) -> Holding:
    known = _kept(tally, lexemes)
    lacking = [lexeme for lexeme in lexemes if lexeme not in known]
    if not lacking:
        return known
    asked = _HOLDING.with_values(
        tenant_id=shop.tenant_id, lexemes=lacking, asked=[quoted(one) for one in lacking]
    )
    (rows,) = await ask(shop.connection, asked)
    for lexeme, ids in rows:
        products = tally.places_of((ids or "").split())
        if tally.position == shop.position:  # else this look is older than what is kept
            tally.keep(lexeme, products)
        known[lexeme] = products
    return known
