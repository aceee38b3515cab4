"""One batch: lock the tenants, catch up, decide, write, commit (DESIGN section 4, steps 0 to 6)."""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from datetime import datetime
from functools import partial
from uuid import UUID

import structlog
from psycopg.errors import LockNotAvailable, SerializationFailure, UniqueViolation

from application.book import Missing
from application.envelope import Envelope
from application.sending import CommandFailed, IdempotencyKeyReused, Outcome, RightsChanged
from infrastructure.event_log.writing import statements as sql
from infrastructure.event_log.writing.catching_up import catch_up, start_anew
from infrastructure.event_log.writing.deciding import Decision, TenantBatch
from infrastructure.event_log.writing.early.ahead import Ahead
from infrastructure.event_log.writing.memory import End
from infrastructure.event_log.writing.needs import Fetched, Needs, Run, fetch
from infrastructure.event_log.writing.parts import Log, Part, Settled
from infrastructure.event_log.writing.queues import Pending
from infrastructure.event_log.writing.rows import write
from infrastructure.postgres.pipelines import Call, PipelinedConnection, Results

FETCHES_IN_LOCK_MAX = 3
FETCHES_BEFORE_LOCK_MAX = 4
NEEDS_PER_FETCH_MAX = 10_000
"""Beyond it no further command is asked what it lacks; a single command may lack more."""

LOCK_SECONDS_MAX = 0.5

LOCKED_BATCHES = 16
"""After a batch that was decided early in vain, so many take the lock first."""

log = structlog.get_logger()


class _Unsettled(Exception):
    """What can only be answered once the outcomes are known."""


class Batch:
    """One try at a group of tenants' commands on one connection."""

    def __init__(
        self,
        shared: Log,
        group: Mapping[UUID, list[Pending]],
        *,
        next_of: Callable[[UUID], Sequence[Pending]],
    ) -> None:
        self._log = shared
        self._next_of = next_of
        self._needs = Needs()
        self._fetched = Fetched()
        self._known: dict[tuple[UUID, UUID], tuple[bytes, Outcome | Decision]] = {}
        self.parts = {
            tenant_id: Part(commands, self._fresh(tenant_id))
            for tenant_id, commands in group.items()
        }
        self.skipped: list[UUID] = []
        self.commit_sent = self.redone = self._early = False

    async def run(self, connection: PipelinedConnection, *, wait: bool) -> None:
        """Carry the batch out; whatever is raised, nothing was answered yet.

        Tenants whose head another process holds are `skipped`, unless `wait`.
        """
        if any(self._log.memory.tenant(tenant).missed for tenant in self.parts):
            await self._look_before_lock(connection)
        if not await self._go_on(connection):
            await self._finish(connection, await self._lock(connection, wait=wait))
        self._log.memory.trim(self.parts)

    async def _go_on(self, connection: PipelinedConnection) -> bool:
        """Decide before the lock where nobody else is expected to write; False if somebody did.

        The lock is taken with the writing, in one round trip, and only where the log still ends as
        it is known here. Who was answered elsewhere is found out by the key of the outcomes.
        """
        (tenant_id, part), *others = self.parts.items()
        known = self._log.memory.tenant(tenant_id)
        known.locked_batches = max(0, known.locked_batches - 1)
        end = known.end if known.alone and not known.locked_batches else None
        if others or end is None or end.event_id is None or any(p.unknown for p in part.commands):
            return False
        begin = sql.BEGIN(), sql.of_tenants([tenant_id]), sql.LOCK_HEAD_AT(tenant_id, *end)
        self._early = True
        try:
            await self._finish(connection, {tenant_id: end}, begin=begin)
        except (SerializationFailure, LockNotAvailable, UniqueViolation, _Unsettled):
            self._early, self.redone = False, True
            known.alone = self.commit_sent = False
            known.locked_batches = LOCKED_BATCHES
            await connection.run(sql.ROLLBACK())
            self.parts = {tenant_id: Part(part.commands, self._fresh(tenant_id))}
            self._known.clear()
            self._needs.clear()
            return False
        return True

    async def _finish(
        self, connection: PipelinedConnection, ends: Mapping[UUID, End], begin: Sequence[Call] = ()
    ) -> None:
        """Decide and write, after what is said to `begin` where the lock is not held yet."""
        ask = partial(self._run_before_lock, connection) if begin else connection.run
        await self._decide(connection, ends, ask)
        self.commit_sent = True
        decided = [
            (part.decided, ends[tenant], [decision for _, decision in part.answers])
            for tenant, part in self.parts.items()
        ]
        try:
            with self._ahead():
                await write(connection, self._log.memory, decided, begin)
        finally:
            self.commit_sent = not connection.cut_short

    def answer(self) -> list[Pending]:
        """Answer everyone after the COMMIT; give back those for whom the batch had no room."""
        for part in self.parts.values():
            part.answer()
        return [pending for part in self.parts.values() for pending in part.waiting]

    def _ahead(self) -> AbstractContextManager[None]:
        """Decide what waits next meanwhile, where nobody else writes and nothing was left."""
        if len(self.parts) != 1:
            return nullcontext()
        [(tenant_id, part)] = self.parts.items()
        memory, clock = self._log.memory, self._log.clock
        known = memory.tenant(tenant_id)
        if not known.alone or part.waiting or part.decided.forgotten:
            return nullcontext()
        decided = TenantBatch(tenant_id, memory, self._fetched, Needs(), before=part.decided)
        met = {command_id for _, command_id in self._known}
        ahead = Ahead(decided, max(part.now or clock(), clock()), met)
        return ahead.beside(partial(self._next_of, tenant_id), known, self._log.ahead)

    def _take_ahead(self, tenant_id: UUID, part: Part, end: End) -> None:
        """Begin with what was decided ahead, if it stands."""
        ahead = self._log.ahead.pop(tenant_id, None)
        if ahead is None or not ahead.fits(tenant_id, part.commands, end, self._known):
            return
        part.decided, part.answers = ahead.decided, ahead.answers
        part.decided.take_over(self._fetched, self._needs)
        part.now = max(ahead.now, self._log.clock())
        for pending, decision in ahead.answers:
            self._known[tenant_id, pending.envelope.command_id] = decision.kept_hash, decision

    def _fresh(self, tenant_id: UUID) -> TenantBatch:
        return TenantBatch(tenant_id, self._log.memory, self._fetched, self._needs)

    async def _look_before_lock(self, connection: PipelinedConnection) -> None:
        """Step 0: run handlers only to learn what they lack, and fetch it.

        A tenant of whom nothing is known begins at the position read before its streams are, and is
        asked again until nothing is lacking. Others are only looked at once, for asking costs as
        much as deciding: what few of them lack beyond that is fetched under the lock.
        """
        now, memory = self._log.clock(), self._log.memory
        new = any(memory.tenant(tenant_id).end is None for tenant_id in self.parts)
        for _ in range(FETCHES_BEFORE_LOCK_MAX if new else 1):
            for tenant_id, part in self.parts.items():
                trial = self._fresh(tenant_id)
                self._discover(trial.rehearse if new else trial.look, part.commands, now)
            if not self._needs:
                return
            await self._fetch(connection, partial(self._run_before_lock, connection))

    async def _run_before_lock(self, connection: PipelinedConnection, *calls: Call) -> Results:
        """Carry statements out in a transaction of their own, in one round trip."""
        memory = self._log.memory
        new = [t for t in self.parts if memory.tenant(t).end is None]
        lasts = [sql.LAST_EVENTS(new)] if new else []
        _, _, *results, _ = await connection.run(
            sql.BEGIN(), sql.of_tenants(self.parts), *lasts, *calls, sql.COMMIT()
        )
        if new:
            start_anew(memory, new, connection.rows(results.pop(0)))
        return results

    async def _fetch(self, connection: PipelinedConnection, run: Run) -> None:
        memory, keys = self._log.memory, self._log.master_keys
        await fetch(connection, self._needs, memory, self._fetched, keys, run=run)
        self._needs.clear()

    async def _lock(self, connection: PipelinedConnection, *, wait: bool) -> dict[UUID, End]:
        """Take steps 1 to 4, in one round trip for tenants whose logs are known."""
        tenants = list(self.parts)
        ends = {tenant: self._log.memory.tenant(tenant).end for tenant in tenants}
        known = {tenant: end.position for tenant, end in ends.items() if end is not None}
        command_ids = [p.envelope.command_id for part in self.parts.values() for p in part.commands]
        _, _, heads, outcomes, since = await connection.run(
            sql.BEGIN(),
            sql.of_tenants(tenants),
            sql.LOCK_HEADS(tenants) if wait else sql.LOCK_FREE_HEADS(tenants),
            sql.OUTCOMES(tenants, command_ids),
            sql.EVENTS_SINCE(known, list(known.values())),
        )
        locked = {row[0] for row in connection.rows(heads)}
        self.skipped = [tenant for tenant in tenants if tenant not in locked]
        for tenant in self.skipped:
            del self.parts[tenant]
        for row in connection.rows(outcomes):
            tenant, command_id, kept_hash, refused, body, position = row
            outcome = Outcome(position, refused, body, replayed=True)
            self._known[tenant, command_id] = kept_hash, outcome
        memory, tenants = self._log.memory, list(self.parts)
        found = catch_up(memory, self._fetched, tenants, connection.rows(since))
        unknown = [tenant for tenant in tenants if tenant not in found]
        if unknown:
            (lasts,) = await connection.run(sql.LAST_EVENTS(unknown))
            found.update(start_anew(memory, unknown, connection.rows(lasts)))
        return found

    async def _decide(
        self, connection: PipelinedConnection, ends: Mapping[UUID, End], ask: Run
    ) -> None:
        """Step 5: commands before the first that lacks something are final."""
        stop_at = time.monotonic() + LOCK_SECONDS_MAX
        for tenant_id, part in self.parts.items():
            self._take_ahead(tenant_id, part, ends[tenant_id])
            left = part.commands[len(part.answers) :]
            part.waiting = [pending for pending in left if not pending.future.done()]
            self._log.memory.tenant(tenant_id).missed = False
        for fetches in range(FETCHES_IN_LOCK_MAX + 1):
            for tenant_id, part in self.parts.items():
                clock = self._log.clock()
                now = part.now or max(clock, ends[tenant_id].recorded_at or clock)
                part.now = self._decide_part(tenant_id, part, now, stop_at)
            if not self._needs:
                return
            for tenant_id in self.parts:
                self._log.memory.tenant(tenant_id).missed = True
            if fetches == FETCHES_IN_LOCK_MAX or time.monotonic() > stop_at:
                self._needs.clear()
                return
            await self._fetch(connection, ask)

    def _decide_part(self, tenant_id: UUID, part: Part, now: datetime, stop_at: float) -> datetime:
        """Decide what waits and give the time it is then: a command may have moved the clock."""
        waiting, part.waiting = part.waiting, []
        for n, pending in enumerate(waiting):
            if time.monotonic() > stop_at:
                part.waiting = waiting[n:]
                return now
            envelope = pending.envelope
            try:
                settled = self._settle(part.decided, pending)
                if settled is not None:
                    part.settled.append((pending, settled))
                    continue
                decision = part.decided.decide(envelope, now)
            except Missing:
                part.waiting = waiting[n:]
                trial = self._fresh(tenant_id)
                trial.states.update(part.decided.states)
                trial.claims.update(part.decided.claims)
                self._discover(trial.rehearse, waiting[n + 1 :], now)
                return now
            except Exception as error:
                if self._early:  # it may have been answered elsewhere, which is not known yet
                    raise _Unsettled from error
                log.exception(
                    "handler_failed",
                    command=envelope.command.NAME,
                    correlation_id=envelope.correlation_id,
                )
                part.settled.append((pending, CommandFailed()))
                continue
            now = decision.at
            part.answers.append((pending, decision))
            self._known[tenant_id, envelope.command_id] = decision.kept_hash, decision
        return now

    def _settle(self, decided: TenantBatch, pending: Pending) -> Settled | None:
        """Give what needs no deciding: who may not ask any more, and what was decided before."""
        envelope = pending.envelope
        known = self._known.get((decided.tenant_id, envelope.command_id))
        lost = known is not None and pending.unknown  # it was decided for this very request
        if not lost and not decided.stands(envelope.rights_at):
            return RightsChanged()
        if known is None:
            return None
        kept_hash, outcome = known
        return outcome if decided.asks_again(kept_hash, envelope) else IdempotencyKeyReused()

    def _discover(
        self,
        ask: Callable[[Envelope, datetime], object],
        commands: Sequence[Pending],
        now: datetime,
    ) -> None:
        for pending in commands:
            if len(self._needs) > NEEDS_PER_FETCH_MAX:
                return
            with suppress(Exception):  # the real run will meet and log it
                ask(pending.envelope, now)
