from collections.abc import AsyncGenerator

import pytest
import structlog

from tests.event_log.shop import Shop, open_shop


@pytest.fixture(autouse=True, scope="session")
def plain_logs() -> None:
    """Locals of a traceback are slow to print, and no log may show them."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ]
    )


@pytest.fixture
async def shop(module_database_url: str) -> AsyncGenerator[Shop]:
    """A tenant of its own with a writer of its own; its log is held to its promises at the end."""
    async with open_shop(module_database_url) as opened:
        yield opened
        assert opened.problems() == []
