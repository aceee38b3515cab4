"""One batch: lock the tenants, catch up, decide, write, commit (DESIGN section 4, steps 0 to 6)."""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from uuid import UUID

import structlog

from application.book import Missing
from application.envelope import Envelope
from application.sending import CommandFailed, IdempotencyKeyReused, Outcome
from infrastructure.event_log.keyring import MasterKeys
from infrastructure.event_log.writing import statements as sql
from infrastructure.event_log.writing.ahead import Ahead
from infrastructure.event_log.writing.catching_up import Tail, catch_up, start_anew
from infrastructure.event_log.writing.deciding import Decision, TenantBatch
from infrastructure.event_log.writing.memory import LogMemory
from infrastructure.event_log.writing.needs import Fetched, MemoryTorn, Needs, Run, fetch
from infrastructure.event_log.writing.queues import Pending
from infrastructure.event_log.writing.rows import write
from infrastructure.postgres.pipelines import Call, PipelinedConnection, Results

FETCHES_IN_LOCK_MAX = 3
FETCHES_BEFORE_LOCK_MAX = 4
NEEDS_PER_FETCH_MAX = 10_000
"""Beyond it no further command is asked what it lacks; a single command may lack more."""

LOCK_SECONDS_MAX = 0.5

log = structlog.get_logger()

Settled = Outcome | Decision | Exception
"""An outcome stored earlier, a decision of this very batch asked for twice, or an error."""


@dataclass(frozen=True, slots=True)
class Log:
    """What every batch of a process shares."""

    memory: LogMemory
    master_keys: MasterKeys
    clock: Callable[[], datetime]
    ahead: dict[UUID, Ahead] = field(default_factory=dict[UUID, Ahead])
    """What was decided for the next batch of a tenant."""


@dataclass(slots=True)
class Part:
    """One tenant's share of a batch: what waits, what was decided, what needs no deciding."""

    commands: list[Pending]
    decided: TenantBatch
    waiting: list[Pending] = field(default_factory=list[Pending])
    answers: list[tuple[Pending, Decision]] = field(default_factory=list[tuple[Pending, Decision]])
    settled: list[tuple[Pending, Settled]] = field(default_factory=list[tuple[Pending, Settled]])


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
        self.commit_sent = False

    async def run(self, connection: PipelinedConnection, *, wait: bool) -> None:
        """Carry the batch out; whatever is raised, nothing was answered yet.

        Tenants whose head another process holds are `skipped`, unless `wait`.
        """
        if any(self._log.memory.tenant(tenant).missed for tenant in self.parts):
            await self._look_before_lock(connection)
        tails = await self._lock(connection, wait=wait)
        await self._decide(connection, tails)
        self.commit_sent = True
        with self._ahead(tails):
            await write(
                connection,
                self._log.memory,
                [
                    (part.decided, tails[tenant], [decision for _, decision in part.answers])
                    for tenant, part in self.parts.items()
                ],
            )
        self._log.memory.trim(self.parts)

    def answer(self) -> list[Pending]:
        """Answer everyone after the COMMIT; give back those for whom the batch had no room."""
        left: list[Pending] = []
        for part in self.parts.values():
            for pending, decision in part.answers:
                pending.answer(_outcome_of(decision, replayed=False))
            for pending, settled in part.settled:
                match settled:
                    case Outcome():
                        pending.answer(settled._replace(replayed=not pending.unknown))
                    case Decision():
                        pending.answer(_outcome_of(settled, replayed=True))
                    case Exception():
                        pending.fail(settled)
            left.extend(part.waiting)
        return left

    def _ahead(self, tails: Mapping[UUID, Tail]) -> AbstractContextManager[None]:
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
        ahead = Ahead(decided, max(tails[tenant_id].now or clock(), clock()), met)
        return ahead.beside(partial(self._next_of, tenant_id), known, self._log.ahead)

    def _take_ahead(self, tenant_id: UUID, part: Part, tail: Tail) -> None:
        """Begin with what was decided ahead, if it stands."""
        ahead = self._log.ahead.pop(tenant_id, None)
        if ahead is None or not ahead.fits(tenant_id, part.commands, tail, self._known):
            return
        part.decided, part.answers = ahead.decided, ahead.answers
        part.decided.take_over(self._fetched, self._needs)
        tail.now = max(ahead.now, self._log.clock())
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
        new = any(memory.tenant(tenant_id).position is None for tenant_id in self.parts)
        for _ in range(FETCHES_BEFORE_LOCK_MAX if new else 1):
            for tenant_id, part in self.parts.items():
                trial = self._fresh(tenant_id)
                self._discover(trial.decide if new else trial.look, part.commands, now)
            if not self._needs:
                return
            with suppress(MemoryTorn):
                await self._fetch(connection, partial(self._run_before_lock, connection))
            self._needs.clear()

    async def _run_before_lock(self, connection: PipelinedConnection, *calls: Call) -> Results:
        """Carry statements out in a transaction of their own, in one round trip."""
        memory = self._log.memory
        new = [t for t in self.parts if memory.tenant(t).position is None]
        lasts = [sql.LAST_EVENTS(new)] if new else []
        _, _, *results, _ = await connection.run(
            sql.BEGIN(), sql.of_tenants(self.parts), *lasts, *calls, sql.COMMIT()
        )
        last = {row[0]: row for row in connection.rows(results.pop(0))} if new else {}
        for tenant_id in new:
            known = memory.tenant(tenant_id)
            _, known.position, known.event_id, _ = last.get(tenant_id, (0, 0, None, None))
        return results

    async def _fetch(self, connection: PipelinedConnection, run: Run) -> None:
        shared = self._log
        await fetch(
            connection, self._needs, shared.memory, self._fetched, shared.master_keys, run=run
        )
        self._needs.clear()

    async def _lock(self, connection: PipelinedConnection, *, wait: bool) -> dict[UUID, Tail]:
        """Take steps 1 to 4, in one round trip for tenants whose logs are known."""
        tenants = list(self.parts)
        known = [t for t in tenants if self._log.memory.tenant(t).position is not None]
        positions = [self._log.memory.tenant(t).position for t in known]
        command_ids = [p.envelope.command_id for part in self.parts.values() for p in part.commands]
        _, _, heads, outcomes, since = await connection.run(
            sql.BEGIN(),
            sql.of_tenants(tenants),
            sql.LOCK_HEADS(tenants) if wait else sql.LOCK_FREE_HEADS(tenants),
            sql.OUTCOMES(tenants, command_ids),
            sql.EVENTS_SINCE(known, positions),
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
        tails = catch_up(memory, self._fetched, tenants, connection.rows(since))
        unknown = [tenant for tenant in tenants if tenant not in tails]
        if unknown:
            (lasts,) = await connection.run(sql.LAST_EVENTS(unknown))
            tails.update(start_anew(memory, unknown, connection.rows(lasts)))
        return tails

    async def _decide(self, connection: PipelinedConnection, tails: Mapping[UUID, Tail]) -> None:
        """Step 5: commands before the first that lacks something are final."""
        stop_at = time.monotonic() + LOCK_SECONDS_MAX
        for tenant_id, part in self.parts.items():
            self._take_ahead(tenant_id, part, tails[tenant_id])
            left = part.commands[len(part.answers) :]
            part.waiting = [pending for pending in left if not pending.future.done()]
            self._log.memory.tenant(tenant_id).missed = False
        for fetches in range(FETCHES_IN_LOCK_MAX + 1):
            for tenant_id, part in self.parts.items():
                tail = tails[tenant_id]
                now = max(self._log.clock(), tail.recorded_at or self._log.clock())
                tail.now = tail.now or now
                tail.now = self._decide_part(tenant_id, part, tail.now, stop_at)
            if not self._needs:
                return
            for tenant_id in self.parts:
                self._log.memory.tenant(tenant_id).missed = True
            if fetches == FETCHES_IN_LOCK_MAX or time.monotonic() > stop_at:
                self._needs.clear()
                return
            await self._fetch(connection, connection.run)

    def _decide_part(self, tenant_id: UUID, part: Part, now: datetime, stop_at: float) -> datetime:
        """Decide what waits and give the time it is then: a command may have moved the clock."""
        waiting, part.waiting = part.waiting, []
        for n, pending in enumerate(waiting):
            if time.monotonic() > stop_at:
                part.waiting = waiting[n:]
                return now
            envelope = pending.envelope
            known = self._known.get((tenant_id, envelope.command_id))
            try:
                if known is not None:
                    kept_hash, outcome = known
                    same = kept_hash in _as_kept(part.decided, envelope)
                    part.settled.append((pending, outcome if same else IdempotencyKeyReused()))
                    continue
                decision = part.decided.decide(envelope, now)
            except Missing:
                part.waiting = waiting[n:]
                trial = self._fresh(tenant_id)
                trial.states.update(part.decided.states)
                trial.claims.update(part.decided.claims)
                self._discover(trial.decide, waiting[n + 1 :], now)
                return now
            except Exception:
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


def _as_kept(batch: TenantBatch, envelope: Envelope) -> tuple[bytes, bytes]:
    # Earlier rows hold the bare hash; accepted ids never expire, so those count as well.
    return batch.kept_hash(envelope), envelope.request_hash


def _outcome_of(decision: Decision, *, replayed: bool) -> Outcome:
    return Outcome(decision.position, decision.refused, decision.body, replayed)
