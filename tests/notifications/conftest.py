from collections.abc import AsyncGenerator

import pytest

from tests.event_log.shop import open_shop
from tests.notifications.post import MailShop, PostOffice, name_shop


@pytest.fixture
async def post() -> AsyncGenerator[PostOffice]:
    """A mail server on a real socket."""
    async with PostOffice().open() as office:
        yield office


@pytest.fixture
async def shop(module_database_url: str, redis_url: str) -> AsyncGenerator[MailShop]:
    """A tenant called Kitap Evi whose processes are taken forward by hand."""
    async with open_shop(module_database_url) as opened:
        await name_shop(opened, "Kitap Evi")
        yield MailShop(opened, redis_url)
        assert opened.problems() == []
