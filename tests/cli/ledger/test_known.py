"""WLT-13: what was known is asked from the command line, of a service that really runs."""

import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from interfaces.cli.app import main
from interfaces.cli.ledger.known import in_words
from interfaces.cli.remote.client import Client
from interfaces.cli.remote.profiles import Profile
from interfaces.cli.terminal.exits import Exit
from tests.cli.conftest import Running

pytestmark = pytest.mark.row("WLT-13")

END = ("--as-of", "2026-01-31")
RECORDED = {"position": 1234, "recorded_at": "2026-02-02T09:30:00.123456+00:00"}


def test_what_was_asked_is_said_in_words() -> None:
    body = {"known": RECORDED}
    asked = in_words("Balance", body, as_of="2026-10-31", known_at="1234")
    at = "at position 1,234 (2026-02-02 09:30:00 UTC)"
    assert asked == f"Balance on 31 October 2026, as known {at}"
    assert in_words("Balance", body, as_of=None, known_at=None) == f"Balance, as known now, {at}"
    nothing = {"known": {"position": 0, "recorded_at": None}}
    before = in_words("Balance", nothing, as_of=None, known_at="2020-01-01")
    assert before == "Balance, as known before anything was recorded"


def test_a_late_fact_is_left_out_of_what_was_known(
    running_api: Running, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DEFTER_URL", running_api.url)
    monkeypatch.setenv("DEFTER_KEY", running_api.key)
    client = Client(Profile(running_api.url, running_api.key))

    def types(*words: str) -> str:
        assert main(list(words)) == Exit.OK, capsys.readouterr().err
        return capsys.readouterr().out

    def rows(*words: str) -> list[dict[str, object]]:
        return json.loads(types(*words, "-o", "json"))

    opened = client.post("/api/wallet", {"owner": "cus_ada1", "currency": "TRY"})
    wallet = opened.body["wallet_id"]
    known: list[str] = []
    for minor in (1_250, 70):
        body = {"amount": {"minor": minor, "currency": "TRY"}, "effective_on": "2026-01-15"}
        path = f"/api/wallet/{wallet}/top-ups"
        known.append(str(client.post(path, body, idempotency_key=uuid4().hex).position))
    for position, minor in zip(known, (1_250, 1_320), strict=True):
        asked = (*END, "--known-at", position)
        [bank] = rows("ledger", "balance", "bank", *asked)
        assert (bank["currency"], bank["balance_minor"]) == ("TRY", minor)
        [had] = rows("wallet", "balance", wallet, *asked)
        assert (had["available_minor"], had["held_minor"], had["bonus_minor"]) == (minor, 0, 0)
        [listed] = [one for one in rows("ledger", "accounts", *asked) if one["code"] == "bank"]
        assert listed["balance_minor"] == minor
        lines = rows("ledger", "register", "bank", *asked)
        assert [line["amount_minor"] for line in lines] == [1_250, 70][: len(lines)]
        assert sum(row["debit_minor"] for row in rows("ledger", "trial-balance", *asked)) == minor  # type: ignore[misc]
        assert len(rows("wallet", "statement", wallet, *asked)) == len(lines)
    told = " ".join(types("ledger", "balance", "bank", *END, "--known-at", known[0]).split())
    assert f"Balance of bank on 31 January 2026, as known at position {known[0]}" in told
    assert rows("ledger", "balance", "bank", "--known-at", "now") == rows(
        "ledger", "balance", "bank"
    )
    day = f"@{datetime.now(UTC) + timedelta(days=1):%Y-%m-%d}"
    [bank] = rows("ledger", "balance", "bank", *END, "--known-at", day)
    assert bank["balance_minor"] == 1_320
    assert main(["ledger", "balance", "bank", "--known-at", "soon"]) == Exit.REFUSED
    assert "request.invalid" in capsys.readouterr().err
