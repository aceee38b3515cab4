"""AUD-01: `defter audit replay` tells what it found, and its exit code says what that means."""

import asyncio
import csv
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from application.tenants.tenants import PLATFORM
from infrastructure.postgres.connections import connect
from interfaces.cli.app import main
from interfaces.cli.terminal.exits import Exit
from projections.read_models import READ_MODELS
from tests.audit.replay.replayed import OTHER, lively_database, tamper
from tests.projections.stepping import catch_up
from tests.projections.test_parking import LOST
from tests.projections.written_logs import Log, store_raw

pytestmark = pytest.mark.row("AUD-01")

HOLDINGS = ("audit", "replay", "--read-model", "wallet_balances", "--tenant", "platform")
RICHER = "UPDATE read_models.wallet_balances_v2 SET available = available + 1 WHERE tenant_id = %s"


@pytest.fixture
def log(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Log:
    monkeypatch.setenv("DATABASE_URL", database_url)
    return asyncio.run(lively_database(database_url))


def rows_of(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return json.loads(capsys.readouterr().out)


def test_what_is_sound_ends_with_zero_and_a_row_for_each(
    log: Log, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["audit", "replay", "-o", "json"]) == Exit.OK
    rows = rows_of(capsys)
    names = [*(model.key for model in READ_MODELS), "entries"]
    assert [(row["tenant"], row["read_model"]) for row in rows] == [
        (str(tenant), name) for tenant in (PLATFORM, OTHER) for name in names
    ]
    assert {row["found"] for row in rows} == {"equal"}
    assert rows[0]["position"] == len(log.events)


def test_one_tenant_and_some_read_models_are_chosen(
    log: Log, capsys: pytest.CaptureFixture[str]
) -> None:
    more = ("--tenant", str(OTHER), "--tenant", "platform", "--read-model", "entries", "-o", "json")
    assert main([*HOLDINGS, *more]) == Exit.OK
    assert [(row["tenant"], row["read_model"]) for row in rows_of(capsys)] == [
        (str(tenant), name)
        for tenant in (PLATFORM, OTHER)
        for name in ("wallet_balances_v2", "entries")
    ]
    assert main(["audit", "replay", "--read-model", "wallets"]) == Exit.USAGE
    assert "one of wallet_balances, " in capsys.readouterr().err
    assert main(["audit", "replay", "--tenant", "nobody"]) == Exit.USAGE
    assert len(log.events) > 0


@pytest.mark.usefixtures("log")
def test_an_altered_row_ends_with_three_for_people_and_machines(
    database_url: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    tamper(database_url, f"{RICHER} AND wallet_id = 'wal_bbbb'", PLATFORM)
    assert main([*HOLDINGS]) == Exit.DIFFERENCES
    told = capsys.readouterr()
    assert "1 rows differ" in told.out
    assert "wal_bbbb" in told.out
    assert "1 in wallet_balances_v2" in told.err
    assert main([*HOLDINGS, "-o", "csv"]) == Exit.DIFFERENCES
    whole, cell = csv.DictReader(capsys.readouterr().out.splitlines())
    assert (whole["found"], cell["found"]) == ("1 rows differ", "changed")
    assert (cell["table"], cell["key"]) == ("wallet_balances_v2", "wal_bbbb")
    assert cell["column"] == "available"
    assert int(cell["live"]) == int(cell["replayed"]) + 1
    file = tmp_path / "found.parquet"
    assert main([*HOLDINGS, "-o", "parquet", "--to", str(file)]) == Exit.DIFFERENCES
    assert pl.read_parquet(file).height == 2
    assert main([*HOLDINGS, "--to", str(file)]) == Exit.USAGE


@pytest.mark.usefixtures("log")
def test_a_rebuild_of_one_read_model_is_a_replay(
    database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["projections", "rebuild", "wallet_balances"]) == Exit.OK
    tamper(database_url, f"{RICHER} AND wallet_id = 'wal_bbbb'", OTHER)
    assert main(["projections", "rebuild", "wallet_balances"]) == Exit.DIFFERENCES
    assert "wal_bbbb" in capsys.readouterr().out


def test_a_log_that_contradicts_itself_ends_with_four(
    log: Log, database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    remove = "DELETE FROM defter.events WHERE tenant_id = %s AND position = %s"
    tamper(database_url, remove, PLATFORM, len(log.events) - 3)
    assert main(["audit", "replay"]) == Exit.TAMPERING
    assert f"position {len(log.events) - 3}: missing" in capsys.readouterr().err


def test_what_could_not_be_compared_ends_with_five(
    log: Log, database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    poison = len(log.events) + 1
    store_raw(database_url, PLATFORM, poison, "wallet.transfer_received", LOST)

    async def park() -> None:
        async with await connect(database_url) as connection:
            await catch_up(connection, PLATFORM)

    asyncio.run(park())
    assert main([*HOLDINGS]) == Exit.SOURCE_INCOMPLETE
    told = capsys.readouterr()
    assert "not compared: it stands still at" in told.out
    assert "defter projections list" in told.err
