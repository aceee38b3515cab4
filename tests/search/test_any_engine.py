"""SRC-04: one contract for every engine. SRC-01 to SRC-03: what is found, in which order.

The engine in memory looks at every product; all others have to find and count the same, a cluster
of OpenSearch (a stub of one) over its protocol.
"""

import asyncio
from collections.abc import AsyncGenerator, Collection
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.search.asking import asked
from domain.search.events import Synonyms
from infrastructure.postgres.connections import connect
from infrastructure.search.engine import (
    Facets,
    Filters,
    Found,
    Place,
    Question,
    SearchEngine,
    Shop,
    Sort,
    Suggested,
)
from infrastructure.search.memory import MemorySearch
from infrastructure.search.postgres import FEW, PostgresSearch
from tests.projections.stepping import catch_up
from tests.projections.written_logs import Log
from tests.search.engines import (
    ABOVE,
    ARTICLES,
    BRANDS,
    CATEGORIES,
    COLORS,
    SHELF,
    WINDOW,
    Article,
    Engines,
    below,
    brought,
    look,
    on_shelves,
    stubbed,
)

pytestmark = [pytest.mark.row("SRC-01"), pytest.mark.row("SRC-04")]


@pytest.fixture(params=["memory", "postgres", "postgres, of many products", "opensearch"])
async def shop(request: pytest.FixtureRequest, module_database_url: str) -> AsyncGenerator[Engines]:
    log = Log()
    products = on_shelves(log, SHELF)
    log.store(module_database_url)
    async with await connect(module_database_url) as connection, stubbed() as cluster:
        await catch_up(connection, log.tenant_id, WINDOW)
        engine: SearchEngine = PostgresSearch(few=0 if "many" in request.param else FEW)
        if request.param == "memory":
            engine = MemorySearch(products, categories=CATEGORIES, brands=BRANDS, above=ABOVE)
        if request.param == "opensearch":
            engine = await brought(connection, log.tenant_id, cluster)
        yield Engines(engine, await look(connection, log.tenant_id))
        await connection.execute(b"ROLLBACK")


@pytest.mark.parametrize("text", ["kitap", "KİTAP", "KITAP", "kitabı", "kitaplar", "kitaplarımın"])
async def test_a_word_is_found_however_it_is_inflected_or_spelt(shop: Engines, text: str) -> None:
    assert await shop.names(text) == {"Kitap Ayracı", "Çocuk Kitapları Seti"}


@pytest.mark.parametrize("text", ["ayakkabi", "ayakkabısı", "AYAKKABILAR", "ayakabı", "ayakkbaı"])
async def test_a_slip_of_the_finger_finds_what_was_meant(shop: Engines, text: str) -> None:
    assert await shop.names(text) == {"Kırmızı Spor Ayakkabı", "Bahçe Ayakkabısı"}


@pytest.mark.parametrize("text", ["bardk", "kırmzı halo", "xyzt", "500ml halı"])
async def test_what_is_not_there_is_not_found(shop: Engines, text: str) -> None:
    found = await shop.names(text)
    assert found == ({"İnce Belli Bardak 500 ml", "Su Bardağı 250ml"} if text == "bardk" else set())


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("500ml", "İnce Belli Bardak 500 ml"),
        ("250 ML", "Su Bardağı 250ml"),
        ("tshirt", "T-shirt Pamuklu"),
        ("t shirt", "T-shirt Pamuklu"),
        ("pamuk", "T-shirt Pamuklu"),
        ("SKU-0009", "Kaplan Desenli Halı"),
    ],
)
async def test_units_hyphens_and_numbers_are_words(shop: Engines, text: str, name: str) -> None:
    assert await shop.names(text) == {name}


async def test_all_words_are_to_be_found_anywhere(shop: Engines) -> None:
    assert await shop.names("paşabahçe kırmızı") == {"Su Bardağı 250ml"}
    assert await shop.names("ayakkabı ve kırmızı için") == {"Kırmızı Spor Ayakkabı"}


async def test_synonyms_are_found_for_one_another_or_one_way(shop: Engines) -> None:
    both = Synonyms(("kilim", "halı"))
    one_way = Synonyms(("bardak",), source="sürahi takımı")
    assert await shop.names("kilim", both, one_way) == {"Kaplan Desenli Halı"}
    assert await shop.names("sürahi takımı", both, one_way) >= {"Su Bardağı 250ml"}
    assert await shop.names("kilim", one_way) == set()


async def test_names_come_before_what_is_around_a_product_and_before_what_is_told_of_it(
    shop: Engines,
) -> None:
    found = await shop.found("ayakkabı")
    assert [hit.product_id for hit in found.hits] == ["prd_0008", "prd_0004"]
    found = await shop.found("mavi")
    assert [hit.product_id for hit in found.hits] == ["prd_0005", "prd_0001"]


@pytest.mark.row("SRC-02")
async def test_facets_narrow_one_another_and_not_themselves(shop: Engines) -> None:
    codes = ("brand", "attributes.color", "in_stock", "category", "price")
    free = await shop.facets(codes)
    assert free.counts["attributes.color"] == {"mavi": 2, "kırmızı": 3, "yeşil": 2}
    assert free.counts["in_stock"] == {"true": 7, "false": 2}
    assert free.counts["category"] == {"cat_ev": 6, "cat_dis": 2, "cat_ayakkabi": 2, "cat_kitap": 2}
    assert free.prices == (500, 400_000)
    filters = Filters({"attributes.color": ("mavi", "kırmızı"), "brand": ("brd_pasa",)})
    chosen = await shop.facets(codes, filters=filters)
    assert chosen.counts["attributes.color"] == {"mavi": 1, "kırmızı": 1}
    assert chosen.counts["brand"] == {"brd_pasa": 2, "brd_adi": 1}
    assert chosen.counts["category"] == {"cat_ev": 2}
    assert chosen.prices == (6_000, 7_500)
    words = await shop.facets(codes, "bardak")
    assert words.counts["brand"] == {"brd_pasa": 2}


@pytest.mark.row("SRC-02")
async def test_a_channel_holds_what_is_sold_everywhere(shop: Engines) -> None:
    found = await shop.found(filters=Filters({"channel": ("pos",)}))
    assert {hit.product_id for hit in found.hits}.isdisjoint({"prd_0007"})
    assert found.total == 8


@pytest.mark.row("SRC-06")
async def test_suggestions_begin_with_what_was_typed(shop: Engines) -> None:
    assert await shop.suggest("kit") == Suggested(
        ("prd_0001", "prd_0003", "prd_0002"), ("cat_kitap",), ()
    )
    assert (await shop.suggest("su bar")).products == ("prd_0006",)
    assert (await shop.suggest("ayak", limit=1)).products == ("prd_0002",)
    assert (await shop.suggest("PAŞA")).brands == ("brd_pasa",)
    assert (await shop.suggest("adim")).brands == ("brd_adi",)
    assert await shop.suggest("!?") == Suggested((), (), ())


@pytest.mark.row("SRC-03")
@pytest.mark.parametrize("sort", Sort)
@pytest.mark.parametrize("text", ["", "mavi", "bardak"])
async def test_pages_follow_one_another_in_every_order(
    shop: Engines, sort: Sort, text: str
) -> None:
    whole = await shop.found(text, sort=sort)
    leafed: list[Place] = []
    after: Place | None = None
    while (page := await shop.found(text, sort=sort, after=after, limit=2)).hits:
        assert page.total == whole.total
        leafed += page.hits
        after = page.hits[-1]
    assert tuple(leafed) == whole.hits
    assert all(first < second for first, second in pairwise(leafed))


CHOICES = st.fixed_dictionaries(
    {},
    optional={
        "brand": st.lists(st.sampled_from(sorted(BRANDS)), min_size=1, unique=True).map(tuple),
        "category": st.lists(st.sampled_from(sorted(CATEGORIES)), min_size=1, unique=True).map(
            tuple
        ),
        "attributes.color": st.lists(st.sampled_from(COLORS), min_size=1, unique=True).map(tuple),
        "in_stock": st.sampled_from([("true",), ("false",)]),
        "channel": st.sampled_from([("web",), ("pos",)]),
    },
)
PRICES = st.none() | st.integers(0, 45)
FILTERS = st.builds(Filters, CHOICES, PRICES, PRICES)
TEXTS = st.sampled_from(
    ["", "", "kalem", "kırmızı kutu", "kalemlikler", "paşabahçe", "mavi", "kutı"]
)
CODES = ("brand", "category", "attributes.color", "in_stock", "channel", "price")


@pytest.mark.row("SRC-02")
@pytest.mark.row("SRC-03")
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    articles=ARTICLES,
    asking=st.lists(st.tuples(TEXTS, FILTERS), min_size=2, max_size=5),
    few=st.sampled_from([0, 2, FEW]),
)
def test_engines_find_and_count_what_looking_at_every_product_does(
    module_database_url: str, articles: list[Article], asking: list[tuple[str, Filters]], few: int
) -> None:
    async def compare() -> None:
        log = Log()
        memory = MemorySearch(
            on_shelves(log, articles), categories=CATEGORIES, brands=BRANDS, above=ABOVE
        )
        log.store(module_database_url)
        async with await connect(module_database_url) as connection, stubbed() as cluster:
            await catch_up(connection, log.tenant_id, WINDOW)
            opensearch = await brought(connection, log.tenant_id, cluster)
            engines = PostgresSearch(few=few), opensearch
            shop = await look(connection, log.tenant_id)
            for text, filters in asking:
                for engine in engines:
                    assert await differing(memory, engine, shop, text, filters) == []
            await connection.execute(b"ROLLBACK")

    asyncio.run(compare())


async def differing(
    one: SearchEngine, other: SearchEngine, shop: Shop, text: str, filters: Filters
) -> list[str]:
    """Name what two engines answer otherwise to the same question."""
    plain, tried = Engines(one, shop), Engines(other, shop)
    wrong = [
        sort.value
        for sort in Sort
        if await plain.found(text, filters, sort) != await tried.found(text, filters, sort)
    ]
    question = Question(asked(text, {}))
    expected = await one.facets(shop, question, filters, CODES)
    if await other.facets(shop, question, filters, CODES) != expected:
        wrong.append("facets")
    return wrong


class NarrowsItself(MemorySearch):
    """Counts a code with what was chosen of it."""

    async def facets(
        self, shop: Shop, question: Question, filters: Filters, codes: Collection[str]
    ) -> Facets:
        found = await self.search(
            shop, question, filters, sort=Sort.NEWEST, after=None, limit=1_000
        )
        ids = {hit.product_id for hit in found.hits}
        narrowed = (one for one in self.products if one.product_id in ids)
        left = MemorySearch(narrowed, above=self.above)
        return await left.facets(shop, question, Filters(), codes)


class CountsTwice(MemorySearch):
    """Adds up what is below a category, and with it what stands there in two places."""

    async def facets(
        self, shop: Shop, question: Question, filters: Filters, codes: Collection[str]
    ) -> Facets:
        flat = MemorySearch(self.products)
        counts = dict((await flat.facets(shop, question, filters, codes)).counts)
        direct = counts["category"]
        counts["category"] = {
            one: sum(direct.get(each, 0) for each in below(ABOVE, one)) for one in CATEGORIES
        }
        return (await super().facets(shop, question, filters, codes))._replace(counts=counts)


class KeepsNoOrder(MemorySearch):
    """Breaks ties as it likes."""

    async def search(self, shop: Shop, question: Question, filters: Filters, **cut: Any) -> Found:  # noqa: ANN401 - as the port says
        found = await super().search(shop, question, filters, **cut)
        return found._replace(hits=tuple(reversed(found.hits)))


async def test_an_engine_that_counts_or_sorts_wrongly_is_found(module_database_url: str) -> None:
    log = Log()
    products = on_shelves(log, SHELF)
    right = MemorySearch(products, above=ABOVE)
    chosen = Filters({"attributes.color": ("mavi",)})
    async with await connect(module_database_url) as connection:
        shop = Shop(log.tenant_id, connection, 0)
        again = MemorySearch(products, above=ABOVE)
        assert await differing(right, again, shop, "", chosen) == []
        for faulty, filters in (
            (NarrowsItself(products, above=ABOVE), chosen),
            (CountsTwice(products, above=ABOVE), Filters()),
            (MemorySearch(products), Filters()),
        ):
            assert await differing(right, faulty, shop, "", filters) == ["facets"]
        wrong = await differing(right, KeepsNoOrder(products), shop, "", chosen)
    assert set(wrong) == set(Sort)
