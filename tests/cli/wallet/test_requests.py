"""Finance works through the requests from the command line (WLT-06, WLT-07)."""

import asyncio
import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from application.wallet.wallets import ChooseScheme
from domain.wallet.scheme import SchemeMode
from infrastructure.event_log.keyring import MasterKeys
from infrastructure.event_log.writing.writer import Writer
from infrastructure.onboarding import order, tenant_id_of
from interfaces.cli.app import main
from interfaces.cli.remote.client import Client
from interfaces.cli.remote.profiles import Profile
from interfaces.cli.terminal.exits import Exit
from tests.cli.conftest import MASTER_KEY, MASTER_KEY_TEXT, Running

pytestmark = [pytest.mark.row("WLT-06"), pytest.mark.row("WLT-07")]

IBAN = "TR330006100519786457841326"
LIRA = {"currency": "TRY"}
Command = Callable[..., Any]


@pytest.fixture(scope="module")
def shop(running_api: Running) -> Client:
    """A licensed shop, seen by the staff member who enters requests."""

    async def license_it() -> None:
        writer = Writer(running_api.database_url, MasterKeys(MASTER_KEY))
        await writer.start()
        chosen = ChooseScheme(SchemeMode.LICENSED)
        await order(writer, tenant_id_of(running_api.tenant), chosen, command_id=uuid4())
        await writer.stop()

    asyncio.run(license_it())
    return Client(Profile(running_api.url, running_api.key))


@pytest.fixture
def defter(
    running_api: Running,
    shop: Client,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Command:
    """Run `defter` as another staff member and give what it wrote as JSON."""
    monkeypatch.setenv("DEFTER_MASTER_KEYS", MASTER_KEY_TEXT)
    monkeypatch.setenv("REDIS_URL", running_api.redis_url)
    keys = shop.get("/api/keys").body["items"]
    other = next(key["staff_id"] for key in keys if key["scopes"] == ["wallet.read"])
    made = ["keys", "issue", running_api.tenant, "--staff", other, "--scope", "*"]
    assert main([*made, "--database-url", running_api.database_url]) == Exit.OK
    monkeypatch.setenv("DEFTER_URL", running_api.url)
    monkeypatch.setenv("DEFTER_KEY", capsys.readouterr().out.splitlines()[-1])

    def run(*words: str, code: Exit = Exit.OK) -> Any:  # noqa: ANN401 - JSON
        assert main([*words, "-o", "json"]) == code
        return json.loads(capsys.readouterr().out)

    return run


def wallet_with(shop: Client, minor: int) -> str:
    owner = f"cus_{uuid4().hex[:12]}"
    wallet: str = shop.post("/api/wallet", LIRA | {"owner": owner}).body["wallet_id"]
    shop.post(f"/api/wallet/{wallet}/top-ups", {"amount": LIRA | {"minor": minor}})
    return wallet


def ask(shop: Client, wallet: str, what: str, minor: int, **body: str) -> str:
    """Ask, and wait until the read model knows."""
    asked = {"amount": LIRA | {"minor": minor}} | body
    answer = shop.post(f"/api/wallet/{wallet}/{what}", asked)
    name: str = answer.body["request_id"]
    shop.get(f"/api/wallet/requests/{name}", min_position=answer.position)
    return name


def test_requests_are_listed_and_decided_but_not_without_apply(
    shop: Client, defter: Command
) -> None:
    wallet = wallet_with(shop, 500)
    good = ask(shop, wallet, "topup-requests", 250, reference="EFT 1")
    bad = ask(shop, wallet, "topup-requests", 99)
    listed = defter("wallet", "requests", "--wallet", wallet)
    assert [(one["request_id"], one["amount_minor"]) for one in listed] == [(good, 250), (bad, 99)]
    assert listed[0]["age"].endswith(" s")
    assert good in {one["request_id"] for one in defter("wallet", "requests")}
    (dry,) = defter("wallet", "approve", good)
    assert dry["state"] == "pending"
    assert shop.get(f"/api/wallet/requests/{good}").body["state"] == "pending"
    (done,) = defter("wallet", "approve", good, "--apply")
    assert done["outcome"] == "approved"
    (said,) = defter("wallet", "reject", bad, "--reason", "no such EFT", "--apply")
    assert said["outcome"] == "rejected"


def test_one_refusal_does_not_keep_the_others_from_being_decided(
    shop: Client, defter: Command
) -> None:
    wallet = wallet_with(shop, 500)
    decided = ask(shop, wallet, "topup-requests", 1)
    waiting = ask(shop, wallet, "topup-requests", 2)
    defter("wallet", "reject", decided, "--apply")
    found = defter("wallet", "approve", decided, waiting, "--apply", code=Exit.REFUSED)
    assert "wallet.request_not_pending" in found[0]["outcome"]
    assert found[1]["outcome"] == "approved"


def test_withdrawals_go_to_the_bank_in_a_file_and_are_noted(
    shop: Client, defter: Command, tmp_path: Path
) -> None:
    wallet = wallet_with(shop, 1_000)
    names = [ask(shop, wallet, "withdrawals", 100 + n, iban=IBAN) for n in range(2)]
    defter("wallet", "approve", *names, "--apply")
    file = tmp_path / "payouts.csv"
    ask(shop, wallet, "topup-requests", 1)  # what came before it is known then, too
    assert main(["wallet", "payouts", "--currency", "TRY", "--to", str(file)]) == Exit.OK
    with file.open(newline="") as table:
        rows = [row for row in csv.DictReader(table) if row["request_id"] in names]
    assert [(row["iban"], row["amount"]) for row in rows] == [(IBAN, "1.00"), (IBAN, "1.01")]
    assert file.stat().st_mode & 0o077 == 0
    paid = defter("wallet", "paid", *names, "--bank-reference", "EFT 9", "--apply")
    assert [one["outcome"] for one in paid] == ["paid", "paid"]
    (back,) = defter("wallet", "bounced", names[0], "--reason", "closed", "--apply")
    assert back["outcome"] == "bounced"


def test_a_threshold_is_shown_and_set(defter: Command) -> None:
    assert defter("wallet", "threshold") == []
    (dry,) = defter("wallet", "threshold", "TRY", "500")
    assert dry["above_minor"] == 50_000
    assert defter("wallet", "threshold") == []
    (done,) = defter("wallet", "threshold", "TRY", "0", "--apply")
    assert done["above_minor"] == 0


@pytest.mark.row("WLT-12")
def test_an_adjustment_is_asked_for_and_another_approves_it(
    shop: Client, defter: Command, running_api: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    wallet = wallet_with(shop, 500)
    asked = ["wallet", "adjust", wallet, "2.50", "--direction", "debit", "--code", "correction"]
    asked += ["--reason", "credited twice"]
    dry = defter(*asked)
    assert (dry["debit"], dry["available"]) == ("2.50 TRY", "5.00")
    assert defter("wallet", "requests", "--wallet", wallet) == []
    with monkeypatch.context() as maker:
        maker.setenv("DEFTER_KEY", running_api.key)
        name = defter(*asked, "--apply")["request_id"]
        ask(shop, wallet, "topup-requests", 1)  # what came before it is known then, too
        (no,) = defter("wallet", "approve", name, "--apply", code=Exit.REFUSED)
        assert "wallet.own_request" in no["outcome"]
    listed = defter("wallet", "requests", "--wallet", wallet)[0]
    told = (listed["kind"], listed["direction"], listed["reason_code"], listed["reference"])
    assert told == ("adjustment", "debit", "correction", "credited twice")
    (done,) = defter("wallet", "approve", name, "--apply")
    assert done["outcome"] == "approved"
    ask(shop, wallet, "topup-requests", 1)
    left = shop.get(f"/api/wallet/{wallet}").body
    assert (left["available"]["minor"], left["held"]["minor"]) == (250, 0)
