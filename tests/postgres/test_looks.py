"""Looks at who may do what, whose connection is lost or falls silent: nobody waits for ever."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from uuid import uuid4

import psycopg
import pytest
from psycopg_pool import PoolTimeout

from infrastructure.identity.standing import LOOK_SECONDS_MAX, Accounts, Rights
from infrastructure.postgres.reads import Reads
from tests.faults.proxy import proxied

WAIT_SECONDS = 0.3
PATIENCE_SECONDS = LOOK_SECONDS_MAX + 5.0
BACK_SECONDS_MAX = 30.0
END_ALL = """
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
WHERE datname = current_database() AND application_name = 'defter'
"""


@asynccontextmanager
async def looking(database_url: str) -> AsyncGenerator[Accounts]:
    reads = Reads(database_url, wait_seconds=WAIT_SECONDS)
    await reads.open()
    accounts = Accounts(reads)
    answering = asyncio.create_task(accounts.run())
    try:
        async with asyncio.timeout(BACK_SECONDS_MAX):
            yield accounts
    finally:
        answering.cancel()
        await asyncio.wait([answering])
        await reads.close()


async def answered(accounts: Accounts) -> Rights:
    while True:
        try:
            return await accounts.rights(uuid4(), "cus_0001")
        except PoolTimeout:
            continue


async def test_a_connection_that_was_lost_meanwhile_costs_nobody_an_answer(
    database_url: str,
) -> None:
    async with looking(database_url) as accounts:
        assert (await answered(accounts)).account is None
        with psycopg.connect(database_url) as connection:
            assert connection.execute(END_ALL).fetchone() != (0,)
        assert (await accounts.rights(uuid4(), "cus_0001")).account is None


async def test_a_silent_database_is_an_error_in_time_and_answers_when_it_is_back(
    database_url: str,
) -> None:
    async with proxied(database_url) as (proxy, through), looking(through) as accounts:
        assert (await answered(accounts)).account is None
        proxy.swallow = True
        began = time.monotonic()
        with pytest.raises(PoolTimeout):
            await accounts.rights(uuid4(), "cus_0001")
        assert time.monotonic() - began < PATIENCE_SECONDS
        proxy.swallow = False
        assert (await answered(accounts)).account is None


async def test_who_still_waits_when_the_process_stops_is_told_so(database_url: str) -> None:
    async with proxied(database_url) as (proxy, through), looking(through) as accounts:
        assert (await answered(accounts)).account is None
        proxy.swallow = True
        waiting = asyncio.create_task(accounts.rights(uuid4(), "cus_0001"))
        await asyncio.sleep(0)
    with pytest.raises(ConnectionError):
        await waiting
