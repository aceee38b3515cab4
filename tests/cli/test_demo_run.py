"""The demo against a service that really runs, held to totals that know nothing of Defter."""

import json
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from infrastructure.onboarding import tenant_id_of
from interfaces.cli.app import main
from interfaces.cli.demo.run import run
from interfaces.cli.remote.client import Client
from interfaces.cli.remote.profiles import Profile
from interfaces.cli.terminal.exits import Exit
from tests.cli.conftest import MASTER_KEY_TEXT, Running, Service, with_tenant
from tests.cli.retail_by_hand import totals_of

WITH_DIRT = Path(__file__).with_name("retail_with_dirt.csv")


@pytest.fixture(scope="module")
def running_api(service: Service) -> Running:
    return with_tenant(service, f"retail-{uuid4().hex[:8]}", currency="GBP")


@pytest.fixture(scope="module")
def sent(running_api: Running) -> Running:
    tally = run(WITH_DIRT, Profile(running_api.url, running_api.key))
    assert not tally.refused
    return running_api


def client(running: Running) -> Client:
    return Client(Profile(running.url, running.key))


def balances(running: Running) -> dict[str, int]:
    body: dict[str, Any] = client(running).get("/api/ledger/trial-balance").body
    assert body["balanced"]
    return {line["code"]: line["balance"] for line in body["items"]}


def test_the_trial_balance_is_what_csv_and_decimal_give(sent: Running) -> None:
    by_hand = totals_of(WITH_DIRT)
    sales, credited = by_hand.sales.total(), by_hand.credits.total()
    found = balances(sent)
    assert found == {
        "bank": sales,
        "sales": -sales,
        "sales.returns": credited,
        "wallet.cash": -credited,
        "wallet.held": 0,
    }


def test_each_customer_has_the_credits_and_nothing_held(sent: Running) -> None:
    by_hand = totals_of(WITH_DIRT)
    wallets = client(sent).get("/api/wallet", limit=500).body["items"]
    available: Counter[str] = Counter(
        {one["owner"].removeprefix("cus_retail"): one["available"]["minor"] for one in wallets}
    )
    assert set(available) == set(by_hand.sales) | set(by_hand.credits)
    assert +available == by_hand.credits
    assert not any(one["held"]["minor"] for one in wallets)


def test_sales_count_on_the_day_of_their_invoice(sent: Running) -> None:
    answer = client(sent).get("/api/ledger/trial-balance", as_of="2010-12-01")
    first_day = {line["code"]: line["balance"] for line in answer.body["items"]}
    assert first_day["sales"] == -(2886 + 2)


def test_a_second_run_changes_nothing(sent: Running, capsys: pytest.CaptureFixture[str]) -> None:
    before = balances(sent)
    run(WITH_DIRT, Profile(sent.url, sent.key))
    assert "grew by 0 events" in capsys.readouterr().out
    assert balances(sent) == before


def test_a_run_with_another_key_is_refused_before_money_comes_twice(
    sent: Running, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEFTER_MASTER_KEYS", MASTER_KEY_TEXT)
    monkeypatch.setenv("REDIS_URL", sent.redis_url)
    made = ["keys", "issue", sent.tenant, "--staff", _second_person(sent), "--scope", "*"]
    assert main([*made, "--database-url", sent.database_url]) == Exit.OK
    key = capsys.readouterr().out.splitlines()[-1]
    before = balances(sent)
    code = main(["demo", str(WITH_DIRT), "--url", sent.url, "--key", key])
    assert code == Exit.REFUSED
    assert "another key has sent this file" in capsys.readouterr().err
    assert balances(sent) == before


def _second_person(running: Running) -> str:
    keys = client(running).get("/api/keys").body["items"]
    return next(key["staff_id"] for key in keys if key["scopes"] == ["wallet.read"])


def test_the_books_are_proven_from_the_log(
    sent: Running, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["ledger", "verify", "--database-url", sent.database_url, "-o", "jsonl"]
    assert main(command) == Exit.OK
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {one["found"] for one in found} == {"sound"}
    ours = str(tenant_id_of(sent.tenant))
    assert [one["wallets"] for one in found if one["tenant"] == ours] == [
        len(client(sent).get("/api/wallet", limit=500).body["items"])
    ]


def test_beside_a_local_service_the_shop_gets_a_tenant_of_its_own(
    running_api: Running,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("REDIS_URL", raising=False)
    served = {
        "url": running_api.url,
        "database_url": running_api.database_url,
        "redis_url": running_api.redis_url,
    }
    (tmp_path / "serving.json").write_text(json.dumps(served))
    (tmp_path / "first-tenant.json").write_text(json.dumps({"master_key": MASTER_KEY_TEXT}))
    before = balances(running_api)
    command = ["demo", str(WITH_DIRT), "--data", str(tmp_path)]
    assert main(command) == Exit.OK
    assert main(command) == Exit.OK
    assert "grew by 0 events" in capsys.readouterr().out
    assert balances(running_api) == before
    books = ["ledger", "trial-balance", "--profile", "retail", "-o", "jsonl"]
    assert main(books) == Exit.OK
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {line["currency"] for line in lines} == {"GBP"}
    bank = next(line for line in lines if line["code"] == "bank")
    assert Decimal(bank["debit"]) * 100 == totals_of(WITH_DIRT).sales.total()


def test_without_a_service_the_demo_says_what_to_start(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["demo", str(WITH_DIRT), "--data", str(tmp_path)]) == Exit.USAGE
    assert "start `defter serve`" in capsys.readouterr().err


@pytest.mark.row("INV-06")
def test_articles_are_products_with_their_prices_over_time_and_what_was_sold(
    sent: Running,
) -> None:
    told = client(sent).get("/api/admin/products/prd_retail85123A").body
    assert (told["status"], told["name"]) == ("published", "White hanging heart")
    history = "/api/admin/products/variants/var_retail85123A/price-history"
    changes = client(sent).get(history).body["items"]
    assert [one["at"][:10] for one in changes][-1] == "2010-12-01"
    [variant] = told["variants"]
    assert variant["available"] > 0
