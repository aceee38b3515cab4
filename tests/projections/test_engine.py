"""The running engine: hints, polling, several at once, a database that goes away."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from uuid import UUID

import psycopg

from infrastructure.postgres.connections import connect
from infrastructure.postgres.pipelines import PipelinedConnection
from infrastructure.projections.engine import STEP_SECONDS, Engine, Step
from infrastructure.projections.projector import run_projector
from infrastructure.redis.nudges import Nudges
from projections.read_models import READ_MODELS
from tests.kit.lively.whole import lively
from tests.projections.stepping import all_rows, catch_up, checkpoints, until

NO_VALKEY = "redis://127.0.0.1:1/0"


@asynccontextmanager
async def projectors(database_url: str, redis_url: str, count: int = 1) -> AsyncGenerator[None]:
    stop = asyncio.Event()
    tasks = [
        asyncio.create_task(run_projector(database_url, redis_url, stop)) for _ in range(count)
    ]
    try:
        yield
    finally:
        stop.set()
        await asyncio.gather(*tasks)


def stands_at(url: str, tenant_id: UUID, position: int) -> bool:
    found = checkpoints(url, tenant_id)
    return len(found) == len(READ_MODELS) and {at[0] for at in found.values()} == {position}


async def test_two_projectors_without_valkey_never_double_anything(database_url: str) -> None:
    logs = [lively() for _ in range(4)]
    length = len(logs[0].events)
    async with projectors(database_url, NO_VALKEY, count=2):
        for position in range(1, length + 1):
            for log in logs:
                log.store(database_url, first=position, last=position)
            await asyncio.sleep(0.01)
        for log in logs:
            await until(lambda log=log: stands_at(database_url, log.tenant_id, length))
    single = lively()
    single.store(database_url)
    async with await connect(database_url) as connection:
        await catch_up(connection, single.tenant_id)
    expected = all_rows(database_url, single.tenant_id)
    for log in logs:
        assert all_rows(database_url, log.tenant_id) == expected


async def test_the_engine_reconnects_when_its_connections_are_cut(
    database_url: str, redis_url: str
) -> None:
    log = lively()
    log.store(database_url, last=10)
    async with projectors(database_url, redis_url):
        await until(lambda: stands_at(database_url, log.tenant_id, 10))
        with psycopg.connect(database_url, autocommit=True) as killer:
            killer.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        log.store(database_url, first=11)
        await until(lambda: stands_at(database_url, log.tenant_id, len(log.events)))


async def test_a_hint_is_acted_on_long_before_the_next_look(
    database_url: str, redis_url: str
) -> None:
    log = lively()
    log.store(database_url, last=10)
    nudges = Nudges(redis_url)
    async with projectors(database_url, redis_url):
        await until(lambda: stands_at(database_url, log.tenant_id, 10))
        waits: list[float] = []
        for position in range(11, 21):
            log.store(database_url, first=position, last=position)
            began = time.monotonic()
            nudges.publish([log.tenant_id])
            await until(lambda at=position: stands_at(database_url, log.tenant_id, at))
            waits.append(time.monotonic() - began)
        assert sorted(waits)[len(waits) // 2] < 0.3
    await nudges.close()


class QuickFollower:
    """Has nothing to do, and counts how often it was let do it."""

    keys = ("quick",)

    def __init__(self) -> None:
        self.steps = 0

    async def advance(
        self,
        connection: PipelinedConnection,  # noqa: ARG002 - a follower's own
        tenant_id: UUID,  # noqa: ARG002
        *,
        filling: bool,  # noqa: ARG002
        reader: PipelinedConnection | None,  # noqa: ARG002
    ) -> Step:
        self.steps += 1
        return Step(self.steps, more=False)


async def test_what_is_written_all_the_time_shares_steps(database_url: str) -> None:
    stop, follower = asyncio.Event(), QuickFollower()
    engine = Engine(database_url, follower)
    running = asyncio.create_task(engine.run(stop))
    engine.nudge([UUID(int=7)])
    await until(lambda: follower.steps > 0)
    began, before = time.monotonic(), follower.steps
    while follower.steps < before + 5:
        engine.nudge([UUID(int=7)])
        await asyncio.sleep(0.001)
    assert time.monotonic() - began >= 4 * STEP_SECONDS
    stop.set()
    await running


async def test_hints_without_valkey_neither_wait_nor_fail() -> None:
    nudges = Nudges(NO_VALKEY)
    began = time.monotonic()
    for _ in range(100):
        nudges.publish([UUID(int=7)])
    assert time.monotonic() - began < 0.1
    await nudges.close()
