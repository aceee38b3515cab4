from collections.abc import AsyncGenerator

import pytest

from tests.event_log.shop import Shop, open_shop


@pytest.fixture
async def shop(module_database_url: str) -> AsyncGenerator[Shop]:
    """A tenant of its own with a writer of its own; its log is held to its promises at the end."""
    async with open_shop(module_database_url) as opened:
        yield opened
        assert opened.problems() == []
