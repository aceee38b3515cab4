"""Live tables held against replayed ones: by the hashes of all rows, and row by row if need be."""

import asyncio
import secrets
from collections.abc import Collection, Iterator
from decimal import Decimal
from typing import Any
from uuid import UUID

from infrastructure.postgres.pipelines import PipelinedConnection
from infrastructure.projections.checkpoints import begin_beside
from infrastructure.replay.findings import Difference, Kind
from infrastructure.replay.scratch import SCRATCH
from projections.read_model import SCHEMA, TENANT, ReadTable

_HASH = """
SELECT count(*), coalesce(sum(('x' || left(encode(sha256(
    %(salt)s::bytea || record_send(ROW({columns}))
), 'hex'), 16))::bit(64)::bigint), 0)
FROM {schema}.{table} WHERE tenant_id = %(tenant_id)s
"""
_DIFFERENT = """
SELECT CASE WHEN live.{tenant} IS NULL THEN 'missing'
    WHEN replayed.{tenant} IS NULL THEN 'surplus' ELSE 'changed' END,
    ARRAY[{live}]::text[], ARRAY[{replayed}]::text[], count(*) OVER ()
FROM (SELECT * FROM {schema}.{table} WHERE tenant_id = %(tenant_id)s) live
FULL JOIN (SELECT * FROM {scratch}.{table} WHERE tenant_id = %(tenant_id)s) replayed
    USING ({key})
WHERE live.{tenant} IS NULL OR replayed.{tenant} IS NULL
    OR ROW({live})::text <> ROW({replayed})::text
ORDER BY {key} LIMIT %(limit)s
"""


class Comparison:
    """One run's way to hash. Its salt is new, so that nobody prepared rows whose sums agree."""

    def __init__(self, rows_listed_max: int) -> None:
        self._salt = secrets.token_bytes(16)
        self._rows_listed_max = rows_listed_max

    async def compare(
        self,
        connection: PipelinedConnection,
        beside: PipelinedConnection,
        tenant_id: UUID,
        tables: Collection[ReadTable],
    ) -> tuple[int, int, list[Difference]]:
        """Give the number of live rows, how many differ, and the first of them.

        The caller's transaction sees live and scratch tables of one position. `beside` is free, and
        hashes the live ones in the meantime.
        """
        await begin_beside(beside, connection, tenant_id)
        live, replayed = await asyncio.gather(
            self._hashes(beside, tenant_id, tables, SCHEMA),
            self._hashes(connection, tenant_id, tables, SCRATCH),
        )
        await beside.execute(b"COMMIT")
        differing = 0
        listed: list[Difference] = []
        for table, one, other in zip(tables, live, replayed, strict=True):
            if one != other:
                some, differences = await self._rows(connection, tenant_id, table)
                differing += some
                listed += differences
        return sum(count for count, _ in live), differing, listed

    async def _hashes(
        self,
        connection: PipelinedConnection,
        tenant_id: UUID,
        tables: Collection[ReadTable],
        schema: str,
    ) -> list[tuple[int, Decimal]]:
        """Give the number of rows of each table, and the sum of their hashes."""
        given = {"tenant_id": tenant_id, "salt": self._salt}
        async with connection.pipeline():
            cursors = [await connection.execute(_hash(table, schema), given) for table in tables]
        return [row for cursor in cursors for row in await cursor.fetchall()]

    async def _rows(
        self, connection: PipelinedConnection, tenant_id: UUID, table: ReadTable
    ) -> tuple[int, list[Difference]]:
        given = {"tenant_id": tenant_id, "limit": self._rows_listed_max}
        cursor = await connection.execute(_different(table), given)
        rows = await cursor.fetchall()
        listed = [difference for row in rows for difference in _cells(table, *row[:3])]
        return (rows[0][3] if rows else 0), listed


def _cells(
    table: ReadTable, kind: str, live: list[Any], replayed: list[Any]
) -> Iterator[Difference]:
    key = " ".join((replayed if kind == Kind.MISSING else live)[: len(table.key)])
    if kind == Kind.SURPLUS:
        yield Difference(Kind.SURPLUS, table.name, key, None, _told(table, live), None)
    elif kind == Kind.MISSING:
        yield Difference(Kind.MISSING, table.name, key, None, None, _told(table, replayed))
    else:
        for column, one, other in zip(table.columns, live, replayed, strict=True):
            if one != other:
                yield Difference(Kind.CHANGED, table.name, key, column, one, other)


def _told(table: ReadTable, values: list[Any]) -> str:
    pairs = list(zip(table.columns, values, strict=True))[len(table.key) :]
    return ", ".join(f"{name} {value}" for name, value in pairs if value is not None)


def _hash(table: ReadTable, schema: str) -> bytes:
    columns = ", ".join((TENANT, *table.columns))
    return _HASH.format(columns=columns, schema=schema, table=table.name).encode()


def _different(table: ReadTable) -> bytes:
    key = ", ".join((TENANT, *table.key))
    sides = [
        ", ".join(f"{side}.{column}::text" for column in table.columns)
        for side in ("live", "replayed")
    ]
    return _DIFFERENT.format(
        tenant=TENANT,
        live=sides[0],
        replayed=sides[1],
        schema=SCHEMA,
        scratch=SCRATCH,
        table=table.name,
        key=key,
    ).encode()
