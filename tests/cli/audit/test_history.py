"""AUD-03: `defter audit log`, `show`, `at`, `diff` and `blame`, as an auditor reads a fraud."""

import asyncio
import csv
import io
import json
from typing import Any, NamedTuple

import httpx
import polars as pl
import psycopg
import pytest

from infrastructure.onboarding import tenant_id_of
from interfaces.cli.app import main
from interfaces.cli.terminal.exits import Exit
from tests.cli.conftest import Running
from tests.projections.stepping import until

pytestmark = pytest.mark.row("AUD-03")

ADA = "wal_ada00001"
HOLD = "hld_theft001"
DAY_LIMIT = "most.standard.hold/TRY.per_day"


class Story(NamedTuple):
    """Where the log stood before the limit was raised, after the money was held, and at its end."""

    before: int
    stolen: int
    after: int


@pytest.fixture(scope="module")
def story(running_api: Running) -> Story:
    """Raise a limit, hold what a customer has, lower the limit again."""
    positions: list[int] = []

    def post(path: str, body: dict[str, Any]) -> None:
        key = f"story-{len(positions)}"
        headers = {"X-API-Key": running_api.key, "Idempotency-Key": key}
        answer = httpx.post(f"{running_api.url}{path}", json=body, headers=headers)
        assert answer.is_success, answer.text
        positions.append(int(answer.headers["defter-position"]))

    def limit(minor: int) -> None:
        body = {"kind": "hold", "currency": "TRY", "per_day_minor": minor}
        post("/api/wallet/limits", body)

    post("/api/wallet", {"owner": "cus_ada1", "currency": "TRY", "wallet_id": ADA})
    lira = {"currency": "TRY"}
    post(f"/api/wallet/{ADA}/top-ups", {"amount": lira | {"minor": 900_000}})
    limit(50_000)
    limit(800_000)
    held = {"hold_id": HOLD, "amount": lira | {"minor": 750_000}}
    post(f"/api/wallet/{ADA}/holds", held)
    limit(50_001)
    return Story(positions[2], positions[4], positions[5])


@pytest.fixture
def told(
    running_api: Running, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Any:  # noqa: ANN401 - a function
    monkeypatch.setenv("DEFTER_URL", running_api.url)
    monkeypatch.setenv("DEFTER_KEY", running_api.key)

    def run(*words: object, output: str = "json", code: Exit = Exit.OK) -> Any:  # noqa: ANN401 - JSON
        ended = main(["audit", *map(str, words), "-o", output])
        written = capsys.readouterr()
        assert ended == code, written.err
        if code is not Exit.OK:
            return written.err
        if output == "csv":
            return [*csv.DictReader(io.StringIO(written.out))]
        return json.loads(written.out) if output == "json" else written.out + written.err

    return run


async def test_the_log_is_one_line_an_event_and_shows_the_money(told: Any, story: Story) -> None:  # noqa: ANN401
    await until(lambda: bool(told("log", "--from", story.after)))
    stolen = ("log", "--min-amount", "7500 TRY", "--stream", f"wallet-{ADA}")
    theft, top_up = told(*stolen)
    assert (theft["type"], theft["moved"]) == ("wallet.funds_held", "7500.00 TRY")
    assert top_up["type"] == "wallet.funds_topped_up"
    lines = told(*stolen, "--type", "wallet.funds_held", output="table").splitlines()
    assert [word for word in lines[-2].replace("│", "").split() if word != theft["actor"]] == [
        str(theft["position"]),
        theft["recorded_at"],
        "wallet.funds_held",
        f"wallet-{ADA}",
        "7,500.00",
        "TRY",
    ]
    whole = told(*stolen, "-v", output="table")
    assert all(word in whole for word in (theft["command_id"], theft["event_id"], "127.0.0.1"))
    assert told(*stolen, output="csv")[0]["command"] == "wallet.place_hold"
    [command] = told(
        "log", "--commands", "--from", story.before + 2, "--to-position", story.stolen, "--moved"
    )
    assert command["streams"] == f"hold-{HOLD} limit_usage-cus_ada1 wallet-{ADA}"
    wrong = told("log", "--min-amount", "7500", code=Exit.USAGE)
    assert "write --min-amount '1000 TRY'" in wrong


async def test_the_theft_is_shown_whole(told: Any, story: Story) -> None:  # noqa: ANN401
    await until(lambda: bool(told("log", "--from", story.after)))
    [theft] = told("log", "--type", "wallet.funds_held")
    text = told("show", theft["position"], output="table")
    assert f"What it changed in wallet-{ADA}" in text
    rows = [line.replace("│", "").split() for line in text.splitlines()]
    assert ["available.minor", "900000", "150000"] in rows
    assert [f"wallet.held:{ADA}", "TRY", "-7,500.00"] in rows
    assert told("show", theft["event_id"])["position"] == theft["position"]
    assert "audit.event_not_found" in told("show", 10**9, code=Exit.REFUSED)


CHANGED = """
ALTER TABLE defter.events DISABLE TRIGGER append_only;
UPDATE defter.events SET data = convert_to(replace(convert_from(data, 'UTF8'), '{}', '{}'), 'UTF8')
WHERE tenant_id = '{}' AND position = {};
ALTER TABLE defter.events ENABLE ALWAYS TRIGGER append_only;
"""


async def test_an_event_that_can_not_be_ends_the_look_as_tampering_does(
    told: Any,  # noqa: ANN401
    story: Story,
    running_api: Running,
) -> None:
    await until(lambda: bool(told("log", "--from", story.after)))
    [top_up] = told("log", "--type", "wallet.funds_topped_up", "--stream", f"wallet-{ADA}")
    at, minors = top_up["position"], ("-900000", "-900001")
    tenant_id = tenant_id_of(running_api.tenant)
    with psycopg.connect(running_api.database_url, autocommit=True) as owner:
        owner.execute(CHANGED.format(*minors, tenant_id, at).encode())
        try:
            said = told("show", at, output="table", code=Exit.TAMPERING)
        finally:
            owner.execute(CHANGED.format(*reversed(minors), tenant_id, at).encode())
    assert "can not have been written: postings do not sum to zero" in said
    assert "`defter audit verify` tells where it begins" in said
    assert told("show", at)["impossible"] is None


async def test_what_was_there_before_and_what_became_of_it(told: Any, story: Story) -> None:  # noqa: ANN401
    await until(lambda: bool(told("log", "--from", story.after)))
    before = told("at", story.before, f"wallet-{ADA}", output="csv")
    assert {"field": "available.minor", "value": "900000"} in before
    now = told("at", "now", f"wallet-{ADA}", "--from-scratch")
    assert (now["state"]["available"]["minor"], now["rests_on"]) == (150_000, None)
    [row] = told("at", story.before, "--read-model", "wallet_balances", "--key", ADA)
    assert row["available"] == 900_000
    shown = told("at", story.before, "--read-model", "wallet_balances", output="table")
    assert "--table shows wallet_bonus_lots_v2, wallet_standings_v2 as well" in shown
    none = told("at", "now", code=Exit.USAGE)
    assert "name one of the two" in none
    assert "audit.place_ahead" in told("at", 10**9, f"wallet-{ADA}", code=Exit.REFUSED)

    changed = told("diff", story.before, story.stolen, f"wallet-{ADA}", output="csv")
    assert [[*row.values()] for row in changed] == [
        [f"wallet-{ADA}", "available.minor", "900000", "150000"],
        [f"wallet-{ADA}", "held.minor", "0", "750000"],
        [f"wallet-{ADA}", "version", "2", "3"],
        [f"wallet.cash:{ADA}", "TRY", "-900000", "-150000"],
        [f"wallet.held:{ADA}", "TRY", "0", "-750000"],
    ]
    text = told("diff", story.before, story.stolen, output="table")
    rows = [line.replace("│", "").split() for line in text.splitlines()]
    assert [f"wallet.held:{ADA}", "TRY", "0.00", "-7,500.00"] in rows
    both = told("diff", story.before, story.stolen)
    assert [len(both[name]) for name in ("streams", "balances")] == [4, 2]
    some = told("diff", story.before, story.stolen, "--limit", 1, output="table")
    assert "only 1 are shown; --limit shows more" in some


async def test_who_changed_the_limit(told: Any, story: Story, tmp_path: Any) -> None:  # noqa: ANN401
    await until(lambda: bool(told("log", "--from", story.after)))
    [now] = told("blame", "wallet_limits-main", DAY_LIMIT)
    assert (now["before"], now["after"]) == (800_000, 50_001)
    assert (now["position"], now["command"]) == (story.after, "wallet.set_limits")
    [then] = told("blame", "wallet_limits-main", DAY_LIMIT, "--at", story.stolen)
    assert (then["before"], then["after"]) == (50_000, 800_000)
    file = tmp_path / "blame.parquet"
    assert told("blame", f"wallet-{ADA}", "--to", file, output="parquet") == ""
    rows = pl.read_parquet(file).to_dicts()
    assert {row["field"]: row["after"] for row in rows}["owner"] == "cus_ada1"


def test_rows_of_then_are_derived_here_as_the_service_derives_them(
    told: Any,  # noqa: ANN401 - a function
    story: Story,
    running_api: Running,
) -> None:
    asyncio.run(until(lambda: bool(told("log", "--from", story.after))))
    where = ("--tenant", running_api.tenant, "--database-url", running_api.database_url)
    for place in (story.before, story.stolen, story.after):
        here = told("rows", place, "wallet_balances", *where)
        assert here == told("at", place, "--read-model", "wallet_balances")
        assert [row["wallet_id"] for row in here] == [ADA]
    assert told("rows", "now", "wallet_balances", "--key", "wal_b", *where) == []
    unknown = told("rows", "now", "wallet_balance", *where, code=Exit.USAGE)
    assert "there are" in unknown
    assert "wallet_balances" in unknown
    assert "is no place" in told("rows", "then", "wallet_balances", *where, code=Exit.USAGE)
    assert "the log ends at" in told("rows", 10**9, "wallet_balances", *where, code=Exit.USAGE)
    table = told("rows", "now", "wallet_balances", "--table", "none", *where, code=Exit.USAGE)
    assert "it has wallet_balances" in table
