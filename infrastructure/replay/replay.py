"""Derive read models and postings again from the events, and hold them against what is stored.

Nothing has to stop for it. A log is folded into scratch tables in short transactions up to near the
live checkpoints; then one snapshot a read model sees its checkpoint and its rows at one moment, the
last few events are folded inside it, and the hashes are compared there.
"""

from collections.abc import Callable, Collection, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from uuid import UUID

from infrastructure.event_log.codec import UnknownEvent
from infrastructure.ledger_check.findings import (
    EVENT_IMPOSSIBLE,
    EVENT_MISSING,
    EVENT_UNKNOWN,
    LOG_CUT,
    Damage,
)
from infrastructure.postgres.connections import connect
from infrastructure.postgres.pipelines import PipelinedConnection
from infrastructure.projections.advance import (
    EVENTS_PER_COMMIT,
    SPLIT_PARTS,
    raise_unless_poison,
    told,
)
from infrastructure.projections.checkpoints import begin
from infrastructure.projections.filling import abandon, fill
from infrastructure.projections.folding import Lane
from infrastructure.projections.merging import Batch
from infrastructure.projections.writing import write
from infrastructure.replay.comparing import Comparison
from infrastructure.replay.entries import Entries
from infrastructure.replay.findings import Outcome, Progress
from infrastructure.replay.scratch import SCRATCH, scratch
from projections.read_model import ReadModel

STATEMENT_SECONDS = 3_600
NEAR_EVENTS = 4_000
"""No more than so many events are folded while a snapshot is open."""

SHORT_LOG_EVENTS = 20_000
"""Up to here one snapshot compares all read models that stand at one position."""

SCRATCH_EVENTS = 1_000_000
"""The scratch tables are emptied after a tenant once so many events went into them."""

_TENANTS = b"SELECT tenant_id, position FROM defter.log_ends() ORDER BY tenant_id"
_STANDING = b"""
SELECT projection, position, error, parked_at IS NOT NULL FROM defter.checkpoints
WHERE tenant_id = %(tenant_id)s AND projection = ANY(%(keys)s)
UNION ALL
SELECT '', coalesce(max(position), 0), NULL, false
FROM defter.events WHERE tenant_id = %(tenant_id)s
"""
"""Where each stands, and under "" where the log ends."""

_UNMET = (0, None, False)

Told = Callable[[Progress], None]


async def tenants_with_logs(database_url: str) -> dict[UUID, int]:
    """Give every tenant with a log, and where its log ends."""
    async with await connect(database_url) as connection:
        cursor = await connection.execute(_TENANTS)
        return {row[0]: row[1] for row in await cursor.fetchall()}


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be replayed, and how many differing rows of each table are listed at most."""

    tenant_ids: Sequence[UUID]
    read_models: Sequence[ReadModel]
    entries: bool
    rows_listed_max: int


async def replay(owner_url: str, asked: Asked, progress: Told = lambda _: None) -> list[Outcome]:
    """Replay what is asked for; the live tables are left alone.

    `owner_url` opens the database as its owner, who may create a schema.
    """
    outcomes: list[Outcome] = []
    with scratch(owner_url, asked.read_models) as tables:
        async with AsyncExitStack() as open_ones:
            connections = [
                await open_ones.enter_async_context(
                    await connect(owner_url, statement_seconds=STATEMENT_SECONDS)
                )
                for _ in range(2)
            ]
            run = _Run(asked, Comparison(asked.rows_listed_max), progress, *connections)
            written = 0
            for tenant_id in asked.tenant_ids:
                if written >= SCRATCH_EVENTS:
                    tables.empty()
                    written = 0
                one = _Tenant(run, tenant_id)
                outcomes += await one.replay()
                written += one.position
    return outcomes


@dataclass(frozen=True, slots=True)
class _Run:
    asked: Asked
    comparison: Comparison
    progress: Told
    connection: PipelinedConnection
    reader: PipelinedConnection


class _Tenant:
    """One tenant's replay: its read models come forward together, and leave when compared."""

    def __init__(self, run: _Run, tenant_id: UUID) -> None:
        self.position = 0
        self._goal = 0
        self._run = run
        self._connection = run.connection
        self._tenant_id = tenant_id
        self._waiting = list(run.asked.read_models)
        self._entries: Entries | None = None
        if run.asked.entries:
            self._entries = Entries(tenant_id, rows_listed_max=run.asked.rows_listed_max)
            self._waiting.append(self._entries.read_model)
        self._order = [model.key for model in self._waiting]
        self._outcomes: dict[str, Outcome] = {}
        self._notes: dict[str, str] = {}
        """Of a live read model, which event it skipped."""

    async def replay(self) -> list[Outcome]:
        while True:
            await begin(self._connection, self._tenant_id, snapshot=True)
            standing = await self._standing()
            if not self._waiting:
                break
            target = min(standing[model.key] for model in self._waiting)
            self._goal = max(standing.values())
            if target - self.position > NEAR_EVENTS:
                await self._connection.execute(b"COMMIT")
                await self._advance(target)
            else:
                nearest = [model for model in self._waiting if standing[model.key] == target]
                await self._compare(nearest if target <= SHORT_LOG_EVENTS else nearest[:1], target)
                self._tell(target)
        await self._connection.execute(b"COMMIT")
        return [self._outcomes[key] for key in self._order]

    async def _standing(self) -> dict[str, int]:
        """Say where each one stands, and leave out what can not be compared."""
        keys = [model.key for model in self._waiting]
        given = {"tenant_id": self._tenant_id, "keys": keys}
        cursor = await self._connection.execute(_STANDING, given)
        found = {row[0]: row[1:] for row in await cursor.fetchall()}
        end: int = found[""][0]
        if self._entries is not None:
            found[self._entries.read_model.key] = (end, None, False)
        for model in tuple(self._waiting):
            position, error, parked = found.get(model.key, _UNMET)
            if parked:
                self._leave(model, position, left_out=f"it stands still at {position}: {error}")
            elif position > end:
                what = f"the log ends here, but {model.key} has read up to {position}"
                self._leave(model, end, damage=Damage(end, what, LOG_CUT))
            elif position < self.position:
                self._leave(model, position, left_out="it moved back while it was looked at")
            elif error is not None:
                self._notes[model.key] = error
        return {key: found.get(key, _UNMET)[0] for key in keys}

    async def _advance(self, target: int) -> None:
        """Fold everything that waits up to a position, or up to what can not be folded together."""
        try:
            await self._fold(self._waiting, self.position, target, ahead=True)
        except Exception as error:  # noqa: BLE001 - whatever a fold or the database says no with
            await self._give_up(error)
            await self._one_by_one(min(target, self.position + EVENTS_PER_COMMIT))

    async def _compare(self, models: Collection[ReadModel], target: int) -> None:
        """Fold the last stretch inside the snapshot that is open, and compare what it sees."""
        try:
            await self._fold(models, self.position, target)
        except Exception as error:  # noqa: BLE001 - as above
            await self._give_up(error)
            await self._one_by_one(target)
            return
        for model in models:
            if model not in self._waiting:
                continue
            if self._entries is not None and model is self._entries.read_model:
                outcome = self._entries.outcome(target)
            else:
                rows, differing, listed = await self._run.comparison.compare(
                    self._connection, self._run.reader, self._tenant_id, model.tables
                )
                outcome = Outcome(
                    self._tenant_id, model.key, target, rows, differing, tuple(listed)
                )
            self._end(model, outcome)
        await self._connection.execute(b"COMMIT")

    async def _fold(
        self, models: Collection[ReadModel], after: int, target: int, *, ahead: bool = False
    ) -> None:
        """Fold a stretch in the open transaction; where the log breaks off, these models end.

        If `ahead`, none is open: each part has its own, and is written while the next is folded.
        """
        if target == after:
            return
        chunk = await fill(
            self._keep if ahead else self._write,
            self._run.reader if ahead else self._connection,
            self._tenant_id,
            [Lane(model, after, Batch(model)) for model in models],
            after=after,
            limit=target - after,
            ahead=ahead,
        )
        if chunk.last < target:
            place = chunk.last + 1
            what, code = "missing", EVENT_MISSING
            if isinstance(chunk.stopped, UnknownEvent):
                what, code = str(chunk.stopped), EVENT_UNKNOWN
            for model in tuple(models):
                self._leave(model, chunk.last, damage=Damage(place, what, code))

    async def _write(self, part: Collection[Lane], _last: int) -> None:
        batches = (lane.batch for lane in part)
        await write(self._connection, self._tenant_id, batches, schema=SCRATCH)
        if self._entries is not None:
            await self._entries.settle(self._connection)

    async def _keep(self, part: Collection[Lane], last: int) -> None:
        """Write a part in a transaction of its own: the scratch tables are nobody else's."""
        await begin(self._connection, self._tenant_id)
        await self._write(part, last)
        await self._connection.execute(b"COMMIT")
        self.position = last
        self._tell(last)

    def _tell(self, position: int) -> None:
        self._run.progress(Progress(self._tenant_id, position, self._goal))

    async def _one_by_one(self, target: int) -> None:
        """Fold each on its own up to a position, halving down to the event that one fails at."""
        for model in tuple(self._waiting):
            position, limit = self.position, target - self.position
            while position < target and model in self._waiting:
                limit = min(limit, target - position)
                try:
                    await begin(self._connection, self._tenant_id)
                    await self._fold((model,), position, position + limit)
                    await self._connection.execute(b"COMMIT")
                    position += limit
                except Exception as error:  # noqa: BLE001 - as above
                    await self._give_up(error)
                    if limit == 1:
                        self._stop(model, position, told(error))
                    limit = max(1, limit // SPLIT_PARTS)
        self.position = target

    async def _give_up(self, error: Exception) -> None:
        """Roll back; raises what is no event's fault."""
        await abandon(self._connection)
        raise_unless_poison(error)

    def _stop(self, model: ReadModel, position: int, error: str) -> None:
        """Leave out what stops before an event, unless it was known to have skipped one."""
        what = f"it can not be folded: {error}"
        if model.key in self._notes:
            self._leave(model, position, left_out=f"it {self._notes[model.key]}, and {what}")
        else:
            self._leave(model, position, damage=Damage(position + 1, what, EVENT_IMPOSSIBLE))

    def _leave(
        self,
        model: ReadModel,
        position: int,
        *,
        left_out: str | None = None,
        damage: Damage | None = None,
    ) -> None:
        if self._entries is not None and model is self._entries.read_model:
            outcome = self._entries.outcome(position)
            damage = outcome.damage or damage
        else:
            outcome = Outcome(self._tenant_id, model.key, position)
        self._end(model, replace(outcome, left_out=left_out, damage=damage))

    def _end(self, model: ReadModel, outcome: Outcome) -> None:
        self._waiting.remove(model)
        self._outcomes[model.key] = outcome
