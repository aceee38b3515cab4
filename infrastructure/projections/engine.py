"""Takes whatever follows the logs of all tenants forward, by hints and by looking every second."""

import asyncio
import random
import time
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, Protocol
from uuid import UUID

import structlog
from psycopg import Error

from infrastructure.postgres.connections import connect
from infrastructure.postgres.pipelines import PipelinedConnection
from infrastructure.projections.checkpoints import FAR_BEHIND_EVENTS, WAITING, TryAgain, first_sight

WORKERS = 2
"""Each has a connection that writes and one that reads ahead while it fills."""

POLL_SECONDS = 1.0
LOOK_AT_CHECKPOINTS_EVERY = 10
"""Every so many looks at the logs' ends the checkpoints are looked at too: what another process
un-parked, what a new version has to fill."""

STEP_SECONDS, REST_SECONDS_MIN = 0.04, 0.01
"""The steps of a busy tenant begin so far apart, so that many events share one commit: half of what
a step costs is the same for one event as for a hundred. One that took long is followed sooner, for
what came meanwhile has waited for it; yet a tenant rests a little. What comes into a quiet log
waits for nothing."""

IDLE_REST_SECONDS = 0.1
"""So long where nothing that passed mattered: what comes into a busy log waits so long at most."""

RETRY_SECONDS = 0.2
RETRY_SECONDS_MAX = 15.0
STATEMENT_SECONDS = 60

_log = structlog.get_logger(__name__)
_LOG_ENDS = b"SELECT tenant_id, position FROM defter.log_ends()"
_BEHIND = b"SELECT tenant_id, position, log_end, parked_at, error FROM read_models.behind(%s)"
_FAULTS = (Error, OSError, TryAgain)


class Step(NamedTuple):
    """Where a step left a tenant. `position` is the last one read, or None if all was leased.

    It was `idle` if nothing that was read mattered to the follower.
    """

    position: int | None
    more: bool
    parked: tuple[str, ...] = ()
    idle: bool = False


class Follower(Protocol):
    """What follows logs, such as all read models, or all processes."""

    @property
    def keys(self) -> Sequence[str]:
        """What its checkpoints are filed under."""
        ...

    async def advance(
        self,
        connection: PipelinedConnection,
        tenant_id: UUID,
        *,
        filling: bool,
        reader: PipelinedConnection | None,
    ) -> Step:
        """Take a tenant forward by one commit; with `reader`, reading and writing may overlap.

        `filling` asks for what is far behind in place of what is near the log's end.
        """
        ...


class Job(NamedTuple):
    """A tenant's live checkpoints, or those that are far behind and fill on their own."""

    tenant_id: UUID
    filling: bool


class Engine:
    """Runs in one event loop; several engines share all tenants by the leases of checkpoints.

    A tenant rests `pace_seconds` between two steps, or until `STEP_SECONDS` have passed since the
    last one began, or longer if that was idle.
    """

    def __init__(
        self, database_url: str, follower: Follower, *, pace_seconds: float | None = None
    ) -> None:
        self._database_url = database_url
        self._follower = follower
        self._pace_seconds = pace_seconds
        self._queue: asyncio.Queue[Job] = asyncio.Queue()
        self._busy: dict[Job, bool] = {}
        """Queued, running or resting jobs, and whether something came up since they began."""
        self._failures: dict[Job, int] = {}
        self._reached: dict[UUID, int] = {}
        self._met: set[UUID] = set()
        self._long: set[Job] = set()
        """Jobs with more to read than one commit takes."""

    def nudge(self, tenants: Iterable[UUID]) -> None:
        """Hint that these tenants' logs have grown."""
        for tenant_id in tenants:
            self._offer(Job(tenant_id, filling=False))

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set; the steps that have begun are finished."""
        tasks = [asyncio.create_task(self._work(stop)) for _ in range(WORKERS)]
        tasks.append(asyncio.create_task(self._look(stop)))
        stopping = asyncio.create_task(_wait(stop))
        try:
            # A task that ends before it is told to has a bug, and a half-dead engine looks alive.
            await asyncio.wait({*tasks, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if not stop.is_set():
                for task in tasks:
                    if task.done():
                        task.result()
            await asyncio.gather(*tasks)
        finally:
            for task in (*tasks, stopping):
                task.cancel()
            await asyncio.gather(*tasks, stopping, return_exceptions=True)

    def _offer(self, job: Job) -> None:
        if job in self._busy:
            self._busy[job] = True
        else:
            self._busy[job] = False
            self._queue.put_nowait(job)

    def _release(self, job: Job) -> None:
        if self._busy.pop(job):
            self._offer(job)

    async def _work(self, stop: asyncio.Event) -> None:
        connections: list[PipelinedConnection] = []
        try:
            while (job := await _unless(stop, self._queue.get(), POLL_SECONDS)) is not _STOPPED:
                if job is None:
                    continue
                try:
                    while len(connections) < 2:  # noqa: PLR2004 - one writes, one reads ahead
                        connections.append(await self._connect())
                    await self._step(connections[0], connections[1], job)
                except _FAULTS as fault:
                    await _close(connections)
                    self._try_again(job, fault)
        finally:
            await _close(connections)

    async def _connect(self) -> PipelinedConnection:
        return await connect(self._database_url, statement_seconds=STATEMENT_SECONDS)

    async def _step(
        self, connection: PipelinedConnection, reader: PipelinedConnection, job: Job
    ) -> None:
        tenant_id, filling = job
        if tenant_id not in self._met:
            await first_sight(connection, tenant_id, self._follower.keys)
            self._met.add(tenant_id)
        self._busy[job] = False
        ahead = reader if filling or job in self._long else None
        began = time.monotonic()
        step = await self._follower.advance(connection, tenant_id, filling=filling, reader=ahead)
        took = time.monotonic() - began
        least = max(STEP_SECONDS - took, REST_SECONDS_MIN)
        rest = self._pace_seconds or (IDLE_REST_SECONDS if step.idle else least)
        self._failures.pop(job, None)
        for follower in step.parked:
            _log.error("parked", tenant_id=str(tenant_id), follower=follower)
        if not filling and step.position is not None:
            self._reached[tenant_id] = step.position
        if filling and not step.more:
            # What was far behind is so no more: it goes on with the live ones.
            self._offer(Job(tenant_id, filling=False))
        if step.more:
            self._long.add(job)
            self._queue.put_nowait(job)
        else:
            self._long.discard(job)
            asyncio.get_running_loop().call_later(rest, self._release, job)

    def _try_again(self, job: Job, fault: Exception) -> None:
        failures = self._failures[job] = self._failures.get(job, 0) + 1
        most = min(RETRY_SECONDS_MAX, RETRY_SECONDS * 2 ** min(failures, 10))
        seconds = most * random.uniform(0.5, 1)  # noqa: S311 - spreads retries, hides nothing
        self._busy[job] = True
        asyncio.get_running_loop().call_later(seconds, self._release, job)
        _log.warning(
            "step_failed",
            tenant_id=str(job.tenant_id),
            error=type(fault).__name__,
            failures=failures,
        )

    async def _look(self, stop: asyncio.Event) -> None:
        connection: PipelinedConnection | None = None
        looks = 0
        try:
            while True:
                try:
                    if connection is None or connection.closed:
                        connection = await connect(self._database_url)
                        looks = 0
                    if looks % LOOK_AT_CHECKPOINTS_EVERY == 0:
                        await self._look_at_checkpoints(connection)
                    await self._look_at_logs(connection)
                    looks += 1
                except _FAULTS as fault:
                    _log.warning("logs_not_looked_at", error=type(fault).__name__)
                    if connection is not None:
                        await connection.close()
                if await _unless(stop, asyncio.sleep(POLL_SECONDS), None) is _STOPPED:
                    return
        finally:
            if connection is not None:
                await connection.close()

    async def _look_at_logs(self, connection: PipelinedConnection) -> None:
        cursor = await connection.execute(_LOG_ENDS, prepare=True)
        for tenant_id, position in await cursor.fetchall():
            if self._reached.get(tenant_id, -1) < position:
                self._offer(Job(tenant_id, filling=False))

    async def _look_at_checkpoints(self, connection: PipelinedConnection) -> None:
        ends = await (await connection.execute(_LOG_ENDS, prepare=True)).fetchall()
        cursor = await connection.execute(_BEHIND, (list(self._follower.keys),), prepare=True)
        reached = dict(ends)
        for tenant_id, position, log_end, parked_at, error in await cursor.fetchall():
            if parked_at is not None and error not in WAITING:
                continue
            reached[tenant_id] = min(reached.get(tenant_id, position), position)
            if log_end - position > FAR_BEHIND_EVENTS:
                self._offer(Job(tenant_id, filling=True))
        self._reached = reached


async def _close(connections: list[PipelinedConnection]) -> None:
    while connections:
        await connections.pop().close()


_STOPPED = object()


async def _wait(stop: asyncio.Event) -> None:
    await stop.wait()


async def _unless(stop: asyncio.Event, awaitable: Any, seconds: float | None) -> Any:  # noqa: ANN401
    """Await something, at most so long (then None), unless it is time to stop."""
    work = asyncio.ensure_future(awaitable)
    stopping = asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait({work, stopping}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if stop.is_set():
            return _STOPPED
        return work.result() if work.done() else None
    finally:
        stopping.cancel()
        work.cancel()
