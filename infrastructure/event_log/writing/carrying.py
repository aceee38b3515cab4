"""Carries a group of tenants' commands out: batch by batch, until everyone is answered."""

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from typing import Protocol
from uuid import UUID

import structlog
from psycopg import Error, OperationalError
from psycopg.errors import LockNotAvailable

from application.sending import CommandFailed, LogUnavailable, OutcomeUnknown, ReleaseTooOld
from infrastructure.event_log.codec import UnknownEvent
from infrastructure.event_log.writing.batch import Batch
from infrastructure.event_log.writing.channel import Channel
from infrastructure.event_log.writing.parts import Log
from infrastructure.event_log.writing.queues import Group, Pending, Queues, fail_all
from infrastructure.event_log.writing.rows import NotCommitted
from infrastructure.observability.telemetry.tracing import Tracer

RETRY_SECONDS_MIN = 0.02
RETRY_SECONDS_MAX = 1.0

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

    def batch(self, *, commands: int, seconds: float, redone: bool) -> None:
        """Tell that a batch was written; it was `redone` if it had been decided early in vain."""
        ...

    def queue(self, commands: int) -> None:
        """Tell how many commands wait."""
        ...


class Carrier:
    """What all lanes share: the log, the queues, and whom to tell."""

    def __init__(
        self,
        shared: Log,
        queues: Queues,
        *,
        committed: Callable[[Sequence[UUID]], None],
        metrics: WriterMetrics | None,
        tracer: Tracer | None,
    ) -> None:
        self._log = shared
        self._queues = queues
        self._committed = committed
        self._metrics = metrics
        self._tracer = tracer
        self.unreadable: set[UUID] = set()
        """Tenants whose logs hold what this release does not know."""

    async def carry_out(self, channel: Channel, group: Group, *, wait: bool) -> None:
        """Try a group until everyone in it is answered or given back."""
        pause = RETRY_SECONDS_MIN
        while True:
            began = time.perf_counter()
            batch = Batch(self._log, group, next_of=self._queues.next_of)
            try:
                await self._run(channel, batch, wait=wait)
            except Exception as error:  # noqa: BLE001 - every failure is settled in one place
                again = await self._failed(channel, batch, group, error, wait=wait)
                if again is None:
                    return
                group = again
                pause = await _pause(pause)
                continue
            self._done(batch, group, seconds=time.perf_counter() - began, waited=wait)
            return

    async def _run(self, channel: Channel, batch: Batch, *, wait: bool) -> None:
        if self._tracer is None:
            await _run(channel, batch, wait=wait)
            return
        began = time.perf_counter()
        try:
            await _run(channel, batch, wait=wait)
        except Exception as error:
            _trace(self._tracer, batch, time.perf_counter() - began, type(error).__name__)
            raise
        _trace(self._tracer, batch, time.perf_counter() - began, "")

    def _done(self, batch: Batch, group: Group, *, seconds: float, waited: bool) -> None:
        left = batch.answer()
        by_tenant: Group = {}
        for pending in left:
            by_tenant.setdefault(pending.envelope.tenant_id, []).append(pending)
        for tenant_id in batch.parts:
            self._queues.give_back(tenant_id, by_tenant.get(tenant_id, ()))
        for tenant_id in batch.skipped:
            if waited:
                fail_all(group[tenant_id], LogUnavailable("this tenant has no log yet"))
            self._queues.give_back(tenant_id, () if waited else group[tenant_id], held=True)
        self._tell(batch, sum(map(len, group.values())) - len(left), seconds)

    def _tell(self, batch: Batch, commands: int, seconds: float) -> None:
        """Tell whoever follows; what they do with it must not end the lane."""
        try:
            self._committed(list(batch.parts))
            if self._metrics is not None:
                self._metrics.batch(commands=commands, seconds=seconds, redone=batch.redone)
        except Exception:
            log.exception("nobody_told", tenants=len(batch.parts))

    async def _failed(
        self,
        channel: Channel,
        batch: Batch,
        group: Group,
        error: Exception,
        *,
        wait: bool,
    ) -> Group | None:
        """Step 7 and 8: forget, and say who is to be tried again (None: nobody)."""
        if await self._forget(channel, batch, group, error):
            again = self._within_deadline(group)
            if again and wait and isinstance(error, LockNotAvailable):
                for tenant_id, commands in again.items():  # let others that wait have the lane
                    self._queues.give_back(tenant_id, commands, held=True)
                return None
            return again
        if isinstance(error, UnknownEvent) and error.tenant_id is not None:
            return self._close_log(error.tenant_id, group, error)
        if len(group) > 1:
            for tenant_id, commands in group.items():
                await self.carry_out(channel, {tenant_id: commands}, wait=False)
            return None
        ((tenant_id, commands),) = group.items()
        for pending in commands:
            await self._alone(channel, pending, error if len(commands) == 1 else None)
        self._queues.give_back(tenant_id, ())
        return None

    def _close_log(self, tenant_id: UUID, group: Group, error: Exception) -> Group | None:
        """Write this tenant's log no more: what a newer release did there can not be judged."""
        log.error("release_too_old", tenant=str(tenant_id), error=str(error))
        self.unreadable.add(tenant_id)
        fail_all(group[tenant_id], ReleaseTooOld(TOO_OLD))
        self._queues.fail(ReleaseTooOld(TOO_OLD), tenant_id)
        self._queues.give_back(tenant_id, ())
        return {other: commands for other, commands in group.items() if other != tenant_id} or None

    async def _alone(self, channel: Channel, pending: Pending, error: Exception | None) -> None:
        """Carry one command out by itself: the one that fails for a lasting reason gets a 500."""
        tenant_id = pending.envelope.tenant_id
        pause = RETRY_SECONDS_MIN
        while error is None and self._queues.in_time([pending]):
            began = time.perf_counter()
            group = {tenant_id: [pending]}
            batch = Batch(self._log, group, next_of=self._queues.next_of)
            try:
                await self._run(channel, batch, wait=True)
            except Exception as failure:  # noqa: BLE001 - as in `carry_out`
                if not await self._forget(channel, batch, group, failure):
                    error = failure
            else:
                if not batch.answer():
                    self._tell(batch, 1, time.perf_counter() - began)
                    return
            pause = await _pause(pause)
        if error is not None:
            log.error(
                "command_failed",
                command=pending.envelope.command.NAME,
                correlation_id=pending.envelope.correlation_id,
                exc_info=error,
            )
            pending.fail(CommandFailed())

    async def _forget(
        self,
        channel: Channel,
        batch: Batch,
        group: Group,
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

    def _within_deadline(self, group: Group) -> Group | None:
        again: Group = {}
        for tenant_id, commands in group.items():
            kept = self._queues.in_time(commands)
            if kept:
                again[tenant_id] = kept
            else:
                self._queues.give_back(tenant_id, ())
        return again or None

    def abandon(self, group: Group) -> None:
        """Leave nobody without an answer when a lane ends by itself."""
        for tenant_id, commands in group.items():
            fail_all(commands, OutcomeUnknown("this process ends"))
            if self._queues.taken(tenant_id):
                self._queues.give_back(tenant_id, ())


def _trace(tracer: Tracer, batch: Batch, seconds: float, failed: str) -> None:
    """Tell of a batch, linked once to each request that had a command in it."""
    commands = [pending for part in batch.parts.values() for pending in part.commands]
    links = {id(one.link): one.link for one in commands if one.link is not None}
    attributes = {"defter.commands": len(commands), "defter.tenants": len(batch.parts)}
    tracer.over("batch", seconds, attributes, links=list(links.values()), failed=failed)


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
