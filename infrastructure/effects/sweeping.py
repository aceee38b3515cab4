"""What is to be done goes to the queue: what was just filed, what is due again, what was lost."""

import asyncio
from datetime import timedelta
from typing import Any

import structlog
from psycopg import AsyncConnection, Error
from redis.exceptions import RedisError

from infrastructure.effects.queue import EffectQueue
from infrastructure.postgres.connections import connect

SWEEP_SECONDS = 0.5
QUEUED_PATIENCE = timedelta(seconds=15)
"""An effect that no worker has taken so long after it was queued is queued again."""

SHARE = 500
"""How many effects of one tenant a sweep takes at most, so that all tenants move."""

TAKEN_AT_ONCE_MAX = 2_000

_TAKE = b"SELECT * FROM defter.take_effects(%s, %s, %s, %s)"
_log = structlog.get_logger("effects")


class Sweeper:
    """Queues effects until it is told to stop. Several share the work by the rows' locks."""

    def __init__(self, database_url: str, queue: EffectQueue) -> None:
        self._database_url = database_url
        self._queue = queue
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Look at once: something was filed."""
        self._woken.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Sweep until `stop` is set."""
        connection: AsyncConnection[Any] | None = None
        try:
            while not stop.is_set():
                try:
                    if connection is None or connection.closed:
                        connection = await connect(self._database_url)
                    while await self.sweep(connection) >= TAKEN_AT_ONCE_MAX:
                        pass
                except (Error, OSError, RedisError) as fault:
                    _log.warning("effects_not_queued", error=type(fault).__name__)
                    if connection is not None and isinstance(fault, Error):
                        await connection.close()
                    await asyncio.sleep(SWEEP_SECONDS)
                await self._pause()
        finally:
            if connection is not None:
                await connection.close()

    async def sweep(self, connection: AsyncConnection[Any]) -> int:
        """Queue what is due, once, bulk after the rest; gives how many effects that were.

        To a queue that holds much already nothing is added: without workers the same effects would
        be queued again and again, until Valkey is full and new ones wait behind all of that.
        """
        total = 0
        for bulk in (False, True):
            if await asyncio.to_thread(self._queue.is_full, bulk=bulk):
                continue
            given = (bulk, SHARE, TAKEN_AT_ONCE_MAX, QUEUED_PATIENCE)
            taken = await (await connection.execute(_TAKE, given, prepare=True)).fetchall()
            if taken:
                await asyncio.to_thread(self._queue.put, taken, bulk=bulk)
            total += len(taken)
        return total

    async def _pause(self) -> None:
        try:
            async with asyncio.timeout(SWEEP_SECONDS):
                await self._woken.wait()
        except TimeoutError:
            pass
        self._woken.clear()
