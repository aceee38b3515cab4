"""SRC-05: what is found follows the log, is rebuilt beside searches, and is a tenant's own."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from itertools import pairwise

import psycopg
import pytest

from domain.catalog.events import (
    AttributesSet,
    ProductArchived,
    ProductPublished,
    ProductRestored,
    ProductUnpublished,
)
from domain.catalog.sorting.events import (
    BrandRenamed,
    CategoryMoved,
    CategoryRemoved,
    CategoryRenamed,
)
from domain.kernel.events import Event
from domain.search.analysis import every
from domain.search.asking import asked
from infrastructure.postgres.connections import connect
from infrastructure.postgres.pipelines import PipelinedConnection
from infrastructure.projections.checkpoints import begin
from infrastructure.replay.replay import Asked, replay
from infrastructure.search.counting import Counting
from infrastructure.search.engine import Facets, Filters, Question, Shop, Sort
from infrastructure.search.postgres import PostgresSearch
from infrastructure.search.spelling import quoted
from projections.catalog.searched import INDEX
from tests.kit.lively.shelves import price, received
from tests.projections.stepping import all_rows, catch_up, rewind
from tests.projections.written_logs import Log
from tests.search.engines import SHELF, WINDOW, look, on_shelves

pytestmark = pytest.mark.row("SRC-05")

CODES = ("brand", "category", "attributes.color", "in_stock", "channel", "price")
TEXTS = ("", "kitap", "bardak", "ayakkabı mavi", "kilim", "paşabahçe")


class Followed:
    """A log that goes on, and an engine that has seen it from the beginning."""

    def __init__(self, url: str, connection: PipelinedConnection) -> None:
        self.url, self.connection, self.log = url, connection, Log()
        self.engine = PostgresSearch()

    async def tell(self, *events: Event) -> None:
        first = len(self.log.events) + 1
        self.log.record(events)
        self.log.store(self.url, first=first)
        await catch_up(self.connection, self.log.tenant_id, WINDOW)

    async def answers(self, engine: PostgresSearch) -> list[tuple[object, Facets]]:
        """Give all that an engine finds and counts now."""
        shop = await look(self.connection, self.log.tenant_id)
        try:
            told: list[tuple[object, Facets]] = []
            for text in TEXTS:
                question = Question(asked(text, {}))
                found = await engine.search(
                    shop, question, Filters(), sort=Sort.RELEVANCE, after=None, limit=100
                )
                told.append((found, await engine.facets(shop, question, Filters(), CODES)))
            return told
        finally:
            await self.connection.execute(b"ROLLBACK")


@pytest.fixture
async def followed(database_url: str) -> AsyncGenerator[Followed]:
    async with await connect(database_url) as connection:
        made = Followed(database_url, connection)
        on_shelves(made.log, SHELF)
        made.log.store(database_url)
        await catch_up(connection, made.log.tenant_id, WINDOW)
        yield made


async def test_what_is_kept_counts_like_what_is_read_anew_whatever_happens(
    followed: Followed,
) -> None:
    seen = [await followed.answers(followed.engine)]
    for change in (
        price("var_0001", 40_000),
        price("var_0001", None),
        received("var_0003", 4),
        received("var_0005", -9),
        AttributesSet("prd_0001", None, {"color": "kilim", "sizes": ("s", "m")}),
        ProductUnpublished("prd_0005"),
        ProductPublished("prd_0005"),
        ProductArchived("prd_0004"),
        ProductRestored("prd_0004"),
        BrandRenamed("brd_pasa", "kilim", "pasabahce", "Kilim"),
        CategoryRenamed("cat_kitap", "bardak", {"tr": "Bardaklar"}),
        CategoryMoved("cat_ayakkabi", "cat_kitap"),
        CategoryMoved("cat_dis", None),
        CategoryRemoved("cat_ev"),
    ):
        await followed.tell(change)
        kept = await followed.answers(followed.engine)
        assert kept == await followed.answers(PostgresSearch()), change
        seen.append(kept)
    assert sum(one != other for one, other in pairwise(seen)) >= 12


async def test_a_rebuild_beside_searches_ends_with_the_same_rows_and_answers(
    followed: Followed,
) -> None:
    before, tenant_id = await followed.answers(followed.engine), followed.log.tenant_id
    rebuilding = asyncio.create_task(
        replay(followed.url, Asked([tenant_id], WINDOW, entries=False, rows_listed_max=5))
    )
    searches = 0
    while not rebuilding.done() or not searches:
        assert await followed.answers(followed.engine) == before
        searches += 1
    for outcome in await rebuilding:
        assert outcome.differing == 0, outcome
    rows = all_rows(followed.url, tenant_id)
    rewind(followed.url, tenant_id)
    await catch_up(followed.connection, tenant_id, WINDOW)
    assert all_rows(followed.url, tenant_id) == rows
    assert len(rows[INDEX.name]) == len(SHELF)
    assert await followed.answers(PostgresSearch()) == before


async def test_a_tenant_finds_nothing_of_another(followed: Followed) -> None:
    other = Log()
    functions = (
        b"SELECT * FROM read_models.catalog_words_v1_close(%(tenant_id)s, ARRAY['kitpa'])",
        b"SELECT n FROM read_models.catalog_search_v1_holding(%(tenant_id)s, 'kitap') n"  # noqa: ISC004 - one statement
        b" WHERE n IS NOT NULL",
        b"SELECT * FROM read_models.catalog_search_v1_found(%(tenant_id)s, NULL, 'a', 'a', NULL,"  # noqa: ISC004 - as above
        b" NULL, 'newest', NULL, NULL, 10)",
    )
    given = {"tenant_id": followed.log.tenant_id}
    for looking, finds in ((followed.log.tenant_id, True), (other.tenant_id, False)):
        await begin(followed.connection, looking)
        for function in functions:
            cursor = await followed.connection.execute(function, given)
            assert bool(await cursor.fetchall()) is finds, function
        await followed.connection.execute(b"ROLLBACK")


async def test_tallies_that_nobody_asks_for_are_let_go(followed: Followed) -> None:
    shop = await look(followed.connection, followed.log.tenant_id)
    lexemes = tuple(every(asked("kitap", {})))
    counting = Counting(products_kept_max=len(SHELF))
    first, holding = await counting.of(shop, lexemes)
    assert holding["kitap"].bit_count() == 2
    assert (await counting.of(shop))[0] is first
    other = Shop(Log().tenant_id, shop.connection, shop.position)
    await counting.of(other)
    assert (await counting.of(shop))[0] is first
    small = Counting(products_kept_max=len(SHELF) - 1)
    begun, _ = await small.of(shop)
    await small.of(other)
    assert (await small.of(shop))[0] is not begun
    await followed.connection.execute(b"ROLLBACK")


async def test_whoever_waits_for_a_tally_has_no_look_in_hand(followed: Followed) -> None:
    counting, looks = Counting(), list[Shop]()

    @asynccontextmanager
    async def looking() -> AsyncGenerator[Shop]:
        shop = await look(followed.connection, followed.log.tenant_id)
        looks.append(shop)
        try:
            yield shop
        finally:
            await followed.connection.execute(b"ROLLBACK")

    tenant_id = followed.log.tenant_id
    await asyncio.gather(*(counting.prepare(tenant_id, looking) for _ in range(20)))
    assert len(looks) == 1
    async with looking() as shop:
        tally, _ = await counting.of(shop)
        assert len(tally) == len(SHELF)


async def test_a_tally_that_is_let_go_while_it_catches_up_is_counted_with_all_the_same(
    followed: Followed,
) -> None:
    counting = Counting(products_kept_max=len(SHELF) - 1)
    await counting.of(await look(followed.connection, followed.log.tenant_id))
    await followed.connection.execute(b"ROLLBACK")
    await followed.tell(price("var_0001", 40_000))
    newer, other = await look(followed.connection, followed.log.tenant_id), Log().tenant_id
    async with await connect(followed.url) as elsewhere:
        await begin(elsewhere, other)
        async with followed.connection.lock:
            following = asyncio.create_task(counting.of(newer))
            await counting.of(Shop(other, elsewhere, newer.position))
            assert not following.done()
        tally, _ = await following
    assert (tally.position, len(tally)) == (newer.position, len(SHELF))
    await followed.connection.execute(b"ROLLBACK")


def test_what_the_index_holds_of_a_name_can_not_break_out_of_it(module_database_url: str) -> None:
    with psycopg.connect(module_database_url) as connection:
        for lexeme in ("a'b", "a\\b", "a' | 'b", "=:*&!()"):
            row = connection.execute(
                "SELECT array_to_tsvector(ARRAY[%s]) @@ %s::tsquery", (lexeme, quoted(lexeme))
            ).fetchone()
            assert row == (True,)
