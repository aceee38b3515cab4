"""The scheduler: whatever happens by itself. Processes, timers, effects' queues, schedules."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Collection, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from uuid import UUID

import structlog
from psycopg import Error

from application.process import Process
from application.processes.registry import PROCESSES
from application.sending import BulkSender
from application.timers import TIMERS
from infrastructure.effects.queue import EffectQueue
from infrastructure.effects.sweeping import Sweeper
from infrastructure.observability.telemetry.tracing import Tracer
from infrastructure.postgres.connections import connect
from infrastructure.postgres.pipelines import PipelinedConnection
from infrastructure.processes.follower import Processes
from infrastructure.processes.timers import Timers, due_tenants, fire_together
from infrastructure.projections.checkpoints import TryAgain
from infrastructure.projections.following import follow
from infrastructure.schedules.calendar import Calendar

LOOK_AT_TIMERS_SECONDS = 0.25
LOOK_AHEAD_EVERY = 8
"""Every so many looks all logs are asked whether their clocks are ahead. The route that moves a
test tenant's clock fires by itself what that makes due."""

FIRING_MAX = 8
"""So many transactions fire at a time."""

TENANTS_TOGETHER_MAX = 50
"""For so many tenants timers are fired in one transaction, as many as the writer takes at once."""

UNDER_WAY_MAX = 1_000
"""While so many tenants wait for their turn, looking for more only takes time from them."""

PATIENCE_SECONDS = 2.0
"""So long the others of a transaction wait for the tenant that takes longest."""

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
        self._idle: list[PipelinedConnection] = []

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set."""
        queue = EffectQueue(self._redis_url)
        sweeper = Sweeper(self._database_url, queue)
        calendar = Calendar(self._database_url, clock=self._clock)
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
                tasks.create_task(calendar.run(stop))
        finally:
            queue.close()

    async def _fire(self, stop: asyncio.Event) -> None:
        """Look for what is due again and again; a tenant that takes long delays no other."""
        under_way: set[UUID] = set()
        looks = 0
        try:
            async with asyncio.TaskGroup() as firing:
                while not stop.is_set():
                    found = await self._due(looks) if len(under_way) < UNDER_WAY_MAX else []
                    due = [one for one in found if one[0] not in under_way]
                    for n in range(0, len(due), TENANTS_TOGETHER_MAX):
                        together = dict(due[n : n + TENANTS_TOGETHER_MAX])
                        under_way.update(together)
                        firing.create_task(self._fire_together(together, under_way, stop))
                    looks += 1
                    with suppress(TimeoutError):
                        async with asyncio.timeout(LOOK_AT_TIMERS_SECONDS):
                            await stop.wait()
        finally:
            while self._idle:
                await self._idle.pop().close()

    async def _due(self, looks: int) -> list[tuple[UUID, datetime]]:
        try:
            async with self._connection() as connection:
                ahead = looks % LOOK_AHEAD_EVERY == 0
                due = await due_tenants(connection, self._clock(), ahead=ahead)
        except (Error, OSError) as fault:
            _log.warning("timers_not_looked_at", error=type(fault).__name__)
            return []
        return list(due.items())

    async def _fire_together(
        self, due: Mapping[UUID, datetime], under_way: set[UUID], stop: asyncio.Event
    ) -> None:
        """Fire for some tenants; whoever is not through with that goes on alone."""
        left = await self._unfinished(due)
        under_way -= due.keys() - left
        await asyncio.gather(*(self._fire_alone(one, due[one], under_way, stop) for one in left))

    async def _fire_alone(
        self, tenant_id: UUID, now: datetime, under_way: set[UUID], stop: asyncio.Event
    ) -> None:
        while not stop.is_set() and await self._unfinished({tenant_id: now}):
            pass
        under_way.remove(tenant_id)

    async def _unfinished(self, due: Mapping[UUID, datetime]) -> set[UUID]:
        """Fire once, and give the tenants for whom more may be fired at once."""
        alone = len(due) == 1
        async with self._room:  # those who wait get it in their order
            try:
                async with self._connection() as connection:
                    fired = await fire_together(
                        connection,
                        due,
                        sender=self._sender,
                        timers=self._timers,
                        patience_seconds=None if alone else PATIENCE_SECONDS,
                    )
            except (Error, OSError, TryAgain) as fault:
                _log.warning("timers_not_fired", tenants=len(due), error=type(fault).__name__)
                return set() if alone else set(due)
        return fired.unfinished

    @asynccontextmanager
    async def _connection(self) -> AsyncGenerator[PipelinedConnection]:
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
