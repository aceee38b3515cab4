"""Write what a batch decided and COMMIT, in one round trip; then remember it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from application.aggregates import AGGREGATES
from infrastructure.event_log import statements as sql
from infrastructure.event_log.catching_up import Tail
from infrastructure.event_log.deciding import Decision, TenantBatch
from infrastructure.event_log.memory import LogMemory
from infrastructure.event_log.needs import category_of

SNAPSHOT_EVERY_EVENTS = 500

Decided = Sequence[tuple[TenantBatch, Tail, Sequence[Decision]]]


class NotCommitted(RuntimeError):
    """PostgreSQL rolled back where COMMIT was asked."""


@dataclass(slots=True)
class Rows:
    """The rows of a batch, column by column as `unnest` takes them."""

    events: tuple[list[Any], ...] = field(default_factory=lambda: tuple([] for _ in range(10)))
    outcomes: tuple[list[Any], ...] = field(default_factory=lambda: tuple([] for _ in range(8)))
    released: tuple[list[Any], ...] = field(default_factory=lambda: tuple([] for _ in range(3)))
    taken: tuple[list[Any], ...] = field(default_factory=lambda: tuple([] for _ in range(4)))
    snapshots: tuple[list[Any], ...] = field(default_factory=lambda: tuple([] for _ in range(5)))


async def write(connection: AsyncConnection[TupleRow], memory: LogMemory, decided: Decided) -> None:
    """Write and commit; only after a COMMIT that says so is anything remembered."""
    rows = Rows()
    ends = {
        batch.tenant_id: _lay_out(rows, memory, batch, tail, decisions)
        for batch, tail, decisions in decided
    }
    async with connection.pipeline():
        if rows.events[0]:
            await connection.execute(sql.ADD_EVENTS, rows.events)
        if rows.outcomes[0]:
            await connection.execute(sql.ADD_OUTCOMES, rows.outcomes)
        if rows.released[0]:
            await connection.execute(sql.RELEASE_CLAIMS, rows.released)
        if rows.taken[0]:
            await connection.execute(sql.TAKE_CLAIMS, rows.taken)
        if rows.snapshots[0]:
            await connection.execute(sql.KEEP_SNAPSHOTS, rows.snapshots)
        commit = await connection.execute(sql.COMMIT)
    if commit.statusmessage != "COMMIT":
        raise NotCommitted(commit.statusmessage)
    kept = dict(zip(zip(*rows.snapshots[:2], strict=True), rows.snapshots[2], strict=True))
    for batch, _, _ in decided:
        _remember(memory, batch, ends[batch.tenant_id], kept)


def _lay_out(
    rows: Rows, memory: LogMemory, batch: TenantBatch, tail: Tail, decisions: Sequence[Decision]
) -> tuple[int, UUID | None]:
    """Give every event its position and every command its row; answer the log's new end."""
    position, event_id = tail.position, tail.event_id
    tenant_id = batch.tenant_id
    for decision in decisions:
        for row in decision.rows:
            position += 1
            event_id = row.event_id
            _add(
                rows.events,
                (
                    tenant_id,
                    position,
                    event_id,
                    row.stream,
                    row.version,
                    row.name,
                    row.schema,
                    row.data,
                    row.meta,
                    tail.now,
                ),
            )
        decision.position = position
        envelope = decision.envelope
        _add(
            rows.outcomes,
            (
                tenant_id,
                envelope.command_id,
                envelope.request_hash,
                decision.refused,
                decision.body,
                position,
                envelope.actor.actor_id,
                tail.now,
            ),
        )
    for claim, owner in batch.claims.items():
        if batch.was_taken(claim):
            _add(rows.released, (tenant_id, claim.kind, claim.key))
        if owner is not None:
            _add(rows.taken, (tenant_id, claim.kind, claim.key, owner))
    _lay_out_snapshots(rows, memory, batch)
    return position, event_id


def _lay_out_snapshots(rows: Rows, memory: LogMemory, batch: TenantBatch) -> None:
    for stream, (version, state) in batch.states.items():
        entry = memory.stream(batch.tenant_id, stream)
        if entry is not None and version - entry.snapshot_version >= SNAPSHOT_EVERY_EVENTS:
            fold_version = AGGREGATES[category_of(stream)].FOLD_VERSION
            encoded = msgspec.json.encode(state)
            _add(rows.snapshots, (batch.tenant_id, stream, version, fold_version, encoded))


def _remember(
    memory: LogMemory,
    batch: TenantBatch,
    end: tuple[int, UUID | None],
    kept: dict[tuple[Any, Any], int],
) -> None:
    tenant_id = batch.tenant_id
    for stream, (version, state) in batch.states.items():
        entry = memory.stream(tenant_id, stream)
        snapshot_version = kept.get((tenant_id, stream)) or (entry.snapshot_version if entry else 0)
        memory.remember(tenant_id, stream, version, state, snapshot_version)
    known = memory.tenant(tenant_id)
    for claim, owner in batch.claims.items():
        if owner is None:
            known.claims.forget(claim)
        else:
            known.claims.put(claim, owner)
    known.position, known.event_id = end


def _add(columns: tuple[list[Any], ...], values: tuple[Any, ...]) -> None:
    for column, value in zip(columns, values, strict=True):
        column.append(value)
