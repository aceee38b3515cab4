from collections.abc import AsyncGenerator, Generator

import pytest
import redis

from infrastructure.observability.alerts import TURN
from infrastructure.postgres.reads import Reads


@pytest.fixture
async def reads(database_url: str) -> AsyncGenerator[Reads]:
    opened = Reads(database_url, size=2)
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture
def turn(redis_url: str) -> Generator[None]:
    with redis.Redis.from_url(redis_url) as client:  # pyright: ignore[reportUnknownMemberType]
        client.delete(TURN)
        yield
        client.delete(TURN)
