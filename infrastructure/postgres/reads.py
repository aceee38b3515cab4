"""Answers from read models: one consistent look at one tenant, never silently stale."""

import asyncio
import time
from collections.abc import AsyncGenerator, Collection
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from application.processes.registry import PROCESSES
from infrastructure.postgres.connections import cut, runtime_conninfo
from infrastructure.postgres.pipelines import PipelinedConnection
from projections.read_models import READ_MODELS

POOL_MIN = 1
POOL_MAX = 8
POOL_WAIT_SECONDS = 2.0
CATCH_UP_SECONDS = 2.0
LOOKS_AGAIN_SECONDS = (0.002, 0.005, 0.01, 0.02)
"""How long to wait between looks at a checkpoint; the last one repeats."""

_KEYS = {read_model.name: read_model.key for read_model in READ_MODELS} | {
    process.key: process.key for process in PROCESSES
}
"""What follows the logs, and what its checkpoints are filed under."""

_BEGIN = b"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_SCOPE = b"SELECT set_config('app.tenants', %s, true)"
_POSITION = b"""
SELECT coalesce(min(coalesce(c.position, 0)), 0) FROM unnest(%s::text[]) AS v(projection)
LEFT JOIN defter.checkpoints c ON c.tenant_id = %s AND c.projection = v.projection
"""


class NotCaughtUp(RuntimeError):
    """The read models did not reach the position asked for in time; asking again may help."""

    code = "service.read_model_behind"

    def __init__(self, *, reached: int, asked: int) -> None:
        super().__init__(f"read models stand at {reached}, asked for {asked}")
        self.reached = reached
        self.asked = asked


class Look(NamedTuple):
    """A read-only transaction on one tenant, and the log position its answers stand at."""

    connection: AsyncConnection[Any]
    position: int


class Reads:
    """A pool of connections that only look. Open it before use, close it at the end."""

    def __init__(
        self, database_url: str, *, size: int = POOL_MAX, wait_seconds: float = POOL_WAIT_SECONDS
    ) -> None:
        self._pool = AsyncConnectionPool[PipelinedConnection](
            runtime_conninfo(database_url),
            connection_class=PipelinedConnection,
            min_size=POOL_MIN,
            max_size=size,
            timeout=wait_seconds,
            kwargs={"autocommit": True, "prepare_threshold": 2},
            check=partial(_check, seconds=wait_seconds),
            open=False,
            name="reads",
        )

    async def open(self) -> None:
        """Start connecting; a database that is away is tried again in the background."""
        await self._pool.open()

    async def close(self) -> None:
        """Close all connections."""
        await self._pool.close()

    @asynccontextmanager
    async def tenant(
        self,
        tenant_id: UUID,
        *,
        projections: Collection[str],
        min_position: int | None = None,
        deadline_seconds: float = CATCH_UP_SECONDS,
    ) -> AsyncGenerator[Look]:
        """Look at one tenant. With `min_position`, wait for it and raise `NotCaughtUp` at last.

        `projections` are those whose tables will be asked: names of read models, keys of processes.
        """
        keys = [_KEYS[name] for name in projections]
        deadline = time.monotonic() + deadline_seconds
        looks = 0
        while True:
            async with self._pool.connection() as connection:
                position = await _begin(connection, tenant_id, keys)
                try:
                    if position >= (min_position or 0):
                        yield Look(connection, position)
                        return
                finally:
                    await connection.execute(b"ROLLBACK")
            # Nobody waits with a connection in hand: the pool is for those who can be answered.
            pause = LOOKS_AGAIN_SECONDS[min(looks, len(LOOKS_AGAIN_SECONDS) - 1)]
            looks += 1
            if time.monotonic() + pause > deadline:
                raise NotCaughtUp(reached=position, asked=min_position or 0)
            await asyncio.sleep(pause)

    @asynccontextmanager
    async def lookup(self) -> AsyncGenerator[PipelinedConnection]:
        """Lend a connection that sees no tenant, for the directory's look-up functions."""
        async with self._pool.connection() as connection:
            yield connection


async def _check(connection: AsyncConnection[Any], *, seconds: float) -> None:
    """Ask the server for a sign of life: one that is silent but not gone would hold everyone."""
    timer = asyncio.get_running_loop().call_later(seconds, cut, connection)
    try:
        await AsyncConnectionPool.check_connection(connection)
    finally:
        timer.cancel()


async def _begin(connection: AsyncConnection[Any], tenant_id: UUID, keys: list[str]) -> int:
    async with connection.pipeline():
        await connection.execute(_BEGIN)
        await connection.execute(_SCOPE, (f"{{{tenant_id}}}",))
        cursor = await connection.execute(_POSITION, (keys, tenant_id))
    row = await cursor.fetchone()
    return row[0] if row else 0
