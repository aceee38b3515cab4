from collections.abc import AsyncGenerator

import pytest

from tests.effects.hooked import Hooked, hooked
from tests.kit.receiver import Receiver, receiving


@pytest.fixture
async def receiver() -> AsyncGenerator[Receiver]:
    async with receiving() as running:
        yield running


@pytest.fixture
async def shop(database_url: str, redis_url: str) -> AsyncGenerator[Hooked]:
    async with hooked(database_url, redis_url) as opened:
        yield opened
