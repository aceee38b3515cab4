"""Rebuild a read model beside the live one, and prove that both are equal at one position."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection
from sqlalchemy import Connection, create_engine, text

from infrastructure.event_log.reader import LogGap
from infrastructure.postgres.connections import connect, sqlalchemy_url
from infrastructure.projections.advance import EVENTS_PER_COMMIT
from infrastructure.projections.checkpoints import begin
from infrastructure.projections.folding import Lane, fold_log
from infrastructure.projections.merging import Batch
from infrastructure.projections.tables import isolate
from infrastructure.projections.writing import write
from projections.read_model import SCHEMA, ReadModel

SUFFIX = "_rebuild"
DIFFERENCES_MAX = 20
STATEMENT_SECONDS = 600
REBUILD_LOCK = 7_226_115

_POSITION = b"SELECT position FROM defter.checkpoints WHERE tenant_id = %s AND projection = %s"
_HASH = """
SELECT count(*), coalesce(sum(
    ('x' || left(encode(sha256(convert_to(t::text, 'UTF8')), 'hex'), 16))::bit(64)::bigint::numeric
), 0) FROM {table} t WHERE t.tenant_id = %s
"""
_DIFFERENCE = """
SELECT d::text FROM (
    SELECT * FROM {one} WHERE tenant_id = %s EXCEPT ALL SELECT * FROM {other} WHERE tenant_id = %s
) d ORDER BY 1 LIMIT %s
"""


class RebuildRunning(RuntimeError):
    """Another rebuild is at work in this database."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A row that only the live table or only the rebuilt one has."""

    tenant_id: UUID
    table: str
    only_in: str
    row: str


@dataclass(frozen=True, slots=True)
class Progress:
    """Events read so far of one tenant's log, and how many there are to read."""

    tenant_id: UUID
    position: int
    target: int


@dataclass(frozen=True, slots=True)
class Report:
    """What a rebuild found: equal means that every tenant's hashes agree."""

    projection: str
    tenants: int
    events: int
    rows: int
    differences: tuple[Difference, ...]

    @property
    def equal(self) -> bool:
        """Whether the rebuilt tables equal the live ones."""
        return not self.differences


async def rebuild(
    owner_url: str, read_model: ReadModel, *, progress: Callable[[Progress], None] | None = None
) -> Report:
    """Fold all logs again into shadow tables and compare; the live tables are left alone.

    `owner_url` opens the database as the owner of its tables, who alone may create some.
    """
    with _shadows(owner_url, read_model):
        connection = await connect(owner_url, statement_seconds=STATEMENT_SECONDS)
        try:
            cursor = await connection.execute("SELECT tenant_id FROM defter.log_ends() ORDER BY 1")
            parts = [
                await _tenant(connection, row[0], read_model, progress)
                for row in await cursor.fetchall()
            ]
        finally:
            await connection.close()
    differences = [difference for part in parts for difference in part.differences]
    return Report(
        read_model.key,
        len(parts),
        sum(part.events for part in parts),
        sum(part.rows for part in parts),
        tuple(differences[:DIFFERENCES_MAX]),
    )


async def _tenant(
    connection: AsyncConnection[Any],
    tenant_id: UUID,
    read_model: ReadModel,
    progress: Callable[[Progress], None] | None,
) -> Report:
    position = 0
    while (target := await _live_position(connection, tenant_id, read_model)) > position:
        if target - position <= EVENTS_PER_COMMIT:
            break
        await begin(connection, tenant_id)
        position = await _fill(connection, tenant_id, read_model, position, target)
        await connection.execute(b"COMMIT")
        if progress is not None:
            progress(Progress(tenant_id, position, target))
    # The last stretch shares one snapshot with the comparison, so that nothing has to stop.
    await begin(connection, tenant_id, snapshot=True)
    target = await _stands_at(connection, tenant_id, read_model)
    while position < target:
        position = await _fill(connection, tenant_id, read_model, position, target)
    rows, differences = await _compare(connection, tenant_id, read_model)
    await connection.execute(b"COMMIT")
    if progress is not None:
        progress(Progress(tenant_id, position, target))
    return Report(read_model.key, 1, position, rows, differences)


async def _live_position(
    connection: AsyncConnection[Any], tenant_id: UUID, read_model: ReadModel
) -> int:
    await begin(connection, tenant_id)
    position = await _stands_at(connection, tenant_id, read_model)
    await connection.execute(b"COMMIT")
    return position


async def _stands_at(
    connection: AsyncConnection[Any], tenant_id: UUID, read_model: ReadModel
) -> int:
    cursor = await connection.execute(_POSITION, (tenant_id, read_model.key))
    row = await cursor.fetchone()
    return row[0] if row else 0


async def _fill(
    connection: AsyncConnection[Any],
    tenant_id: UUID,
    read_model: ReadModel,
    position: int,
    target: int,
) -> int:
    lane = Lane(read_model, position, Batch(read_model.tables))
    limit = min(EVENTS_PER_COMMIT, target - position)
    chunk = await fold_log(connection, tenant_id, (lane,), after=position, limit=limit)
    if chunk.stopped is not None:
        raise chunk.stopped
    if chunk.last == position:
        raise LogGap(tenant_id, expected=position + 1, found=target)
    await write(connection, tenant_id, lane.batch, suffix=SUFFIX)
    return chunk.last


async def _compare(
    connection: AsyncConnection[Any], tenant_id: UUID, read_model: ReadModel
) -> tuple[int, tuple[Difference, ...]]:
    rows = 0
    differences: list[Difference] = []
    for table in read_model.tables:
        live, shadow = f"{SCHEMA}.{table.name}", f"{SCHEMA}.{table.name}{SUFFIX}"
        (count, total), rebuilt = [
            await _hash(connection, tenant_id, name) for name in (live, shadow)
        ]
        rows += count
        if (count, total) == rebuilt:
            continue
        for only_in, one, other in (("live", live, shadow), ("rebuilt", shadow, live)):
            cursor = await connection.execute(
                _DIFFERENCE.format(one=one, other=other).encode(),
                (tenant_id, tenant_id, DIFFERENCES_MAX),
            )
            for (row,) in await cursor.fetchall():
                differences.append(Difference(tenant_id, table.name, only_in, row))
    return rows, tuple(differences)


async def _hash(
    connection: AsyncConnection[Any], tenant_id: UUID, name: str
) -> tuple[int, Decimal]:
    cursor = await connection.execute(_HASH.format(table=name).encode(), (tenant_id,))
    return (await cursor.fetchall())[0]


@contextmanager
def _shadows(owner_url: str, read_model: ReadModel) -> Generator[None]:
    engine = create_engine(sqlalchemy_url(owner_url))
    try:
        with engine.connect() as guard:
            lock = text("SELECT pg_try_advisory_lock(:key)")
            if not guard.execute(lock, {"key": REBUILD_LOCK}).scalar():
                raise RebuildRunning("another rebuild is at work")
            guard.commit()
            _drop(guard, read_model)
            for table in read_model.tables:
                live = f"{SCHEMA}.{table.name}"
                guard.execute(text(f"CREATE TABLE {live}{SUFFIX} (LIKE {live} INCLUDING ALL)"))
                isolate(guard, table, suffix=SUFFIX)
            guard.commit()
            try:
                yield
            finally:
                _drop(guard, read_model)
    finally:
        engine.dispose()


def _drop(guard: Connection, read_model: ReadModel) -> None:
    for table in read_model.tables:
        guard.execute(text(f"DROP TABLE IF EXISTS {SCHEMA}.{table.name}{SUFFIX}"))
    guard.commit()
