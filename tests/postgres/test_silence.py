"""Reads from a database that is silent but not gone: an error in time, and then answers again."""

import asyncio
import time

import pytest
from psycopg_pool import PoolTimeout

from infrastructure.postgres.reads import Reads
from tests.faults.proxy import proxied

WAIT_SECONDS = 0.3
PATIENCE_SECONDS = 2.0
BACK_SECONDS_MAX = 30.0


async def answer(reads: Reads) -> object:
    async with reads.lookup() as connection:
        return await (await connection.execute("SELECT 1")).fetchone()


async def test_a_silent_database_is_an_error_in_time_and_answers_when_it_is_back(
    database_url: str,
) -> None:
    async with proxied(database_url) as (proxy, through):
        reads = Reads(through, wait_seconds=WAIT_SECONDS)
        await reads.open()
        try:
            async with asyncio.timeout(BACK_SECONDS_MAX):
                await _answers_again(reads)
                proxy.swallow = True
                began = time.monotonic()
                with pytest.raises(PoolTimeout):
                    await answer(reads)
                assert time.monotonic() - began < PATIENCE_SECONDS
                proxy.swallow = False
                await _answers_again(reads)
        finally:
            await reads.close()


async def _answers_again(reads: Reads) -> None:
    while True:
        try:
            assert await answer(reads) == (1,)
        except PoolTimeout:
            continue
        return
