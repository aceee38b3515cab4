"""The scheduler: whatever happens by itself. Processes, timers, and the queue of effects."""

import asyncio
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from typing import Any

import structlog
from psycopg import AsyncConnection, Error

from application.process import Process
from application.processes.registry import PROCESSES
from application.timers import TIMERS
from infrastructure.effects.queue import EffectQueue
from infrastructure.effects.sweeping import Sweeper
from infrastructure.postgres.connections import connect
from infrastructure.processes.advance import Sender
from infrastructure.processes.follower import Processes
from infrastructure.processes.timers import FIRED_AT_ONCE_MAX, Timers, due_tenants, fire
from infrastructure.projections.checkpoints import TryAgain
from infrastructure.projections.following import follow

LOOK_AT_TIMERS_SECONDS = 0.25
STATEMENT_SECONDS = 30

Clock = Callable[[], datetime]

_log = structlog.get_logger("scheduler")


def _now() -> datetime:
    return datetime.now(UTC)


class Scheduler:
    """Several share all tenants: by leases, by locked rows, and by ids that derive from events."""

    def __init__(  # noqa: PLR0913 - what it looks at, and whom it tells
        self,
        database_url: str,
        redis_url: str,
        sender: Sender,
        *,
        processes: Collection[Process] = PROCESSES,
        timers: Timers = TIMERS,
        clock: Clock = _now,
    ) -> None:
        self._database_url = database_url
        self._redis_url = redis_url
        self._sender = sender
        self._processes = processes
        self._timers = timers
        self._clock = clock

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set."""
        queue = EffectQueue(self._redis_url)
        sweeper = Sweeper(self._database_url, queue)
        processes = Processes(
            self._sender, processes=self._processes, filed=lambda _tenant_id: sweeper.wake()
        )
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(follow(self._database_url, self._redis_url, processes, stop))
                tasks.create_task(sweeper.run(stop))
                tasks.create_task(self._fire(stop))
        finally:
            queue.close()

    async def _fire(self, stop: asyncio.Event) -> None:
        connection: AsyncConnection[Any] | None = None
        try:
            while not stop.is_set():
                try:
                    if connection is None or connection.closed:
                        connection = await connect(
                            self._database_url, statement_seconds=STATEMENT_SECONDS
                        )
                    await self.fire_all(connection)
                except (Error, OSError, TryAgain) as fault:
                    _log.warning("timers_not_fired", error=type(fault).__name__)
                    if connection is not None:
                        await connection.close()
                try:
                    async with asyncio.timeout(LOOK_AT_TIMERS_SECONDS):
                        await stop.wait()
                except TimeoutError:
                    pass
        finally:
            if connection is not None:
                await connection.close()

    async def fire_all(self, connection: AsyncConnection[Any]) -> int:
        """Fire what is due at all tenants, each in turn, until nothing is; gives how many."""
        total = 0
        due = await due_tenants(connection, self._clock())
        while due:
            for tenant_id, now in [*due.items()]:
                fired = await fire(
                    connection, tenant_id, now, sender=self._sender, timers=self._timers
                )
                total += fired
                if fired < FIRED_AT_ONCE_MAX:
                    del due[tenant_id]
        return total
