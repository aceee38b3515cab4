"""The scheduler: whatever happens by itself. Processes, timers, and the queue of effects."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Collection
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import structlog
from psycopg import AsyncConnection, Error

from application.process import Process
from application.processes.registry import PROCESSES
from application.sending import BulkSender
from application.timers import TIMERS
from infrastructure.effects.queue import EffectQueue
from infrastructure.effects.sweeping import Sweeper
from infrastructure.observability.telemetry.tracing import Tracer
from infrastructure.postgres.connections import connect
from infrastructure.processes.follower import Processes
from infrastructure.processes.timers import FIRED_AT_ONCE_MAX, Timers, due_tenants, fire
from infrastructure.projections.checkpoints import TryAgain
from infrastructure.projections.following import follow

LOOK_AT_TIMERS_SECONDS = 0.25
LOOK_AHEAD_EVERY = 8
"""Every so many looks all logs are asked whether their clocks are ahead. The route that moves a
test tenant's clock fires by itself what that makes due."""

FIRING_MAX = 8
"""For so many tenants timers are fired at a time."""

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
        sender: BulkSender,
        *,
        processes: Collection[Process] = PROCESSES,
        timers: Timers = TIMERS,
        clock: Clock = _now,
        tracer: Tracer | None = None,
    ) -> None:
        self._database_url = database_url
        self._redis_url = redis_url
        self._sender = sender
        self._processes = processes
        self._timers = timers
        self._clock = clock
        self._tracer = tracer
        self._room = asyncio.Semaphore(FIRING_MAX)
        self._idle: list[AsyncConnection[Any]] = []

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set."""
        queue = EffectQueue(self._redis_url)
        sweeper = Sweeper(self._database_url, queue)
        processes = Processes(
            self._sender,
            processes=self._processes,
            filed=lambda _tenant_id: sweeper.wake(),
            tracer=self._tracer,
        )
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(follow(self._database_url, self._redis_url, processes, stop))
                tasks.create_task(sweeper.run(stop))
                tasks.create_task(self._fire(stop))
        finally:
            queue.close()

    async def _fire(self, stop: asyncio.Event) -> None:
        """Look for what is due again and again; a tenant that takes long delays no other."""
        under_way: set[UUID] = set()
        looks = 0
        try:
            async with asyncio.TaskGroup() as firing:
                while not stop.is_set():
                    for tenant_id, now in (await self._due(looks)).items():
                        if tenant_id not in under_way:
                            under_way.add(tenant_id)
                            task = firing.create_task(self._fire_tenant(tenant_id, now, stop))
                            task.add_done_callback(lambda _, done=tenant_id: under_way.remove(done))
                    looks += 1
                    with suppress(TimeoutError):
                        async with asyncio.timeout(LOOK_AT_TIMERS_SECONDS):
                            await stop.wait()
        finally:
            while self._idle:
                await self._idle.pop().close()

    async def _due(self, looks: int) -> dict[UUID, datetime]:
        try:
            async with self._connection() as connection:
                ahead = looks % LOOK_AHEAD_EVERY == 0
                return await due_tenants(connection, self._clock(), ahead=ahead)
        except (Error, OSError) as fault:
            _log.warning("timers_not_looked_at", error=type(fault).__name__)
            return {}

    async def _fire_tenant(self, tenant_id: UUID, now: datetime, stop: asyncio.Event) -> None:
        fired = FIRED_AT_ONCE_MAX
        while fired == FIRED_AT_ONCE_MAX and not stop.is_set():
            async with self._room:  # those who wait get it in their order
                try:
                    async with self._connection() as connection:
                        fired = await fire(
                            connection, tenant_id, now, sender=self._sender, timers=self._timers
                        )
                except (Error, OSError, TryAgain) as fault:
                    error = type(fault).__name__
                    _log.warning("timers_not_fired", tenant_id=str(tenant_id), error=error)
                    return

    @asynccontextmanager
    async def _connection(self) -> AsyncGenerator[AsyncConnection[Any]]:
        """Lend a connection; one that met a fault is not lent again."""
        connection = self._idle.pop() if self._idle else None
        if connection is None or connection.closed:
            connection = await connect(self._database_url, statement_seconds=STATEMENT_SECONDS)
        try:
            yield connection
        except BaseException:
            await connection.close()
            raise
        self._idle.append(connection)
