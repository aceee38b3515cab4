"""A projection far behind is filled on its own, reading ahead, and ends at the same rows."""

import psycopg

from infrastructure.postgres.connections import connect
from infrastructure.projections.advance import EVENTS_PER_COMMIT
from infrastructure.projections.checkpoints import FAR_BEHIND_EVENTS
from tests.kit.lively.whole import lively
from tests.projections.stepping import all_rows, catch_up, checkpoints, fill, step_once
from tests.projections.written_logs import Log

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


async def long_log(database_url: str) -> Log:
    log = lively()
    log.store(database_url)
    given = {
        "tenant": log.tenant_id,
        "end": len(log.events),
        "version": log.wallet("wal_bbbb").version,
        "many": MANY,
    }
    with psycopg.connect(database_url) as owner:
        owner.execute(RECEIVED, given)
    return log


async def test_what_is_far_behind_never_holds_the_live_ones_back(database_url: str) -> None:
    log = await long_log(database_url)
    end = len(log.events) + MANY
    async with (
        await connect(database_url) as connection,
        await connect(database_url) as reader,
    ):
        await catch_up(connection, log.tenant_id)
        expected = all_rows(database_url, log.tenant_id)
        with psycopg.connect(database_url) as owner:
            owner.execute(FORGET)
        assert await step_once(connection, log.tenant_id) == ()
        found = {name: at[0] for name, at in checkpoints(database_url, log.tenant_id).items()}
        assert found.pop("wallet_balances_v2") == 0
        assert set(found.values()) == {end}
        assert await fill(connection, reader, log.tenant_id) >= 1
        await catch_up(connection, log.tenant_id)
    assert all_rows(database_url, log.tenant_id) == expected


async def test_a_slow_database_does_not_cut_off_the_one_that_reads_ahead(
    database_url: str,
) -> None:
    log = await long_log(database_url)
    async with (
        await connect(database_url) as connection,
        await connect(database_url) as reader,
    ):
        await catch_up(connection, log.tenant_id)
        expected = all_rows(database_url, log.tenant_id)
        with psycopg.connect(database_url) as owner:
            owner.execute(FORGET)
            owner.execute(SLOW)
        await step_once(connection, log.tenant_id)
        assert await fill(connection, reader, log.tenant_id) >= 1
        await catch_up(connection, log.tenant_id)
    assert all_rows(database_url, log.tenant_id) == expected
