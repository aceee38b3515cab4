"""The writer: takes all commands that wait for a tenant, and decides and writes them together.

One process has one writer. `LANES` tasks take groups of tenants whose heads are free; a tenant
whose head another process holds moves to one of the `WAITING_LANES`, which wait for it alone, so
one held tenant delays nobody. At any time one batch of a tenant is under way.
"""

import asyncio
import random
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol
from uuid import UUID

import structlog
from psycopg import AsyncConnection, Error, OperationalError
from psycopg.errors import Diagnostic
from psycopg.rows import TupleRow

from application.envelope import Envelope
from application.sending import (
    CommandFailed,
    LogUnavailable,
    Outcome,
    OutcomeUnknown,
    Overloaded,
    ReleaseTooOld,
)
from infrastructure.event_log import statements as sql
from infrastructure.event_log.batch import Batch, Log, Pending
from infrastructure.event_log.codec import UnknownEvent
from infrastructure.event_log.event_types import check_upcasters
from infrastructure.event_log.keyring import MasterKeys
from infrastructure.event_log.memory import LogMemory
from infrastructure.postgres.connections import connect

LANES = 3
WAITING_LANES = 3
GROUP_TENANTS_MAX = 50
BATCH_COMMANDS_MAX = 512
QUEUE_COMMANDS_MAX = 10_000
COMMAND_SECONDS_MAX = 5.0
RETRY_SECONDS_MIN = 0.02
RETRY_SECONDS_MAX = 1.0
STREAM_CACHE_BYTES = 96 * 1024 * 1024
DRAIN_SECONDS_MAX = 15.0

TRANSIENT_STATES = frozenset(
    {
        "25P03",  # idle in transaction for too long
        "25006",  # read-only: a standby, before its promotion
        "40001",  # serialization failure
        "40P01",  # deadlock
        "53100",  # disk full
        "53200",  # out of memory
        "53300",  # too many connections
        "55P03",  # lock not available
        "57014",  # statement timeout
        "57P01",  # shut down
        "57P02",  # crashed
        "57P03",  # starting up
    }
)
WARNING_NOT_REPLICATED = "01000"

log = structlog.get_logger()


class WriterMetrics(Protocol):
    """What the writer tells about itself."""

    def batch(self, *, commands: int, seconds: float) -> None:
        """Tell that a batch was written."""
        ...

    def queue(self, commands: int) -> None:
        """Tell how many commands wait."""
        ...


@dataclass(slots=True)
class Channel:
    """A lane's connection, opened when it is needed."""

    database_url: str
    connection: AsyncConnection[TupleRow] | None = None
    not_replicated: bool = False

    async def open(self) -> AsyncConnection[TupleRow]:
        """Give a connection that is idle outside any transaction."""
        if self.connection is None or self.connection.closed:
            self.connection = await connect(self.database_url)
            self.connection.add_notice_handler(self._noticed)
        self.not_replicated = False
        return self.connection

    async def reset(self) -> None:
        """Leave a failed transaction; a broken connection is dropped."""
        connection = self.connection
        if connection is None:
            return
        try:
            await connection.execute(sql.ROLLBACK)
        except Error:
            self.connection = None
            await connection.close()

    async def close(self) -> None:
        """Close for good."""
        if self.connection is not None:
            await self.connection.close()

    def _noticed(self, notice: Diagnostic) -> None:
        if notice.sqlstate == WARNING_NOT_REPLICATED:
            self.not_replicated = True


class Writer:
    """Sends commands to the event log. Start it, send, stop it: stopping finishes what waits."""

    def __init__(
        self,
        database_url: str,
        master_keys: MasterKeys,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        metrics: WriterMetrics | None = None,
        committed: Callable[[Sequence[UUID]], None] = lambda _: None,
        cache_bytes: int = STREAM_CACHE_BYTES,
        group_tenants: int = GROUP_TENANTS_MAX,
    ) -> None:
        check_upcasters()
        self._database_url = database_url
        self._log = Log(LogMemory(cache_bytes), master_keys, clock)
        self._metrics = metrics
        self._committed = committed
        self._group_tenants = group_tenants
        self._queues: dict[UUID, deque[Pending]] = {}
        self._ready: deque[UUID] = deque()
        self._held: deque[UUID] = deque()
        self._queued = 0
        self._stopping = False
        self._lanes: list[asyncio.Task[None]] = []
        self._wake = [asyncio.Event() for _ in range(2)]
        self.ended: asyncio.Future[None] | None = None
        """Done with an error when a lane ended by itself: then the process must end."""

    async def start(self) -> None:
        """Start the lanes; connections open with the first command."""
        self.ended = asyncio.get_running_loop().create_future()
        kinds = [False] * LANES + [True] * WAITING_LANES
        for waits in kinds:
            lane = asyncio.create_task(self._lane(waits=waits))
            lane.add_done_callback(self._lane_ended)
            self._lanes.append(lane)

    async def stop(self) -> None:
        """Take no more, finish what waits, close."""
        self._stopping = True
        self._wake_all()
        if self._lanes:
            await asyncio.wait(self._lanes, timeout=DRAIN_SECONDS_MAX)
        for lane in self._lanes:
            lane.cancel()

    async def send(self, envelope: Envelope) -> Outcome:
        """Decide and write one command; raises `NotDecided` and its like."""
        return await self._enqueue((envelope,))[0]

    async def send_many(self, envelopes: Sequence[Envelope]) -> list[Outcome | BaseException]:
        """Send independent commands together; the answers come in their order."""
        return await asyncio.gather(*self._enqueue(envelopes), return_exceptions=True)

    @property
    def queued(self) -> int:
        """How many commands wait."""
        return self._queued

    async def add_tenant(self, tenant_id: UUID) -> None:
        """Give a new tenant the head of its log; once is enough."""
        connection = await connect(self._database_url)
        async with connection, connection.transaction():
            await connection.execute(sql.SET_TENANTS, ("{" + str(tenant_id) + "}",))
            await connection.execute(sql.ADD_HEAD, (tenant_id,))

    def _enqueue(self, envelopes: Sequence[Envelope]) -> list[asyncio.Future[Outcome]]:
        if self._stopping or self._queued + len(envelopes) > QUEUE_COMMANDS_MAX:
            raise Overloaded("too many commands wait; send it again in a moment")
        loop = asyncio.get_running_loop()
        deadline = time.monotonic() + COMMAND_SECONDS_MAX
        futures: list[asyncio.Future[Outcome]] = []
        for envelope in envelopes:
            future: asyncio.Future[Outcome] = loop.create_future()
            futures.append(future)
            queue = self._queues.get(envelope.tenant_id)
            if queue is None:
                queue = self._queues[envelope.tenant_id] = deque()
                self._ready.append(envelope.tenant_id)
                self._wake[False].set()
            queue.append(Pending(envelope, future, deadline))
        self._queued += len(envelopes)
        return futures

    async def _lane(self, *, waits: bool) -> None:
        channel = Channel(self._database_url)
        source = self._held if waits else self._ready
        wake = self._wake[waits]
        try:
            while True:
                while not source:
                    if self._stopping and not self._queues:
                        self._wake_all()
                        return
                    wake.clear()
                    await wake.wait()
                group = self._take(source, 1 if waits else self._group_tenants)
                await self._carry_out(channel, group, wait=waits)
        finally:
            await channel.close()

    def _take(self, source: deque[UUID], tenants_max: int) -> dict[UUID, list[Pending]]:
        group: dict[UUID, list[Pending]] = {}
        while source and len(group) < tenants_max:
            tenant_id = source.popleft()
            queue = self._queues[tenant_id]
            room = BATCH_COMMANDS_MAX if len(group) == 0 else BATCH_COMMANDS_MAX // 8
            group[tenant_id] = [queue.popleft() for _ in range(min(len(queue), room))]
            self._queued -= len(group[tenant_id])
        if self._metrics is not None:
            self._metrics.queue(self._queued)
        return group

    def _give_back(self, tenant_id: UUID, left: Sequence[Pending], *, held: bool = False) -> None:
        """Put what was not decided before what came since; the tenant is free for a next batch."""
        queue = self._queues[tenant_id]
        queue.extendleft(reversed(left))
        self._queued += len(left)
        if not queue:
            del self._queues[tenant_id]
            if self._stopping:
                self._wake_all()
            return
        (self._held if held else self._ready).append(tenant_id)
        self._wake[held].set()

    async def _carry_out(
        self, channel: Channel, group: dict[UUID, list[Pending]], *, wait: bool
    ) -> None:
        """Try a group until everyone in it is answered or given back."""
        pause = RETRY_SECONDS_MIN
        while True:
            began = time.perf_counter()
            batch = Batch(self._log, group)
            try:
                connection = await channel.open()
                await batch.run(connection, wait=wait)
                if channel.not_replicated:
                    raise OperationalError("COMMIT was not replicated")  # noqa: TRY301 - one way out
            except Exception as error:  # noqa: BLE001 - every failure is settled in one place
                again = await self._failed(channel, batch, group, error)
                if again is None:
                    return
                group = again
                await asyncio.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311 - jitter
                pause = min(pause * 2, RETRY_SECONDS_MAX)
                continue
            self._done(batch, group, seconds=time.perf_counter() - began, waited=wait)
            return

    def _done(
        self, batch: Batch, group: dict[UUID, list[Pending]], *, seconds: float, waited: bool
    ) -> None:
        left = batch.answer()
        by_tenant: dict[UUID, list[Pending]] = {}
        for pending in left:
            by_tenant.setdefault(pending.envelope.tenant_id, []).append(pending)
        for tenant_id in batch.parts:
            self._give_back(tenant_id, by_tenant.get(tenant_id, ()))
        for tenant_id in batch.skipped:
            if waited:
                _fail_all(group[tenant_id], LogUnavailable("this tenant has no log yet"))
            self._give_back(tenant_id, () if waited else group[tenant_id], held=True)
        self._committed(list(batch.parts))
        if self._metrics is not None:
            answered = sum(map(len, group.values())) - len(left)
            self._metrics.batch(commands=answered, seconds=seconds)

    async def _failed(
        self,
        channel: Channel,
        batch: Batch,
        group: dict[UUID, list[Pending]],
        error: Exception,
    ) -> dict[UUID, list[Pending]] | None:
        """Step 7 and 8: forget, and say who is to be tried again (None: nobody)."""
        for tenant_id in group:
            self._log.memory.forget(tenant_id)
        lost = channel.connection is None or channel.connection.broken or channel.not_replicated
        if batch.commit_sent and lost:
            for pending in (p for commands in group.values() for p in commands):
                pending.unknown = True
        await channel.reset()
        if _transient(error, lost=lost):
            log.warning("batch_failed", error=type(error).__name__, tenants=len(group))
            return self._within_deadline(group)
        if len(group) > 1:
            for tenant_id, commands in group.items():
                await self._carry_out(channel, {tenant_id: commands}, wait=True)
            return None
        ((tenant_id, commands),) = group.items()
        await self._single_out(channel, tenant_id, commands, error)
        return None

    async def _single_out(
        self, channel: Channel, tenant_id: UUID, commands: list[Pending], error: Exception
    ) -> None:
        """Find the command that fails alone; the others are carried out one by one."""
        if isinstance(error, UnknownEvent):
            _fail_all(commands, ReleaseTooOld("the log holds events this release does not know"))
        elif len(commands) == 1:
            log.error("command_failed", command=commands[0].envelope.command.NAME, exc_info=error)
            commands[0].fail(CommandFailed())
        else:
            for pending in commands:
                await self._alone(channel, pending)
        self._give_back(tenant_id, ())

    async def _alone(self, channel: Channel, pending: Pending) -> None:
        tenant_id = pending.envelope.tenant_id
        for _ in range(2):
            batch = Batch(self._log, {tenant_id: [pending]})
            try:
                await batch.run(await channel.open(), wait=True)
            except Exception as error:  # noqa: BLE001 - the one that fails alone gets a 500
                self._log.memory.forget(tenant_id)
                await channel.reset()
                log.error("command_failed", command=pending.envelope.command.NAME, exc_info=error)
            else:
                if not batch.answer():
                    return
        pending.fail(CommandFailed())

    def _within_deadline(
        self, group: dict[UUID, list[Pending]]
    ) -> dict[UUID, list[Pending]] | None:
        now = time.monotonic()
        again: dict[UUID, list[Pending]] = {}
        for tenant_id, commands in group.items():
            kept = [p for p in commands if p.deadline > now and not p.future.done()]
            for pending in commands:
                if pending.deadline <= now:
                    pending.fail(
                        OutcomeUnknown("the answer was lost; send it again to learn the outcome")
                        if pending.unknown
                        else LogUnavailable("the event log can not be written at present")
                    )
            if kept:
                again[tenant_id] = kept
            else:
                self._give_back(tenant_id, ())
        return again or None

    def _lane_ended(self, lane: asyncio.Task[None]) -> None:
        assert self.ended is not None
        if not self._stopping and not self.ended.done():
            error = None if lane.cancelled() else lane.exception()
            self.ended.set_exception(error or RuntimeError("a lane of the writer ended"))

    def _wake_all(self) -> None:
        for event in self._wake:
            event.set()


def _fail_all(commands: Sequence[Pending], error: Exception) -> None:
    for pending in commands:
        pending.fail(error)


def _transient(error: Exception, *, lost: bool) -> bool:
    if isinstance(error, Error) and error.sqlstate is not None:
        return error.sqlstate in TRANSIENT_STATES
    return lost or isinstance(error, OperationalError | OSError | TimeoutError)
