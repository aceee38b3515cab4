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
from datetime import UTC, datetime
from typing import Protocol
from uuid import UUID

import structlog
from psycopg import Error, OperationalError
from psycopg.errors import LockNotAvailable

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
from infrastructure.event_log.channel import Channel
from infrastructure.event_log.codec import UnknownEvent
from infrastructure.event_log.event_types import check_upcasters
from infrastructure.event_log.keyring import MasterKeys
from infrastructure.event_log.memory import LogMemory
from infrastructure.event_log.writing import NotCommitted
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
GIVE_UP_SECONDS_MAX = 5.0

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
TOO_OLD = "the log holds events this release does not know"

log = structlog.get_logger()


class WriterMetrics(Protocol):
    """What the writer tells about itself."""

    def batch(self, *, commands: int, seconds: float) -> None:
        """Tell that a batch was written."""
        ...

    def queue(self, commands: int) -> None:
        """Tell how many commands wait."""
        ...


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
        self._giving_up = False
        self._unreadable: set[UUID] = set()
        self._lanes: list[asyncio.Task[None]] = []
        self._channels: list[Channel] = []
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
        late = await self._ended_after(DRAIN_SECONDS_MAX)
        if late:
            self._giving_up = True  # nobody's time is left: every lane answers all it has, and ends
            for channel in self._channels:
                channel.cut()
            self._wake_all()
            late = await self._ended_after(GIVE_UP_SECONDS_MAX)
        for lane in late:
            lane.cancel()
        for queue in self._queues.values():
            _fail_all(queue, LogUnavailable("this process stops"))

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

    async def _ended_after(self, seconds: float) -> set[asyncio.Task[None]]:
        """Wait for the lanes to end, and give those that did not."""
        if not self._lanes:
            return set()
        return (await asyncio.wait(self._lanes, timeout=seconds))[1]

    def _enqueue(self, envelopes: Sequence[Envelope]) -> list[asyncio.Future[Outcome]]:
        if self._stopping or self._queued + len(envelopes) > QUEUE_COMMANDS_MAX:
            raise Overloaded("too many commands wait; send it again in a moment")
        loop = asyncio.get_running_loop()
        deadline = time.monotonic() + COMMAND_SECONDS_MAX
        futures: list[asyncio.Future[Outcome]] = []
        for envelope in envelopes:
            future: asyncio.Future[Outcome] = loop.create_future()
            futures.append(future)
            if envelope.tenant_id in self._unreadable:
                future.set_exception(ReleaseTooOld(TOO_OLD))
                continue
            queue = self._queues.get(envelope.tenant_id)
            if queue is None:
                queue = self._queues[envelope.tenant_id] = deque()
                self._ready.append(envelope.tenant_id)
                self._wake[False].set()
            queue.append(Pending(envelope, future, deadline))
            self._queued += 1
        return futures

    async def _lane(self, *, waits: bool) -> None:
        channel = Channel(self._database_url)
        self._channels.append(channel)
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
                try:
                    if group:
                        await self._carry_out(channel, group, wait=waits)
                except BaseException:
                    self._abandon(group)
                    raise
        finally:
            await channel.close()

    def _abandon(self, group: dict[UUID, list[Pending]]) -> None:
        """Leave nobody without an answer when a lane ends by itself."""
        for tenant_id, commands in group.items():
            _fail_all(commands, OutcomeUnknown("this process ends"))
            if tenant_id in self._queues and tenant_id not in (*self._ready, *self._held):
                self._give_back(tenant_id, ())

    def _take(self, source: deque[UUID], tenants_max: int) -> dict[UUID, list[Pending]]:
        group: dict[UUID, list[Pending]] = {}
        while source and len(group) < tenants_max:
            tenant_id = source.popleft()
            queue = self._queues[tenant_id]
            room = BATCH_COMMANDS_MAX if len(group) == 0 else BATCH_COMMANDS_MAX // 8
            taken = [queue.popleft() for _ in range(min(len(queue), room))]
            self._queued -= len(taken)
            in_time = self._in_time(taken)
            if in_time:
                group[tenant_id] = in_time
            else:
                self._give_back(tenant_id, (), held=source is self._held)
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
                await _run(channel, batch, wait=wait)
            except Exception as error:  # noqa: BLE001 - every failure is settled in one place
                again = await self._failed(channel, batch, group, error, wait=wait)
                if again is None:
                    return
                group = again
                pause = await _pause(pause)
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
        self._tell(batch, sum(map(len, group.values())) - len(left), seconds)

    def _tell(self, batch: Batch, commands: int, seconds: float) -> None:
        """Tell whoever follows; what they do with it must not end the lane."""
        try:
            self._committed(list(batch.parts))
            if self._metrics is not None:
                self._metrics.batch(commands=commands, seconds=seconds)
        except Exception:
            log.exception("nobody_told", tenants=len(batch.parts))

    async def _failed(
        self,
        channel: Channel,
        batch: Batch,
        group: dict[UUID, list[Pending]],
        error: Exception,
        *,
        wait: bool,
    ) -> dict[UUID, list[Pending]] | None:
        """Step 7 and 8: forget, and say who is to be tried again (None: nobody)."""
        if await self._forget(channel, batch, group, error):
            again = self._within_deadline(group)
            if again and wait and isinstance(error, LockNotAvailable):
                for tenant_id, commands in again.items():  # let others that wait have the lane
                    self._give_back(tenant_id, commands, held=True)
                return None
            return again
        if isinstance(error, UnknownEvent) and error.tenant_id is not None:
            return self._close_log(error.tenant_id, group, error)
        if len(group) > 1:
            for tenant_id, commands in group.items():
                await self._carry_out(channel, {tenant_id: commands}, wait=False)
            return None
        ((tenant_id, commands),) = group.items()
        for pending in commands:
            await self._alone(channel, pending, error if len(commands) == 1 else None)
        self._give_back(tenant_id, ())
        return None

    def _close_log(
        self, tenant_id: UUID, group: dict[UUID, list[Pending]], error: Exception
    ) -> dict[UUID, list[Pending]] | None:
        """Write this tenant's log no more: what a newer release did there can not be judged."""
        log.error("release_too_old", tenant=str(tenant_id), error=str(error))
        self._unreadable.add(tenant_id)
        for pending in (*group[tenant_id], *self._queues[tenant_id]):
            pending.fail(ReleaseTooOld(TOO_OLD))
        self._give_back(tenant_id, ())
        return {other: commands for other, commands in group.items() if other != tenant_id} or None

    async def _alone(self, channel: Channel, pending: Pending, error: Exception | None) -> None:
        """Carry one command out by itself: the one that fails for a lasting reason gets a 500."""
        tenant_id = pending.envelope.tenant_id
        pause = RETRY_SECONDS_MIN
        while error is None and self._in_time([pending]):
            began = time.perf_counter()
            group = {tenant_id: [pending]}
            batch = Batch(self._log, group)
            try:
                await _run(channel, batch, wait=True)
            except Exception as failure:  # noqa: BLE001 - as in `_carry_out`
                if not await self._forget(channel, batch, group, failure):
                    error = failure
            else:
                if not batch.answer():
                    self._tell(batch, 1, time.perf_counter() - began)
                    return
            pause = await _pause(pause)
        if error is not None:
            log.error("command_failed", command=pending.envelope.command.NAME, exc_info=error)
            pending.fail(CommandFailed())

    async def _forget(
        self,
        channel: Channel,
        batch: Batch,
        group: dict[UUID, list[Pending]],
        error: Exception,
    ) -> bool:
        """Drop what a failed batch knew, and tell whether to try the same again."""
        for tenant_id in group:
            self._log.memory.forget(tenant_id)
        lost = channel.lost
        if batch.commit_sent and (lost or _ended_by_server(error)):
            for pending in (p for commands in group.values() for p in commands):
                pending.unknown = True
        await channel.reset()
        transient = _transient(error, lost=lost)
        log.warning("batch_failed", error=type(error).__name__, tenants=len(group), again=transient)
        return transient

    def _within_deadline(
        self, group: dict[UUID, list[Pending]]
    ) -> dict[UUID, list[Pending]] | None:
        again: dict[UUID, list[Pending]] = {}
        for tenant_id, commands in group.items():
            kept = self._in_time(commands)
            if kept:
                again[tenant_id] = kept
            else:
                self._give_back(tenant_id, ())
        return again or None

    def _in_time(self, commands: Sequence[Pending]) -> list[Pending]:
        """Give those that are still waited for; the others are told that their time is over."""
        now = float("inf") if self._giving_up else time.monotonic()
        for pending in commands:
            if pending.deadline <= now:
                pending.fail(LogUnavailable("the event log can not be written at present"))
        return [pending for pending in commands if not pending.future.done()]

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


async def _run(channel: Channel, batch: Batch, *, wait: bool) -> None:
    connection = await channel.open()
    with channel.watched():
        await batch.run(connection, wait=wait)
    if channel.not_replicated:
        raise OperationalError("COMMIT was not replicated")


async def _pause(seconds: float) -> float:
    """Wait before the next try, and give the wait before the one after it."""
    await asyncio.sleep(seconds * random.uniform(0.5, 1.5))  # noqa: S311 - jitter
    return min(seconds * 2, RETRY_SECONDS_MAX)


def _ended_by_server(error: Exception) -> bool:
    """Whether the server broke off, which may reach us before or after its COMMIT counted."""
    return isinstance(error, Error) and (error.sqlstate or "").startswith("57P")


def _transient(error: Exception, *, lost: bool) -> bool:
    if isinstance(error, Error) and error.sqlstate is not None:
        return error.sqlstate in TRANSIENT_STATES
    return lost or isinstance(error, OperationalError | OSError | TimeoutError | NotCommitted)
