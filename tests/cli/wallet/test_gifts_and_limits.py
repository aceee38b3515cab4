"""WLT-04, WLT-08, WLT-11: gift cards, limits and the printed statement on the command line."""

import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from interfaces.cli.app import main
from interfaces.cli.remote.client import Client
from interfaces.cli.remote.profiles import Profile
from interfaces.cli.terminal.exits import Exit
from tests.cli.conftest import Running

Say = Callable[..., Any]


@pytest.fixture
def say(
    running_api: Running, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Say:
    """Say a command of `defter wallet` and read its answer."""
    monkeypatch.setenv("DEFTER_URL", running_api.url)
    monkeypatch.setenv("DEFTER_KEY", running_api.key)

    def run(*words: str) -> Any:  # noqa: ANN401 - whatever the command answers
        capsys.readouterr()
        assert main(["wallet", *words, "-o", "json"]) == Exit.OK, capsys.readouterr().err
        return json.loads(capsys.readouterr().out)

    return run


@pytest.fixture
def client(running_api: Running) -> Client:
    return Client(Profile(running_api.url, running_api.key))


def seen(client: Client, path: str) -> dict[str, Any]:
    """Ask for what the last command, whichever it was, has led to."""
    nothing_new = {"owner": "cus_nobody", "level": "standard"}
    end = client.post("/api/wallet/levels", nothing_new).position
    return client.get(path, min_position=end).body


@pytest.mark.row("WLT-11")
def test_a_card_is_issued_listed_and_voided_and_nothing_happens_without_apply(
    say: Say, client: Client
) -> None:
    next_year = (datetime.now(UTC) + timedelta(days=365)).isoformat()
    issue = ("gift-cards", "issue", "250", "TRY", "--expires-at", next_year)
    assert "card_id" not in say(*issue)
    assert client.get("/api/wallet/gift-cards").body["items"] == []
    made = say(*issue, "--apply", "--idempotency-key", "card-1")
    assert made["code"].endswith(made["hint"].removeprefix("…"))
    assert say(*issue, "--apply", "--idempotency-key", "card-1")["code"] is None
    seen(client, f"/api/wallet/gift-cards/{made['card_id']}")
    (listed,) = say("gift-cards", "list", "--open")
    assert (listed["card_id"], listed["remaining_minor"]) == (made["card_id"], 25_000)
    void = ("gift-cards", "void", made["card_id"], "--reason", "sold twice")
    assert say(*void)["left"] == "250.00 TRY"
    assert seen(client, f"/api/wallet/gift-cards/{made['card_id']}")["status"] == "open"
    say(*void, "--apply")
    assert seen(client, f"/api/wallet/gift-cards/{made['card_id']}")["status"] == "voided"


@pytest.mark.row("WLT-08")
def test_limits_are_set_and_shown_with_what_is_left(say: Say, client: Client) -> None:
    opened = client.post("/api/wallet", {"owner": "cus_elif", "currency": "TRY"})
    wallet = opened.body["wallet_id"]
    body = {"amount": {"minor": 10_000, "currency": "TRY"}}
    client.post(f"/api/wallet/{wallet}/top-ups", body)
    limit = ("limits", "set", "hold", "TRY", "--level", "careful", "--per-day", "75.50")
    assert say(*limit)["per_day"] == "75.50"
    assert seen(client, "/api/wallet/limits")["items"] == []
    say(*limit, "--apply")
    assert say("limits", "level", "cus_elif", "careful")["level"] == "careful"
    say("limits", "level", "cus_elif", "careful", "--apply")
    hold = client.post(
        f"/api/wallet/{wallet}/holds", {"amount": {"minor": 2_000, "currency": "TRY"}}
    )
    client.get(f"/api/wallet/{wallet}/limits", min_position=hold.position)
    (of_level,) = say("limits", "show")
    assert (of_level["level"], of_level["per_day_minor"]) == ("careful", 7_550)
    of_day = say("limits", "show", wallet)[1]
    assert (of_day["used_minor"], of_day["left_minor"]) == (2_000, 5_550)


@pytest.mark.row("WLT-04")
def test_a_statement_is_written_as_pdf(
    say: Say, client: Client, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    del say  # it says where the service is
    opened = client.post("/api/wallet", {"owner": "cus_cem1", "currency": "TRY"})
    wallet = opened.body["wallet_id"]
    body = {"amount": {"minor": 123_456, "currency": "TRY"}}
    entered = client.post(f"/api/wallet/{wallet}/top-ups", body)
    client.get(f"/api/wallet/{wallet}/statement", min_position=entered.position)
    file = tmp_path / "statement.pdf"
    assert main(["wallet", "statement", wallet, "--pdf", str(file)]) == Exit.OK
    text = PdfReader(io.BytesIO(file.read_bytes())).pages[0].extract_text()
    assert "1,234.56" in text
    assert entered.body["entry_id"] in text
    missing = main(["wallet", "statement", "wal_none1", "--pdf", str(file)])
    assert missing == Exit.REFUSED
    assert "wallet.not_found" in capsys.readouterr().err
