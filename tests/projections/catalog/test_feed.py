"""CAT-16: whoever follows the feed has what is told of what is published, and misses no change."""

import asyncio
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TypeVar

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.catalog.content import Text
from domain.catalog.events import (
    AttributesSet,
    ProductArchived,
    ProductClassified,
    ProductDescribed,
    ProductPublished,
    ProductRestored,
    ProductUnpublished,
)
from domain.catalog.sorting.events import (
    Attribute,
    BrandRenamed,
    CategoryAdded,
    CategoryMoved,
    CategoryRenamed,
    ProductTypeDefined,
)
from domain.catalog.variant_events import VariantRetired
from domain.kernel.events import Event
from domain.kernel.money import Money
from domain.pricing.events import PriceSet
from infrastructure.catalog.documents import Document, documents
from infrastructure.postgres.connections import connect
from infrastructure.postgres.pipelines import PipelinedConnection
from infrastructure.projections.checkpoints import begin
from infrastructure.replay.replay import Asked, replay
from projections.catalog.feed import CATALOG_FEED, FEED, Place, Standing, changed
from projections.catalog.listing import CATALOG_LISTING
from projections.catalog.sorting.categories import CATALOG_CATEGORIES
from projections.catalog.sorting.product_types import CATALOG_PRODUCT_TYPES
from projections.query import Connection
from projections.search.synonyms import SYNONYM_FOLDS
from tests.kit.lively.shelves import price, product, received, shelf
from tests.projections.stepping import all_rows, catch_up, rewind
from tests.projections.written_logs import Log

pytestmark = pytest.mark.row("CAT-16")

MODELS = (CATALOG_FEED, CATALOG_LISTING, CATALOG_CATEGORIES, CATALOG_PRODUCT_TYPES)
BEGINNING = Place(0, "")
ALL = 1_000
NOTHING = set[str]()
T = TypeVar("T")


class Shop:
    """A shop, and somebody who keeps its documents by following the feed."""

    def __init__(self, url: str, connection: PipelinedConnection) -> None:
        self.url, self.connection, self.log = url, connection, Log()
        self.place, self.kept = BEGINNING, dict[str, Document]()

    async def tell(self, *events: Event) -> int:
        """Record events; gives the position of the last one."""
        first = len(self.log.events) + 1
        self.log.record(events)
        self.log.store(self.url, first=first)
        assert await catch_up(self.connection, self.log.tenant_id, MODELS) == ()
        return len(self.log.events)

    @asynccontextmanager
    async def look(self) -> AsyncGenerator[Connection]:
        await begin(self.connection, self.log.tenant_id)
        try:
            yield self.connection
        finally:
            await self.connection.execute(b"ROLLBACK")

    async def changed(self, after: Place = BEGINNING, limit: int = ALL) -> list[Standing]:
        async with self.look() as connection:
            return await changed(
                connection,
                self.log.tenant_id,
                after=after,
                until=len(self.log.events),
                limit=limit,
            )

    async def documents(self, positions: dict[str, int]) -> dict[str, Document]:
        async with self.look() as connection:
            found = await documents(connection, self.log.tenant_id, positions, ("tr",))
        return {one.product_id: one for one in found}

    async def every_document(self) -> dict[str, Document]:
        """Give the documents of all products, whatever the feed says."""
        rows = all_rows(self.url, self.log.tenant_id)["catalog_listing_v1"]
        return await self.documents({row[0]: 0 for row in rows})

    async def follow(self, limit: int) -> bool:
        """Take in the next page; tells whether there was anything on it."""
        page = await self.changed(self.place, limit)
        told = await self.documents({one.product_id: one.position for one in page if one.published})
        for one in page:
            self.kept.pop(one.product_id, None)
            self.place = Place(one.position, one.product_id)
        self.kept |= told
        return bool(page)


@pytest.fixture
async def shop(module_database_url: str) -> AsyncGenerator[Shop]:
    async with await connect(module_database_url) as connection:
        yield Shop(module_database_url, connection)


def test_whatever_changes_what_is_told_is_followed() -> None:
    told = {event for model in MODELS for event in model.folds} - SYNONYM_FOLDS.keys()
    assert CATALOG_FEED.folds.keys() == told


async def test_one_by_one_at_once_and_rebuilt_the_feed_is_the_same(shop: Shop) -> None:
    for event in shelf():
        await shop.tell(event)
    live = all_rows(shop.url, shop.log.tenant_id)
    assert len(live[FEED.name]) == 6
    for outcome in await replay(
        shop.url, Asked([shop.log.tenant_id], MODELS, entries=False, rows_listed_max=5)
    ):
        assert outcome.differing == 0, outcome
    rewind(shop.url, shop.log.tenant_id)
    await catch_up(shop.connection, shop.log.tenant_id, MODELS)
    assert all_rows(shop.url, shop.log.tenant_id) == live


async def test_an_edit_is_told_once_the_read_models_stand_at_it(shop: Shop) -> None:
    await shop.tell(*shelf())
    while await shop.follow(2):
        pass
    position = await shop.tell(ProductDescribed("prd_0002", {"tr": Text("Cam bardak")}))
    assert await shop.changed(shop.place) == [Standing(position, "prd_0002", published=True)]
    await shop.follow(2)
    assert (shop.kept["prd_0002"].name, shop.kept["prd_0002"].position) == ("Cam bardak", position)


@pytest.mark.parametrize("away", [ProductArchived, ProductUnpublished])
async def test_what_customers_see_no_more_is_gone_until_it_is_published_again(
    shop: Shop, away: type[ProductArchived | ProductUnpublished]
) -> None:
    await shop.tell(*product("0001", "Vazo"), *product("0002", "Bardak"))
    await shop.follow(ALL)
    assert shop.kept.keys() == {"prd_0001", "prd_0002"}
    position = await shop.tell(away("prd_0001"), price("var_0001", 3))
    assert await shop.changed(shop.place) == [Standing(position - 1, "prd_0001", published=False)]
    await shop.follow(ALL)
    assert shop.kept.keys() == {"prd_0002"}
    await shop.tell(price("var_0001", 4), received("var_0001", 1))
    assert await shop.changed(shop.place) == []
    position = await shop.tell(ProductRestored("prd_0001"), ProductPublished("prd_0001"))
    assert await shop.changed(shop.place) == [Standing(position, "prd_0001", published=True)]


async def test_what_never_was_published_is_not_told(shop: Shop) -> None:
    *draft, _ = product("0001", "Taslak")
    await shop.tell(*draft)
    await shop.tell(ProductArchived("prd_0001"))
    assert await shop.changed() == []


COLOR = Attribute("color", "choice", {"tr": "Renk"}, ("mavi",))


@pytest.mark.parametrize(
    ("change", "touched"),
    [
        (BrandRenamed("brd_pasa", "pasa", "pasabahce", "Paşa"), {"prd_0001"}),
        (CategoryRenamed("cat_vazo", "vazolar", {"tr": "Vazo"}), {"prd_0001"}),
        (CategoryRenamed("cat_ev", "ev", {"tr": "Ev ve Yaşam"}), {"prd_0001", "prd_0002"}),
        (CategoryMoved("cat_vazo", None), {"prd_0001"}),
        (CategoryAdded("cat_bos", "cat_ev", "bos", {"tr": "Boş"}), NOTHING),
        (
            ProductTypeDefined(
                "pty_vazo", {"tr": "Vazo"}, (replace(COLOR, names={"tr": "Rengi"}),)
            ),
            {"prd_0001"},
        ),
        (price("var_0002", 300), {"prd_0002"}),
        (PriceSet("var_0002", "lst_bayi", 1, Money(1, "TRY"), None), NOTHING),
        (received("var_0002", -1), {"prd_0002"}),
        (VariantRetired("prd_0001", "var_big", "SKU-B", None), {"prd_0001"}),
    ],
)
async def test_what_stands_around_a_product_brings_it_again(
    shop: Shop, change: Event, touched: set[str]
) -> None:
    below = ProductClassified("prd_0001", ("cat_vazo",), "cat_vazo", "brd_pasa")
    await shop.tell(*shelf(), below)
    await shop.follow(ALL)
    before = await shop.every_document()
    position = await shop.tell(change)
    page = await shop.changed(shop.place)
    assert page == [Standing(position, one, published=True) for one in sorted(touched)]
    after = await shop.every_document()
    assert {one for one in after if after[one].digest != before[one].digest} <= touched


async def test_what_left_a_category_is_not_touched_by_it(shop: Shop) -> None:
    await shop.tell(*shelf())
    await shop.tell(
        CategoryRenamed("cat_ev", "ev", {"tr": "Yuva"}),
        ProductClassified("prd_0002", (), None, None),
        CategoryRenamed("cat_ev", "ev", {"tr": "Ev"}),
    )
    await shop.follow(ALL)
    await shop.tell(CategoryRenamed("cat_ev", "ev", {"tr": "Hane"}))
    assert [one.product_id for one in await shop.changed(shop.place)] == ["prd_0001"]


def in_turkish(told: T) -> dict[str, T]:
    return {"tr": told}


PRODUCTS = st.sampled_from(["prd_0001", "prd_0002", "prd_0003"])
VARIANTS = st.sampled_from(["var_0001", "var_0002", "var_0003"])
CATEGORIES = st.sampled_from(["cat_ev", "cat_vazo"])
WORDS = st.text("ab")
CHANGES: st.SearchStrategy[Event] = st.one_of(
    st.builds(ProductDescribed, PRODUCTS, st.builds(Text, WORDS).map(in_turkish)),
    st.builds(ProductUnpublished, PRODUCTS),
    st.builds(ProductArchived, PRODUCTS),
    st.builds(ProductPublished, PRODUCTS),
    st.builds(ProductClassified, PRODUCTS, st.tuples(CATEGORIES), st.none(), st.none()),
    st.builds(received, VARIANTS, st.integers(-9, 9)),
    st.builds(price, VARIANTS, st.integers(1, 9)),
    st.builds(CategoryRenamed, CATEGORIES, st.just("c"), WORDS.map(in_turkish)),
    st.builds(CategoryMoved, st.just("cat_vazo"), st.sampled_from([None, "cat_ev"])),
    st.builds(AttributesSet, PRODUCTS, st.none(), st.dictionaries(st.just("color"), WORDS)),
)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=st.lists(st.tuples(st.lists(CHANGES, max_size=5), st.integers(1, 3)), max_size=6))
def test_whoever_follows_page_by_page_while_things_change_has_what_is_there(
    module_database_url: str, batches: list[tuple[list[Event], int]]
) -> None:
    async def run() -> None:
        async with await connect(module_database_url) as connection:
            shop = Shop(module_database_url, connection)
            await shop.tell(
                CategoryAdded("cat_ev", None, "ev", {"tr": "Ev"}),
                CategoryAdded("cat_vazo", "cat_ev", "vazo", {"tr": "Vazo"}),
                *product("0001", "Vazo", categories=("cat_vazo",)),
                *product("0002", "Bardak", categories=("cat_ev",)),
                *product("0003", "Saat"),
            )
            for events, limit in batches:
                if events:
                    await shop.tell(*events)
                await shop.follow(limit)
            while await shop.follow(2):
                pass
            there = await shop.every_document()
            assert {one: document.digest for one, document in shop.kept.items()} == {
                one: document.digest for one, document in there.items()
            }
            live = all_rows(shop.url, shop.log.tenant_id)[FEED.name]
            rewind(shop.url, shop.log.tenant_id)
            await catch_up(connection, shop.log.tenant_id, MODELS)
            assert all_rows(shop.url, shop.log.tenant_id)[FEED.name] == live

    asyncio.run(run())


async def test_each_product_is_found_by_its_key_whatever_the_planner_expects(shop: Shop) -> None:
    """Statistics are older than an import: a join would compare all that changed with all."""
    await shop.tell(*shelf())
    [fresh] = CATALOG_FEED.derivations
    given = {table.name: ["prd_0001", "var_0001"] for table in fresh.looks_at}
    query = fresh.sql.replace("{schema}", "read_models")
    with psycopg.connect(shop.url) as owner:
        rows = owner.execute(
            f"EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) {query}".encode(),
            {**given, "tenant_id": shop.log.tenant_id},
        ).fetchall()
        owner.rollback()
    plan = "\n".join(line for (line,) in rows)
    _, found, products = plan.partition("Subquery Scan on p")
    assert found, plan
    assert re.search(r"Index Cond: .* AND \(product_id = \w+\.product_id\)", products), plan
