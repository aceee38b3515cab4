from collections.abc import AsyncGenerator

import pytest

from application.catalog.products import CreateProduct
from application.catalog.variants import NewVariant
from domain.catalog.content import Option, Text
from domain.catalog.products.variants import Numbers
from tests.http.identity.house import open_house
from tests.http.stock.warehouse import BLUE, PRODUCT, RED, Warehouse


@pytest.fixture
async def warehouse(database_url: str, redis_url: str) -> AsyncGenerator[Warehouse]:
    """A shop with one product in two colours, of which nothing is there yet."""
    async with open_house(database_url, redis_url) as house:
        await house.tell(
            CreateProduct(
                {"tr": Text("Kupa"), "en": Text("Mug")},
                PRODUCT,
                options=(Option("colour", ("red", "blue")),),
                variants=(
                    NewVariant(Numbers("MUG-R"), {"colour": "red"}, RED),
                    NewVariant(Numbers("MUG-B"), {"colour": "blue"}, BLUE),
                ),
            )
        )
        yield Warehouse(house)
