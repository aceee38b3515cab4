"""AUD-01: a replay passes what is sound, and names each row of a read model that was altered.

Every table of every read model is tampered with, as the registry lists them: a new one is covered
by being there.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import Boolean, Column, Date, DateTime, Integer, Numeric, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSVECTOR
from sqlalchemy.types import TypeEngine

from application.tenants.tenants import PLATFORM
from infrastructure.replay.entries import ENTRIES
from infrastructure.replay.findings import Difference, Kind, Outcome
from projections.read_model import ReadTable
from projections.read_models import READ_MODELS
from projections.wallet.balances import WALLET_BALANCES
from tests.audit.replay.replayed import OTHER, left_behind, lively_database, replayed, tamper

pytestmark = pytest.mark.row("AUD-01")

TABLES = [table for model in READ_MODELS for table in model.tables]
KEYED = [table for table in TABLES if table.key]
TELLING = [table for table in TABLES if set(table.columns) - set(table.key)]
"""Those whose rows say more than that they are there."""

ALL = {(tenant, model.key) for tenant in (PLATFORM, OTHER) for model in READ_MODELS}


OTHER_VALUES: Mapping[type[TypeEngine[Any]], str] = {
    Boolean: "NOT coalesce({}, false)",
    DateTime: "coalesce({}, now()) + interval '1 second'",
    Date: "coalesce({}, current_date) + 1000",
    Uuid: "gen_random_uuid()",
    Text: "coalesce({}, '') || 'x'",
    Numeric: "coalesce({}, 0) + 1000",
    Integer: "coalesce({}, 0) + 1000",
    ARRAY: "coalesce({}, ARRAY[]::text[]) || 'x'::text",
    JSONB: "jsonb_build_array({})",
    TSVECTOR: "coalesce({}, ''::tsvector) || 'x'::tsvector",
}
"""By type an expression that is not what the column holds."""


def other_value(column: Column[Any]) -> str:
    kinds = (kind for kind in OTHER_VALUES if isinstance(column.type, kind))
    return OTHER_VALUES[next(kinds)].format(column.name)


def a_row(database_url: str, table: ReadTable) -> tuple[str, str]:
    """Give where one row of the platform's is, and its key as a replay tells it."""
    key = ", ".join(f"{column}::text" for column in table.key)
    query = f"SELECT ctid::text, ARRAY[{key}]::text[] FROM read_models.{table.name}"  # noqa: S608
    with psycopg.connect(database_url) as owner:
        cursor = owner.execute(f"{query} WHERE tenant_id = %s".encode(), (PLATFORM,))
        row = cursor.fetchone()
    assert row is not None, f"{table.name} has no row to tamper with"
    return row[0], " ".join(row[1])


def by_table(found: Mapping[tuple[UUID, str], Outcome]) -> dict[str, list[Difference]]:
    tables: dict[str, list[Difference]] = {}
    for outcome in found.values():
        assert outcome.damage is None
        assert outcome.left_out is None
        for difference in outcome.differences:
            tables.setdefault(difference.table, []).append(difference)
    return tables


async def test_what_is_sound_passes_and_nothing_is_left_behind(database_url: str) -> None:
    log = await lively_database(database_url)
    found = await replayed(database_url)
    assert found.keys() == ALL | {(PLATFORM, ENTRIES), (OTHER, ENTRIES)}
    assert all(outcome.equal for outcome in found.values())
    assert all(found[PLATFORM, model.key].rows for model in READ_MODELS)
    assert {found[PLATFORM, model.key].position for model in READ_MODELS} == {len(log.events)}
    entries = [event for *_, event in log.events if getattr(event, "entry", None) is not None]
    assert found[PLATFORM, ENTRIES].rows == len(entries)
    assert left_behind(database_url) == []


async def test_a_changed_cell_of_any_column_of_any_table_is_named(database_url: str) -> None:
    await lively_database(database_url)
    expected: dict[str, set[tuple[str, str]]] = {}
    for table in TELLING:
        place, key = a_row(database_url, table)
        columns = [table.table.c[name] for name in table.columns if name not in table.key]
        sets = ", ".join(f"{one.name} = {other_value(one)}" for one in columns)
        tamper(database_url, f"UPDATE read_models.{table.name} SET {sets} WHERE ctid = %s", place)  # noqa: S608
        expected[table.name] = {(key, column.name) for column in columns}
    found = by_table(await replayed(database_url))
    assert {name: {(one.key, one.column) for one in some} for name, some in found.items()} == (
        expected
    )
    assert {one.kind for some in found.values() for one in some} == {Kind.CHANGED}


async def test_a_removed_row_of_any_table_is_named(database_url: str) -> None:
    await lively_database(database_url)
    expected: dict[str, list[str]] = {}
    for table in TABLES:
        place, key = a_row(database_url, table)
        tamper(database_url, f"DELETE FROM read_models.{table.name} WHERE ctid = %s", place)  # noqa: S608
        expected[table.name] = [key]
    found = by_table(await replayed(database_url))
    assert {name: [one.key for one in some] for name, some in found.items()} == expected
    assert {one.kind for some in found.values() for one in some} == {Kind.MISSING}


async def test_an_inserted_row_of_any_table_is_named(database_url: str) -> None:
    await lively_database(database_url)
    expected: dict[str, int] = {}
    for table in KEYED:
        place, _ = a_row(database_url, table)
        kept = set(table.key[:-1])
        values = [
            name if name in kept else other_value(table.table.c[name]) for name in table.columns
        ]
        tamper(
            database_url,
            f"INSERT INTO read_models.{table.name} (tenant_id, {', '.join(table.columns)})"  # noqa: S608
            f" SELECT tenant_id, {', '.join(values)} FROM read_models.{table.name}"
            " WHERE ctid = %s",
            place,
        )
        expected[table.name] = 1
    found = by_table(await replayed(database_url))
    assert {name: len(some) for name, some in found.items()} == expected
    assert {one.kind for some in found.values() for one in some} == {Kind.SURPLUS}


async def test_a_cell_is_told_with_both_values(database_url: str) -> None:
    log = await lively_database(database_url)
    tamper(
        database_url,
        "UPDATE read_models.wallet_balances_v2 SET available = available + 1"
        " WHERE tenant_id = %s AND wallet_id = 'wal_bbbb'",
        PLATFORM,
    )
    right = log.wallet("wal_bbbb").available.minor
    found = await replayed(database_url, (WALLET_BALANCES,), entries=False)
    assert found.keys() == {(PLATFORM, WALLET_BALANCES.key), (OTHER, WALLET_BALANCES.key)}
    outcome = found[PLATFORM, WALLET_BALANCES.key]
    told = ("wallet_balances_v2", "wal_bbbb", "available", str(right + 1), str(right))
    assert outcome.differences == (Difference(Kind.CHANGED, *told),)
    assert found[OTHER, WALLET_BALANCES.key].equal


async def test_two_rows_that_change_places_are_found(database_url: str) -> None:
    await lively_database(database_url)
    tamper(
        database_url,
        "UPDATE read_models.wallet_balances_v2 one SET owner = other.owner"
        " FROM read_models.wallet_balances_v2 other WHERE one.tenant_id = other.tenant_id"
        " AND (one.wallet_id, other.wallet_id)"
        " IN (('wal_aaaa', 'wal_bbbb'), ('wal_bbbb', 'wal_aaaa'))",
    )
    found = await replayed(database_url, (WALLET_BALANCES,))
    for tenant in (PLATFORM, OTHER):
        listed = found[tenant, WALLET_BALANCES.key].differences
        assert {(one.key, one.column) for one in listed} == {
            ("wal_aaaa", "owner"),
            ("wal_bbbb", "owner"),
        }


async def test_all_rows_that_differ_are_counted_and_some_are_listed(database_url: str) -> None:
    await lively_database(database_url)
    tamper(
        database_url,
        "UPDATE read_models.ledger_lines_v2 SET minor = -minor WHERE tenant_id = %s",
        PLATFORM,
    )
    found = await replayed(database_url, rows_listed=3)
    outcome = found[PLATFORM, "ledger_journal_v2"]
    assert len(outcome.differences) == 3
    with psycopg.connect(database_url) as owner:
        query = "SELECT count(*) FROM read_models.ledger_lines_v2 WHERE tenant_id = %s"
        assert owner.execute(query, (PLATFORM,)).fetchone() == (outcome.differing,)
