"""SRC-04: one contract for every engine. SRC-01 to SRC-03: what is found, in which order.

The engine in memory looks at every product; PostgreSQL has to find and count the same.
"""

import asyncio
from collections.abc import AsyncGenerator, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.catalog.events import AttributesSet, ChannelsChosen
from domain.catalog.sorting_events import BrandAdded, CategoryAdded
from domain.kernel.events import Event
from domain.search.analysis import every
from domain.search.asking import asked, corrected, meanings_of
from domain.search.events import Synonyms
from infrastructure.postgres.connections import connect
from infrastructure.projections.checkpoints import begin
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
from infrastructure.search.memory import MemorySearch, Product
from infrastructure.search.postgres import FEW, PostgresSearch
from projections.catalog.listing import CATALOG_LISTING
from projections.query import Connection
from tests.kit.shelves import product as told
from tests.projections.stepping import catch_up
from tests.projections.written_logs import START, Log

pytestmark = [pytest.mark.row("SRC-01"), pytest.mark.row("SRC-04")]

CATEGORIES = {"cat_ayakkabi": "Ayakkabı", "cat_ev": "Ev ve Yaşam", "cat_kitap": "Kitaplar"}
BRANDS = {"brd_pasa": "Paşabahçe", "brd_adi": "Adım Adım"}
COLORS = ("kırmızı", "mavi", "yeşil")


@dataclass(frozen=True)
class Article:
    """What a test says of a product."""

    number: str
    name: str
    price: int = 1_000
    quantity: int = 5
    categories: tuple[str, ...] = ()
    brand_id: str | None = None
    color: str | None = None
    channels: tuple[str, ...] = ()

    def events(self) -> Sequence[Event]:
        product_id = f"prd_{self.number}"
        *first, published = told(
            self.number,
            self.name,
            minor=self.price,
            quantity=self.quantity,
            categories=self.categories,
            brand_id=self.brand_id,
        )
        color = (
            [] if self.color is None else [AttributesSet(product_id, None, {"color": self.color})]
        )
        channels = [ChannelsChosen(product_id, self.channels)] if self.channels else []
        return (*first, *color, *channels, published)

    def in_memory(self, published: int) -> Product:
        facets = {f"category={one}" for one in self.categories}
        facets |= {f"channel={one}" for one in self.channels or ("*",)}
        facets.add(f"in_stock={'true' if self.quantity > 0 else 'false'}")
        if self.brand_id is not None:
            facets.add(f"brand={self.brand_id}")
        if self.color is not None:
            facets.add(f"attributes.color={self.color}")
        names = [CATEGORIES[one] for one in self.categories]
        names += [BRANDS[self.brand_id]] if self.brand_id else []
        features = f"{self.color or ''} sku{self.number}"
        return Product(
            f"prd_{self.number}",
            self.name,
            published,
            self.price,
            frozenset(facets),
            " ".join(names),
            features,
        )


SHELF = (
    Article("0001", "Kitap Ayracı", 500, categories=("cat_kitap",), color="mavi"),
    Article("0002", "Ayaklı Kitaplık", 90_000, categories=("cat_ev",), color="yeşil"),
    Article("0003", "Çocuk Kitapları Seti", 25_000, 0, ("cat_kitap",), "brd_adi"),
    Article("0004", "Kırmızı Spor Ayakkabı", 150_000, 3, ("cat_ayakkabi",), "brd_adi", "kırmızı"),
    Article("0005", "İnce Belli Bardak 500 ml", 7_500, 9, ("cat_ev",), "brd_pasa", "mavi"),
    Article("0006", "Su Bardağı 250ml", 6_000, 0, ("cat_ev",), "brd_pasa", "kırmızı"),
    Article("0007", "T-shirt Pamuklu", 20_000, channels=("web",), color="kırmızı"),
    Article(
        "0008", "Bahçe Ayakkabısı", 40_000, categories=("cat_ayakkabi", "cat_ev"), color="yeşil"
    ),
    Article("0009", "Kaplan Desenli Halı", 400_000, 2, ("cat_ev",), "brd_pasa", channels=("pos",)),
)


class Engines:
    """The same shop behind one engine or another."""

    def __init__(self, engine: SearchEngine, shop: Shop) -> None:
        self.engine, self.shop = engine, shop

    async def question(self, text: str, *groups: Synonyms) -> Question:
        words = asked(text, meanings_of(groups))
        close = await self.engine.close(self.shop, tuple(every(words)))
        return Question(corrected(words, close))

    async def found(  # noqa: PLR0917 - as a question is told
        self,
        text: str = "",
        filters: Filters | None = None,
        sort: Sort = Sort.RELEVANCE,
        after: Place | None = None,
        limit: int = 50,
        groups: Sequence[Synonyms] = (),
    ) -> Found:
        question = await self.question(text, *groups)
        return await self.engine.search(
            self.shop, question, filters or Filters(), sort=sort, after=after, limit=limit
        )

    async def names(self, text: str = "", *groups: Synonyms) -> set[str]:
        found = await self.found(text, groups=groups)
        assert found.total == len(found.hits)
        names = {f"prd_{one.number}": one.name for one in SHELF}
        return {names[hit.product_id] for hit in found.hits}

    async def facets(
        self, codes: Sequence[str], text: str = "", **chosen: tuple[str, ...]
    ) -> Facets:
        question = await self.question(text)
        return await self.engine.facets(self.shop, question, Filters(chosen), codes)

    async def suggest(self, prefix: str, limit: int = 5) -> Suggested:
        return await self.engine.suggest(
            self.shop, prefix, Filters({"channel": ("web",)}), limit=limit
        )


def on_shelves(log: Log, articles: Sequence[Article]) -> list[Product]:
    """Put articles into a log; gives them as they stand in memory."""
    log.record(CategoryAdded(id_, None, id_, {"tr": name}) for id_, name in CATEGORIES.items())
    log.record(BrandAdded(id_, id_, name) for id_, name in BRANDS.items())
    products: list[Product] = []
    for article in articles:
        log.record(article.events())
        at = START + timedelta(seconds=len(log.events))
        products.append(article.in_memory(int(at.timestamp()) * 1_000_000))
    return products


async def look(connection: Connection, tenant_id: UUID) -> Shop:
    await begin(connection, tenant_id)
    row = await (
        await connection.execute(
            "SELECT position FROM defter.checkpoints WHERE tenant_id = %s AND projection = %s",
            (tenant_id, CATALOG_LISTING.key),
        )
    ).fetchone()
    return Shop(tenant_id, connection, row[0] if row else 0)


@pytest.fixture(params=["memory", "postgres", "postgres, of many products"])
async def shop(request: pytest.FixtureRequest, module_database_url: str) -> AsyncGenerator[Engines]:
    log = Log()
    products = on_shelves(log, SHELF)
    log.store(module_database_url)
    async with await connect(module_database_url) as connection:
        await catch_up(connection, log.tenant_id, (CATALOG_LISTING,))
        engine: SearchEngine = PostgresSearch(few=0 if "many" in request.param else FEW)
        if request.param == "memory":
            engine = MemorySearch(products, categories=CATEGORIES, brands=BRANDS)
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
    assert free.prices == (500, 400_000)
    chosen = await shop.facets(
        codes, **{"attributes.color": ("mavi", "kırmızı"), "brand": ("brd_pasa",)}
    )
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


ARTICLES = st.lists(
    st.builds(
        Article,
        st.just(""),
        st.lists(
            st.sampled_from(["Kırmızı", "kalem", "Kalemlik", "Büyük", "kutu", "su"]),
            min_size=1,
            max_size=3,
        ).map(" ".join),
        st.integers(0, 40),
        st.integers(0, 1),
        st.lists(st.sampled_from(sorted(CATEGORIES)), max_size=2, unique=True).map(tuple),
        st.sampled_from([None, *BRANDS]),
        st.sampled_from([None, *COLORS]),
        st.sampled_from([(), ("web",), ("pos",), ("pos", "web")]),
    ),
    min_size=1,
    max_size=12,
).map(lambda found: [replace(one, number=f"{n:04}") for n, one in enumerate(found)])

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
def test_postgres_finds_and_counts_what_looking_at_every_product_does(
    module_database_url: str, articles: list[Article], asking: list[tuple[str, Filters]], few: int
) -> None:
    async def compare() -> None:
        log = Log()
        memory = MemorySearch(on_shelves(log, articles), categories=CATEGORIES, brands=BRANDS)
        log.store(module_database_url)
        async with await connect(module_database_url) as connection:
            await catch_up(connection, log.tenant_id, (CATALOG_LISTING,))
            shop = await look(connection, log.tenant_id)
            engine = PostgresSearch(few=few)
            for text, filters in asking:
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
        left = MemorySearch(one for one in self.products if one.product_id in ids)
        return await left.facets(shop, question, Filters(), codes)


class KeepsNoOrder(MemorySearch):
    """Breaks ties as it likes."""

    async def search(self, shop: Shop, question: Question, filters: Filters, **cut: Any) -> Found:  # noqa: ANN401 - as the port says
        found = await super().search(shop, question, filters, **cut)
        return found._replace(hits=tuple(reversed(found.hits)))


async def test_an_engine_that_counts_or_sorts_wrongly_is_found(module_database_url: str) -> None:
    log = Log()
    products = on_shelves(log, SHELF)
    right = MemorySearch(products)
    chosen = Filters({"attributes.color": ("mavi",)})
    async with await connect(module_database_url) as connection:
        shop = Shop(log.tenant_id, connection, 0)
        assert await differing(right, MemorySearch(products), shop, "", chosen) == []
        assert await differing(right, NarrowsItself(products), shop, "", chosen) == ["facets"]
        wrong = await differing(right, KeepsNoOrder(products), shop, "", chosen)
    assert set(wrong) == set(Sort)
