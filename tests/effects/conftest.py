from collections.abc import AsyncGenerator

import pytest
import structlog

from tests.effects.hooked import Hooked, hooked
from tests.kit.receiver import Receiver, receiving


@pytest.fixture(autouse=True, scope="session")
def plain_logs() -> None:
    """Locals of a traceback are slow to print, and no log may show them."""
    structlog.configure(processors=[structlog.processors.JSONRenderer()])


@pytest.fixture
async def receiver() -> AsyncGenerator[Receiver]:
    async with receiving() as running:
        yield running


@pytest.fixture
async def shop(database_url: str, redis_url: str) -> AsyncGenerator[Hooked]:
    async with hooked(database_url, redis_url) as opened:
        yield opened
