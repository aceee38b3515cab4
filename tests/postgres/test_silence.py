"""Reads from a database that is silent but not gone: an error in time, and then answers again."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from uuid import UUID

import pytest
from psycopg import OperationalError
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
                with pytest.raises((PoolTimeout, OperationalError)):
                    await answer(reads)
                assert time.monotonic() - began < PATIENCE_SECONDS
                proxy.swallow = False
                await _answers_again(reads)
        finally:
            await reads.close()


async def test_a_look_at_a_silent_database_is_an_error_in_time_and_answers_when_it_is_back(
    database_url: str,
) -> None:
    async with proxied(database_url) as (proxy, through):
        reads = Reads(through, wait_seconds=WAIT_SECONDS)
        await reads.open()
        try:
            async with asyncio.timeout(BACK_SECONDS_MAX):
                for look in (_looks, _asks):
                    await _again(look, reads)
                    proxy.swallow = True
                    began = time.monotonic()
                    with pytest.raises((PoolTimeout, OperationalError)):
                        await look(reads)
                    assert time.monotonic() - began < PATIENCE_SECONDS
                    proxy.swallow = False
        finally:
            await reads.close()


async def _looks(reads: Reads) -> None:
    async with reads.tenant(UUID(int=1), projections=()) as look:
        assert look.position == 0


async def _asks(reads: Reads) -> None:
    assert await reads.ask(UUID(int=1), projections=()) == (0, [])


async def _again(look: Callable[[Reads], Awaitable[None]], reads: Reads) -> None:
    while True:
        try:
            await look(reads)
        except (PoolTimeout, OperationalError):
            continue
        return


async def _answers_again(reads: Reads) -> None:
    while True:
        try:
            assert await answer(reads) == (1,)
        except (PoolTimeout, OperationalError):
            continue
        return
