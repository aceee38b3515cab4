"""A projection far behind is filled on its own, reading ahead, and ends at the same rows."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
import pytest

from infrastructure.postgres.connections import connect
from infrastructure.postgres.pipelines import PipelinedConnection
from infrastructure.projections.advance import EVENTS_PER_COMMIT
from infrastructure.projections.checkpoints import FAR_BEHIND_EVENTS
from tests.kit.lively.whole import lively
from tests.projections.stepping import all_rows, catch_up, checkpoints, fill, step_once

Both = tuple[PipelinedConnection, PipelinedConnection]

MANY = EVENTS_PER_COMMIT + FAR_BEHIND_EVENTS
RECEIVED = """
INSERT INTO defter.events
SELECT %(tenant)s, %(end)s + n, gen_random_uuid(), 'wallet-wal_bbbb', %(version)s + n,
    'wallet.transfer_received', 1, convert_to(
        '{"wallet_id":"wal_bbbb","source":"wal_aaaa","transfer_id":"trf_' || n
        || '","amount":{"minor":1,"currency":"TRY"},"entry_id":"wallet-wal_aaaa.' || n || '"}',
        'UTF8'
    ), '{}', now()
FROM generate_series(1, %(many)s) n
"""
FORGET = """
DELETE FROM defter.checkpoints WHERE projection = 'wallet_balances_v2';
DELETE FROM read_models.wallet_balances_v2;
DELETE FROM read_models.wallet_bonus_lots_v2;
DELETE FROM read_models.wallet_standings_v2;
"""

SLOW = """
CREATE FUNCTION read_models.dawdle() RETURNS trigger LANGUAGE plpgsql AS
    'BEGIN PERFORM pg_sleep(2.5); RETURN NULL; END';
CREATE TRIGGER slow AFTER INSERT OR UPDATE ON read_models.wallet_balances_v2
    FOR EACH STATEMENT EXECUTE FUNCTION read_models.dawdle();
"""
"""Every write takes longer than the service lets a transaction idle."""


@dataclass(frozen=True)
class Filled:
    """A long log, whose read models know all of it."""

    tenant_id: UUID
    end: int
    rows: dict[str, list[Any]]


@pytest.fixture(scope="module")
async def filled(module_database_url: str) -> Filled:
    log = lively()
    log.store(module_database_url)
    given = {
        "tenant": log.tenant_id,
        "end": len(log.events),
        "version": log.wallet("wal_bbbb").version,
        "many": MANY,
    }
    with psycopg.connect(module_database_url) as owner:
        owner.execute(RECEIVED, given)
    async with await connect(module_database_url) as connection:
        await catch_up(connection, log.tenant_id)
    return Filled(
        log.tenant_id, len(log.events) + MANY, all_rows(module_database_url, log.tenant_id)
    )


@pytest.fixture
async def both(
    module_database_url: str,
) -> AsyncGenerator[Both]:
    """Connect the one that writes and the one that reads ahead."""
    async with (
        await connect(module_database_url) as connection,
        await connect(module_database_url) as reader,
    ):
        yield connection, reader


async def test_what_is_far_behind_never_holds_the_live_ones_back(
    module_database_url: str,
    filled: Filled,
    both: tuple[PipelinedConnection, PipelinedConnection],
) -> None:
    connection, reader = both
    with psycopg.connect(module_database_url) as owner:
        owner.execute(FORGET)
    assert await step_once(connection, filled.tenant_id) == ()
    found = {name: at[0] for name, at in checkpoints(module_database_url, filled.tenant_id).items()}
    assert found.pop("wallet_balances_v2") == 0
    assert set(found.values()) == {filled.end}
    assert await fill(connection, reader, filled.tenant_id) >= 1
    await catch_up(connection, filled.tenant_id)
    assert all_rows(module_database_url, filled.tenant_id) == filled.rows


async def test_a_slow_database_does_not_cut_off_the_one_that_reads_ahead(
    module_database_url: str,
    filled: Filled,
    both: tuple[PipelinedConnection, PipelinedConnection],
) -> None:
    connection, reader = both
    with psycopg.connect(module_database_url) as owner:
        owner.execute(FORGET)
        owner.execute(SLOW)
    try:
        await step_once(connection, filled.tenant_id)
        assert await fill(connection, reader, filled.tenant_id) >= 1
        await catch_up(connection, filled.tenant_id)
    finally:
        with psycopg.connect(module_database_url) as owner:
            owner.execute("DROP FUNCTION read_models.dawdle CASCADE")
    assert all_rows(module_database_url, filled.tenant_id) == filled.rows
