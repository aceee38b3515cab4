"""CAT-05: scheduled products are published at their time, by themselves, if they are whole."""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from application.catalog.categories import AddCategory
from application.catalog.products import CreateProduct
from application.catalog.publishing import CancelScheduling, PublishProduct, ScheduleProduct
from application.catalog.variants import NewVariant
from application.tenants.clock import AdvanceClock
from domain.catalog.content import Medium, Text
from domain.catalog.products.classifying import Classification
from domain.catalog.products.variants import Numbers
from domain.pricing.prices import Price
from infrastructure.processes.tenant_clock import TenantClock
from tests.event_log.shop import Shop, lira, open_shop
from tests.processes.following import timers

pytestmark = pytest.mark.row("CAT-05")

TODAY = datetime.now(UTC)
TOMORROW, LATER = TODAY + timedelta(days=1), TODAY + timedelta(days=2)


@pytest.fixture
async def shop(module_database_url: str) -> AsyncGenerator[Shop]:
    async with open_shop(module_database_url) as opened:
        yield opened
        assert opened.problems() == []


async def product(shop: Shop, name: str, *, whole: bool = True) -> str:
    price = Price(lira(12_990)) if whole else None
    created = await shop.tell(
        CreateProduct(
            {"tr": Text(name)},
            classification=Classification(("cat_jugs",)),
            tax_class="standard",
            variants=(NewVariant(Numbers(name), price=price),),
            media=(Medium("https://cdn.example/jug.webp"),),
        )
    )
    return created["product_id"]


def told(shop: Shop, product_id: str) -> list[tuple[Any, ...]]:
    return shop.ask(
        "SELECT type, recorded_at, data FROM defter.events WHERE tenant_id = %s AND stream = %s"
        " ORDER BY version",
        shop.tenant_id,
        f"product-{product_id}",
    )


async def test_what_is_whole_is_published_at_its_time_and_what_is_not_says_why(shop: Shop) -> None:
    await shop.tell(AddCategory({"tr": "Sürahi"}, category_id="cat_jugs"))
    names = "whole", "unpriced", "moved", "cancelled", "early"
    whole, unpriced, moved, cancelled, early = [
        await product(shop, name, whole=name != "unpriced") for name in names
    ]
    for product_id in (whole, unpriced, moved, cancelled, early):
        await shop.tell(ScheduleProduct(product_id, TOMORROW))
    await shop.tell(ScheduleProduct(moved, LATER + timedelta(days=9)))
    await shop.tell(CancelScheduling(cancelled))
    await shop.tell(PublishProduct(early))
    clock = TenantClock(shop.database_url, shop.writer)
    await clock.advance(shop.envelope(AdvanceClock(LATER)))
    assert told(shop, whole)[-1][:2] == ("catalog.product_published", TOMORROW)
    *_, (kind, at, data) = told(shop, unpriced)
    assert (kind, at) == ("catalog.scheduling_cancelled", TOMORROW)
    assert b'"reason":"price"' in data
    assert told(shop, moved)[-1][0] == "catalog.product_scheduled"
    assert told(shop, cancelled)[-1][0] == "catalog.scheduling_cancelled"
    published = [kind for kind, *_ in told(shop, early) if kind == "catalog.product_published"]
    assert len(published) == 1
    assert [key for _, key, _ in timers(shop.database_url, shop.tenant_id)] == [moved]
