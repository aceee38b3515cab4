"""Write what a batch decided and COMMIT, in one round trip; then remember it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import msgspec

from application.aggregates import AGGREGATES
from infrastructure.event_log.writing import statements as sql
from infrastructure.event_log.writing.deciding import Decision, TenantBatch
from infrastructure.event_log.writing.memory import End, LogMemory
from infrastructure.event_log.writing.needs import category_of
from infrastructure.postgres.pipelines import Call, PipelinedConnection

SNAPSHOT_EVERY_EVENTS = 20
"""So many events of a stream at most are folded by a process that has just started and meets it."""

MILESTONE_EVERY_EVENTS = 1_000
"""So far apart are the snapshots that stay, for those who ask how a stream once stood."""

Decided = Sequence[tuple[TenantBatch, End, Sequence[Decision]]]


class NotCommitted(RuntimeError):
    """PostgreSQL rolled back where COMMIT was asked."""


@dataclass(slots=True)
class Rows:
    """The rows of a batch."""

    events: list[tuple[Any, ...]] = field(default_factory=list[tuple[Any, ...]])
    outcomes: list[tuple[Any, ...]] = field(default_factory=list[tuple[Any, ...]])
    released: list[tuple[Any, ...]] = field(default_factory=list[tuple[Any, ...]])
    taken: list[tuple[Any, ...]] = field(default_factory=list[tuple[Any, ...]])
    snapshots: list[tuple[Any, ...]] = field(default_factory=list[tuple[Any, ...]])
    milestones: list[tuple[Any, ...]] = field(default_factory=list[tuple[Any, ...]])
    forgotten: list[tuple[Any, ...]] = field(default_factory=list[tuple[Any, ...]])


async def write(
    connection: PipelinedConnection, memory: LogMemory, decided: Decided, begin: Sequence[Call] = ()
) -> None:
    """Write and commit; only after a COMMIT that says so is anything remembered."""
    rows = Rows()
    ends = {
        batch.tenant_id: _lay_out(rows, memory, batch, end, decisions)
        for batch, end, decisions in decided
    }
    calls = [
        statement.of_rows(values)
        for statement, values in (
            (sql.ADD_EVENTS, rows.events),
            (sql.ADD_OUTCOMES, rows.outcomes),
            (sql.RELEASE_CLAIMS, rows.released),
            (sql.TAKE_CLAIMS, rows.taken),
            (sql.KEEP_SNAPSHOTS, rows.snapshots),
            (sql.KEEP_MILESTONES, rows.milestones),
            (sql.FORGET_SUBJECTS, rows.forgotten),
        )
        if values
    ]
    *_, committed = await connection.run(*begin, *calls, sql.COMMIT())
    if committed.command_status != b"COMMIT":
        raise NotCommitted(committed.command_status)
    kept = {(tenant, stream): version for tenant, stream, version, _, _ in rows.snapshots}
    for batch, _, _ in decided:
        _remember(memory, batch, ends[batch.tenant_id], kept)


def _lay_out(
    rows: Rows, memory: LogMemory, batch: TenantBatch, end: End, decisions: Sequence[Decision]
) -> End:
    """Give every event its position and every command its row; answer the log's new end."""
    position = end.position
    tenant_id = batch.tenant_id
    for decision in decisions:
        for row in decision.rows:
            position += 1
            rows.events.append(
                (
                    tenant_id,
                    position,
                    row.event_id,
                    row.stream,
                    row.version,
                    row.name,
                    row.schema,
                    row.data,
                    row.meta,
                    decision.at,
                ),
            )
        decision.position = position
        envelope = decision.envelope
        rows.outcomes.append(
            (
                tenant_id,
                envelope.command_id,
                decision.kept_hash,
                decision.refused,
                decision.body,
                position,
                envelope.actor.actor_id,
                decision.at,
            ),
        )
    for claim, owner in batch.claims.items():
        if batch.was_taken(claim):
            rows.released.append((tenant_id, claim.kind, claim.key))
        if owner is not None:
            rows.taken.append((tenant_id, claim.kind, claim.key, owner))
    rows.forgotten += [(tenant_id, subject) for subject in sorted(batch.forgotten)]
    _lay_out_snapshots(rows, memory, batch)
    last = next((one for one in reversed(decisions) if one.rows), None)
    return End(position, UUID(bytes=last.rows[-1].event_id), last.at) if last else end


def _lay_out_snapshots(rows: Rows, memory: LogMemory, batch: TenantBatch) -> None:
    known = memory.tenant(batch.tenant_id)
    for stream, (version, state) in batch.states.items():
        entry = known.streams.get(stream)
        if entry is not None and version - entry.snapshot_version >= SNAPSHOT_EVERY_EVENTS:
            fold_version = AGGREGATES[category_of(stream)].FOLD_VERSION
            encoded = msgspec.json.encode(state)
            row = (batch.tenant_id, stream, version, fold_version, encoded)
            rows.snapshots.append(row)
            if version // MILESTONE_EVERY_EVENTS > entry.snapshot_version // MILESTONE_EVERY_EVENTS:
                rows.milestones.append(row)


def _remember(
    memory: LogMemory,
    batch: TenantBatch,
    end: End,
    kept: dict[tuple[Any, Any], int],
) -> None:
    tenant_id = batch.tenant_id
    known = memory.tenant(tenant_id)
    for stream, (version, state) in batch.states.items():
        entry = known.streams.get(stream)
        snapshot_version = kept.get((tenant_id, stream)) or (entry.snapshot_version if entry else 0)
        known.remember(stream, version, state, snapshot_version)
    for claim, owner in batch.claims.items():
        if owner is None:
            known.claims.forget(claim)
        else:
            known.claims.put(claim, owner)
    for subject in batch.forgotten:
        known.forget_person(subject)
    known.end = end
