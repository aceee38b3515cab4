"""A rebuild proves the live tables, and its failing is shown first."""

import psycopg
import pytest

from infrastructure.postgres.connections import connect
from infrastructure.projections.rebuild import Progress, rebuild
from projections.read_model import ReadModel
from projections.read_models import READ_MODELS
from tests.kit.lively.whole import lively
from tests.projections.stepping import catch_up


@pytest.mark.parametrize("read_model", READ_MODELS, ids=lambda model: model.name)
async def test_a_rebuild_equals_the_live_tables_and_leaves_nothing_behind(
    database_url: str, read_model: ReadModel
) -> None:
    logs = [lively(), lively()]
    async with await connect(database_url) as connection:
        for log in logs:
            log.store(database_url)
            await catch_up(connection, log.tenant_id)
    told: list[Progress] = []
    report = await rebuild(database_url, read_model, progress=told.append)
    assert report.equal
    assert (report.tenants, report.events) == (2, sum(len(log.events) for log in logs))
    assert {step.position for step in told} == {len(logs[0].events)}
    with psycopg.connect(database_url) as owner:
        left = owner.execute("SELECT count(*) FROM pg_class WHERE relname LIKE '%rebuild%'")
        assert left.fetchone() == (0,)


async def test_a_rebuild_names_the_row_that_was_tampered_with(database_url: str) -> None:
    log = lively()
    log.store(database_url)
    balances = READ_MODELS[0]
    async with await connect(database_url) as connection:
        await catch_up(connection, log.tenant_id)
    with psycopg.connect(database_url) as owner:
        owner.execute(
            "UPDATE read_models.wallet_balances_v2 SET available = available + 1"
            " WHERE wallet_id = 'wal_bbbb'"
        )
    report = await rebuild(database_url, balances)
    assert not report.equal
    assert {(found.table, found.only_in) for found in report.differences} == {
        ("wallet_balances_v2", "live"),
        ("wallet_balances_v2", "rebuilt"),
    }
    assert all("wal_bbbb" in found.row for found in report.differences)
    with psycopg.connect(database_url) as owner:
        still = owner.execute(
            "SELECT available FROM read_models.wallet_balances_v2 WHERE wallet_id = 'wal_bbbb'"
        )
        assert still.fetchone() == (log.wallet("wal_bbbb").available.minor + 1,)
