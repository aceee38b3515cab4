"""Merged changes to the database: one statement per table and kind of change.

`COPY FROM` is refused under row-level security, so rows travel as one text array per column.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

from infrastructure.postgres.asking import NamedStatement
from infrastructure.postgres.literals import array_of
from infrastructure.postgres.pipelines import Call, PipelinedConnection
from infrastructure.projections.checkpoints import moving, must_have_moved
from infrastructure.projections.merging import (
    CHANGED,
    DELETED,
    INSERTED,
    REPLACED,
    Batch,
    TableChanges,
)
from projections.read_model import SCHEMA, TENANT, Derivation, ReadTable, Row

NOTHING_MOVED: Mapping[str, int] = {}

_DIALECT = PGDialect_psycopg()


class RowsMissing(RuntimeError):
    """A fold changed rows that are not there."""


class Bulk(NamedTuple):
    """A bulk statement with its arrays, and how many rows it must touch (None: any number)."""

    call: Call
    must_touch: int | None = None


async def write(  # noqa: PLR0913 - what, whose, where, and how far it goes
    connection: PipelinedConnection,
    tenant_id: UUID,
    batches: Iterable[Batch],
    *,
    schema: str = SCHEMA,
    moved: Mapping[str, int] = NOTHING_MOVED,
    to: int = 0,
) -> None:
    """Write batches inside the caller's transaction, in one round trip, to a schema's tables.

    In the same one the checkpoints that are `moved` go on from there `to` a position.
    """
    changes = [change for batch in batches for change in _changes_of(tenant_id, batch, schema)]
    moves = [moving(tenant_id, moved, to=to)] if moved else []
    calls = [change.call for change in changes] + moves
    if not calls:
        return
    results = await connection.run(*calls)
    for (_, must_touch), result in zip(changes, results, strict=False):
        if must_touch is not None and result.command_tuples != must_touch:
            raise RowsMissing(f"{must_touch} rows to change, {result.command_tuples} found")
    if moved:
        must_have_moved(moved, results[-1])


def _changes_of(tenant_id: UUID, batch: Batch, schema: str) -> Iterator[Bulk]:
    for changes in batch.tables.values():
        yield from _changes(tenant_id, changes, schema)
    for derivation in batch.derivations:
        if any(batch.tables[table].rows for table in derivation.looks_at):
            values = _changed(derivation, batch) | {TENANT: tenant_id}
            yield Bulk(_derivation(derivation.sql, schema).with_values(values))


@lru_cache(maxsize=64)
def _derivation(sql: str, schema: str) -> NamedStatement:
    return NamedStatement(sql.replace("{schema}", schema))


def _changed(derivation: Derivation, batch: Batch) -> dict[str, Any]:
    """Give for each table what the first columns of its changed keys hold."""
    return {
        table.name: array_of(list({key[0] for key in batch.tables[table].rows}))
        for table in derivation.looks_at
    }


def _changes(tenant_id: UUID, changes: TableChanges, schema: str) -> Iterator[Bulk]:
    table = changes.table
    if changes.appended:
        values = _arrays(table.columns, changes.appended) | {TENANT: tenant_id}
        yield Bulk(_statement(table, INSERTED, schema).with_values(values))
    kinds: dict[int, list[Row]] = {}
    for key, change in changes.rows.items():
        row = (*key, *change.facts, *change.latest, *change.amounts)
        kinds.setdefault(change.kind, []).append(row)
    # Deleted first: nothing else in the batch has the same key, but unique columns may move.
    for kind in sorted(kinds, reverse=True):
        rows = kinds[kind]
        values = _arrays(_given(table, kind), rows) | {TENANT: tenant_id}
        must_touch = len(rows) if kind == CHANGED else None
        yield Bulk(_statement(table, kind, schema).with_values(values), must_touch)


@lru_cache(maxsize=512)
def _statement(table: ReadTable, kind: int, schema: str) -> NamedStatement:
    return NamedStatement(_sql(table, kind, schema))


def _sql(table: ReadTable, kind: int, schema: str) -> str:
    name = f"{schema}.{table.name}"
    given = _given(table, kind)
    source = _unnest(table, given)
    keys = " AND ".join(f"t.{column} = v.{column}" for column in table.key)
    of_tenant = f"{keys} AND t.tenant_id = %(tenant_id)s"
    if kind == DELETED:
        return f"DELETE FROM {name} t USING {source} WHERE {of_tenant}"  # noqa: S608 - names from code
    if kind == CHANGED:
        return _change(table, name, source, keys)
    columns = ", ".join(given)
    insert = f"INSERT INTO {name} AS t (tenant_id) SELECT %(tenant_id)s::uuid"
    if columns:
        insert = (
            f"INSERT INTO {name} AS t ({columns}, tenant_id)"  # noqa: S608 - as above
            f" SELECT v.*, %(tenant_id)s::uuid FROM {source}"
        )
    if kind == INSERTED:
        return insert
    conflict = ", ".join(("tenant_id", *table.key))
    if kind == REPLACED:
        rest = table.columns[len(table.key) :]
        sets = ", ".join(f"{column} = excluded.{column}" for column in rest)
    else:
        sets = ", ".join(_merged(table))
    action = f"UPDATE SET {sets}" if sets else "NOTHING"
    return f"{insert} ON CONFLICT ({conflict}) DO {action}"


def _change(table: ReadTable, name: str, source: str, keys: str) -> str:
    """Write rows that are there over themselves: each is found by its key, whatever is estimated.

    A plain `UPDATE … FROM unnest(…)` is planned by guesses of two sizes, and a plan that was kept
    from when the table was small holds each of its rows against each given one.
    """
    columns = ", ".join(table.columns)
    old = ", ".join(
        (
            *(f"v.{column}" for column in table.key),
            *(f"old.{column}" for column in table.facts),
            *(f"coalesce(v.{column}, old.{column})" for column in table.latest),
            *(f"old.{column} + v.{column}" for column in table.counters),
        )
    )
    sets = ", ".join(f"{column} = excluded.{column}" for column in (*table.latest, *table.counters))
    return (
        f"INSERT INTO {name} ({columns}, tenant_id) SELECT {old}, %(tenant_id)s::uuid"  # noqa: S608 - names from code
        f" FROM {source} CROSS JOIN LATERAL (SELECT * FROM {name} t"
        f" WHERE t.tenant_id = %(tenant_id)s AND {keys} LIMIT 1) old"
        f" ON CONFLICT ({', '.join((TENANT, *table.key))}) DO UPDATE SET {sets}"
    )


def _given(table: ReadTable, kind: int) -> tuple[str, ...]:
    if kind == DELETED:
        return table.key
    if kind == CHANGED:
        return (*table.key, *table.latest, *table.counters)
    return table.columns


def _unnest(table: ReadTable, columns: Sequence[str]) -> str:
    arrays = ", ".join(f"%({column})s::{_type_of(table, column)}[]" for column in columns)
    return f"unnest({arrays}) AS v({', '.join(columns)})"


def _merged(table: ReadTable) -> Iterable[str]:
    for name in table.latest:
        yield f"{name} = coalesce(excluded.{name}, t.{name})"
    for name in table.counters:
        yield f"{name} = t.{name} + excluded.{name}"


def _type_of(table: ReadTable, column: str) -> str:
    return table.table.c[column].type.compile(dialect=_DIALECT).partition(" COLLATE")[0]


def _arrays(columns: Sequence[str], rows: Sequence[Row]) -> dict[str, Any]:
    values = zip(*rows, strict=True)
    return {name: array_of(column) for name, column in zip(columns, values, strict=True)}
