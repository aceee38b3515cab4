"""The listing (CAT-01): what customers leaf through follows whatever happens to a product."""

import json
from collections.abc import AsyncGenerator
from typing import Any, TypedDict, Unpack

import pytest

from domain.kernel.events import Event
from infrastructure.postgres.connections import connect
from infrastructure.postgres.pipelines import PipelinedConnection
from infrastructure.projections.checkpoints import begin
from projections.catalog.listed import LISTING
from projections.catalog.listing import CATALOG_LISTING, Place, Sort, page
from tests.kit.lively.shelves import price, product, received, shelf
from tests.projections.stepping import all_rows, catch_up, rewind
from tests.projections.written_logs import Log


class Asked(TypedDict, total=False):
    locale: str
    channel: str


class Shop:
    def __init__(self, url: str, connection: PipelinedConnection) -> None:
        self.url, self.connection, self.log = url, connection, Log()

    async def tell(self, *events: Event) -> None:
        first = len(self.log.events) + 1
        self.log.record(events)
        self.log.store(self.url, first=first)
        await catch_up(self.connection, self.log.tenant_id, (CATALOG_LISTING,))

    async def page(self, sort: Sort, **asked: Any) -> list[tuple[str, Any, str]]:  # noqa: ANN401 - what a page is cut by
        await begin(self.connection, self.log.tenant_id)
        try:
            query, values = page(self.log.tenant_id, sort=sort, **asked)
            return await query.tuples(self.connection, **values)
        finally:
            await self.connection.execute(b"ROLLBACK")

    async def cards(self, sort: Sort = Sort.NEWEST, **asked: Unpack[Asked]) -> list[dict[str, Any]]:
        rows = await self.page(
            sort,
            locale=asked.get("locale", "tr"),
            channel=asked.get("channel", "web"),
            limit=50,
        )
        return [json.loads(card) for card, *_ in rows]

    async def names(self, sort: Sort = Sort.NEWEST, **asked: Unpack[Asked]) -> list[str]:
        return [card["name"] for card in await self.cards(sort, **asked)]


@pytest.fixture
async def shop(module_database_url: str) -> AsyncGenerator[Shop]:
    async with await connect(module_database_url) as connection:
        yield Shop(module_database_url, connection)


async def test_live_rebuilt_and_told_at_once_give_the_same_rows(shop: Shop) -> None:
    for event in shelf():
        await shop.tell(event)
    live = all_rows(shop.url, shop.log.tenant_id)
    assert len(live[LISTING.name]) == 6
    rewind(shop.url, shop.log.tenant_id)
    assert not any(all_rows(shop.url, shop.log.tenant_id).values())
    await catch_up(shop.connection, shop.log.tenant_id, (CATALOG_LISTING,))
    assert all_rows(shop.url, shop.log.tenant_id) == live


async def test_only_what_is_published_and_in_the_channel_is_listed(shop: Shop) -> None:
    await shop.tell(*shelf())
    assert await shop.names() == ["Ön sipariş", "Kırmızı bardak", "Mavi vazo"]
    assert "Eski saat" in await shop.names(channel="pos")


async def test_a_card_tells_name_brand_price_and_availability(shop: Shop) -> None:
    await shop.tell(*shelf())
    cards = {card["product_id"]: card for card in await shop.cards(locale="en")}
    assert cards["prd_0001"] == {
        "product_id": "prd_0001",
        "slug": "mavi-vazo",
        "name": "Blue vase",
        "brand": {"brand_id": "brd_pasa", "slug": "pasabahce", "name": "Paşabahçe"},
        "category_id": "cat_vazo",
        "image": {"url": "https://cdn.example/vase.jpg", "alt": "Mavi vazo"},
        "price": {"minor": 1_000, "currency": "TRY"},
        "price_from": True,
        "list_price": None,
        "variants": 2,
        "availability": "in_stock",
    }
    assert cards["prd_0002"]["name"] == "Kırmızı bardak"
    assert cards["prd_0002"]["availability"] == "low_stock"
    assert cards["prd_0006"]["availability"] == "backorder"


async def test_a_price_and_the_last_unit_are_seen_at_once(shop: Shop) -> None:
    await shop.tell(*product("0001", "Vazo", minor=1_000, quantity=1))
    await shop.tell(price("var_0001", 900, crossed_out=1_000), received("var_0001", -1))
    [card] = await shop.cards()
    assert card["price"] == {"minor": 900, "currency": "TRY"}
    assert card["list_price"] == {"minor": 1_000, "currency": "TRY"}
    assert card["availability"] == "out_of_stock"
    await shop.tell(price("var_0001", None))
    [card] = await shop.cards()
    assert card["price"] is None


async def test_pages_follow_one_another_without_a_gap_in_every_order(shop: Shop) -> None:
    for n in range(12):
        await shop.tell(*product(f"{n:04}", f"Ürün {n}", minor=100 * (n % 3)))
    for sort in Sort:
        whole = await shop.names(sort)
        leafed: list[str] = []
        after: Place | None = None
        while rows := await shop.page(sort, locale="tr", channel="web", after=after, limit=5):
            leafed += [json.loads(card)["name"] for card, *_ in rows]
            after = Place(*rows[-1][1:])
        assert leafed == whole
        assert len(set(leafed)) == 12
