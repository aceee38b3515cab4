"""One sealed log for all tests of a module, put back after each."""

from collections.abc import Generator

import pytest

from tests.log_check.forging import SealedLog


@pytest.fixture(scope="module")
async def built(module_database_url: str) -> SealedLog:
    log = SealedLog(module_database_url)
    await log.build()
    return log


@pytest.fixture
def log(built: SealedLog) -> Generator[SealedLog]:
    yield built
    built.restore()
