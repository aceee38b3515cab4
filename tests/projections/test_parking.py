"""What can not be folded stops its own projection and tenant, and nothing else."""

import json
from uuid import uuid4

import psycopg
import pytest

from infrastructure.event_log.reader import LogGap, read_chunk
from infrastructure.postgres.connections import connect
from infrastructure.projections.checkpoints import begin
from infrastructure.projections.standing import NotParked, lags, retry, skip, standings
from projections.read_models import READ_MODELS
from projections.wallet.balances import WALLET_BALANCES
from tests.kit.lively.whole import lively
from tests.projections.stepping import all_rows, catch_up, checkpoints, step_once
from tests.projections.written_logs import store_raw

LOST = json.dumps(
    {
        "wallet_id": "wal_nobody",
        "source": "wal_aaaa",
        "transfer_id": "trf_lost",
        "amount": {"minor": 5, "currency": "TRY"},
        "entry_id": "wallet-wal_aaaa.9",
    }
).encode()
"""Money for a wallet that was never opened."""


async def test_a_poison_event_parks_its_projection_and_the_others_go_on(database_url: str) -> None:
    log, other = lively(), lively()
    log.store(database_url)
    other.store(database_url)
    poison = len(log.events) + 1
    store_raw(database_url, log.tenant_id, poison, "wallet.transfer_received", LOST)
    store_raw(
        database_url,
        log.tenant_id,
        poison + 1,
        "ledger.account_opened",
        json.dumps({"code": "sales.toys", "type": "income", "name": "Toys"}).encode(),
    )
    async with await connect(database_url) as connection:
        assert await catch_up(connection, log.tenant_id) == ("wallet_balances_v2",)
        assert await catch_up(connection, other.tenant_id) == ()
        found = checkpoints(database_url, log.tenant_id)
        assert found.pop("wallet_balances_v2") == (poison - 1, poison, "RowsMissing")
        assert set(found.values()) == {(poison + 1, None, None)}
        rows, unharmed = (all_rows(database_url, one.tenant_id) for one in (log, other))
        assert rows["wallet_balances_v2"] == unharmed["wallet_balances_v2"]
        assert len(rows["ledger_accounts_v1"]) == 2
        (standing,) = await standings(connection, [WALLET_BALANCES.key])
        assert (standing.projection, standing.parked_position) == ("wallet_balances_v2", poison)
        (lag,) = [lag for lag in await lags(connection) if lag.tenants_parked]
        assert (lag.positions, lag.tenants_behind) == (2, 1)


async def test_retry_parks_again_and_skip_steps_over_with_a_note(database_url: str) -> None:
    log = lively()
    log.store(database_url)
    poison = len(log.events) + 1
    store_raw(database_url, log.tenant_id, poison, "wallet.transfer_received", LOST)
    async with await connect(database_url) as connection:
        await catch_up(connection, log.tenant_id)
        assert await retry(connection, log.tenant_id, "wallet_balances") == poison - 1
        assert await catch_up(connection, log.tenant_id) == ("wallet_balances_v2",)
        assert await skip(connection, log.tenant_id, "wallet_balances") == poison
        assert await catch_up(connection, log.tenant_id) == ()
        with pytest.raises(NotParked):
            await skip(connection, log.tenant_id, "wallet_balances")
    at = checkpoints(database_url, log.tenant_id)["wallet_balances_v2"]
    assert at == (poison, None, f"skipped {poison}: RowsMissing")


async def test_an_unknown_event_stops_the_tenant_where_it_stands(database_url: str) -> None:
    log = lively()
    log.store(database_url)
    end = len(log.events)
    store_raw(database_url, log.tenant_id, end + 1, "wallet.teleported", b"{}")
    async with await connect(database_url) as connection:
        assert len(await step_once(connection, log.tenant_id)) == len(READ_MODELS)
    found = set(checkpoints(database_url, log.tenant_id).values())
    assert found == {(end, end + 1, "UnknownEvent")}


async def test_a_gap_stops_the_reader(database_url: str) -> None:
    log = lively()
    log.store(database_url, last=5)
    log.store(database_url, first=7)
    async with await connect(database_url) as connection:
        await begin(connection, log.tenant_id)
        chunk = await read_chunk(connection, log.tenant_id, after=0)
        assert chunk.last == 5
        assert isinstance(chunk.stopped, LogGap)
        assert (chunk.stopped.expected, chunk.stopped.found) == (6, 7)
        await connection.execute("ROLLBACK")
        await step_once(connection, log.tenant_id)
    assert set(checkpoints(database_url, log.tenant_id).values()) == {(5, 6, "LogGap")}


async def test_a_lost_table_parks_nothing_and_is_raised(database_url: str) -> None:
    log = lively()
    log.store(database_url)
    with psycopg.connect(database_url) as owner:
        owner.execute("ALTER TABLE read_models.wallet_balances_v2 RENAME TO hidden")
    async with await connect(database_url) as connection:
        with pytest.raises(psycopg.errors.UndefinedTable):
            await catch_up(connection, log.tenant_id)
        with psycopg.connect(database_url) as owner:
            owner.execute("ALTER TABLE read_models.hidden RENAME TO wallet_balances_v2")
        assert await catch_up(connection, log.tenant_id) == ()


async def test_nothing_is_parked_for_a_tenant_that_is_not_there(database_url: str) -> None:
    async with await connect(database_url) as connection:
        with pytest.raises(NotParked):
            await retry(connection, uuid4(), WALLET_BALANCES.name)
