from collections.abc import AsyncGenerator

import pytest

from tests.http.identity.house import House, open_house


@pytest.fixture
async def house(database_url: str, redis_url: str) -> AsyncGenerator[House]:
    """A shop whose people register and log in, served by two processes."""
    async with open_house(database_url, redis_url) as opened:
        yield opened
