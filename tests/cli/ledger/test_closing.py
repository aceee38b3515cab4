"""WLT-13: a month is closed from the command line, of a service that really runs."""

import json
from typing import Any
from uuid import uuid4

import pytest

from interfaces.cli.app import main
from interfaces.cli.remote.client import Client
from interfaces.cli.remote.profiles import Profile
from interfaces.cli.terminal.exits import Exit
from tests.cli.conftest import Running

pytestmark = pytest.mark.row("WLT-13")

JANUARY, FEBRUARY = "2026-01", "2026-02"
SALE = {
    "postings": [
        {"account": "bank", "amount": {"minor": 12_50, "currency": "TRY"}},
        {"account": "sales", "amount": {"minor": -12_50, "currency": "TRY"}},
    ],
    "effective_on": "2026-01-15",
}


class Finance:
    """Types commands and reads what they say."""

    def __init__(
        self,
        running: Running,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        self.client = Client(Profile(running.url, running.key))
        self._capsys = capsys
        self._environment = monkeypatch
        monkeypatch.setenv("DEFTER_URL", running.url)
        self.be(running.key)

    def be(self, key: str) -> None:
        self._environment.setenv("DEFTER_KEY", key)

    def types(self, *words: str, ends: Exit = Exit.OK) -> tuple[str, str]:
        ended = main(["ledger", *words])
        told = self._capsys.readouterr()
        assert ended == ends, told.err
        return told.out, told.err

    def months(self) -> dict[str, dict[str, Any]]:
        # A single month is answered from the end of the log: from then on the list holds it too.
        self.client.get(f"/api/ledger/periods/{JANUARY}")
        out, _ = self.types("periods", "-o", "json")
        return {row["period"]: row for row in json.loads(out)}


@pytest.fixture
def finance(
    running_api: Running, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Finance:
    return Finance(running_api, monkeypatch, capsys)


def colleague(finance: Finance) -> str:
    """Give another member of staff a key that closes months."""
    keys = finance.client.get("/api/keys").body["items"]
    other = next(key["staff_id"] for key in keys if key["scopes"] != ["*"])
    body = {"kind": "secret", "staff_id": other, "scopes": ["ledger.read", "ledger.close"]}
    return finance.client.post("/api/keys", body).body["secret"]


def test_a_month_is_shown_closed_listed_and_reopened_by_two_people(finance: Finance) -> None:
    finance.client.post("/api/ledger/entries", SALE, idempotency_key=uuid4().hex)
    out, err = finance.types("close", JANUARY)
    assert "Trial balance as of 2026-01-31" in out
    assert "12.50" in out
    assert "nothing was written" in err
    assert finance.months()[JANUARY]["state"] == "open"

    out, err = finance.types("close", JANUARY, "--apply", "-o", "json")
    assert [line[:3] for line in err.splitlines()] == ["1/2", "2/2"]
    sealed = json.loads(out)
    assert finance.months()[JANUARY]["digest"] == sealed["digest"]
    _, err = finance.types("close", JANUARY, "--apply", ends=Exit.REFUSED)
    assert "ledger.period_sealed" in err
    _, err = finance.types("close", "2026-03", ends=Exit.REFUSED)
    assert "2026-02 has to be sealed before 2026-03" in err

    why = ("--reason", "an invoice was forgotten")
    _, err = finance.types("reopen-request", JANUARY, *why)
    assert "nothing was written" in err
    finance.types("reopen-request", JANUARY, *why, "--apply")
    _, err = finance.types("reopen", JANUARY, "--apply", ends=Exit.REFUSED)
    assert "ledger.own_request" in err
    finance.be(colleague(finance))
    out, _ = finance.types("reopen", JANUARY, "--apply", "-o", "json")
    assert json.loads(out)["state"] == "open"

    # An interrupted closing is taken up again, or cancelled.
    finance.client.post(f"/api/ledger/periods/{JANUARY}/closing", {})
    finance.types("cancel-closing", JANUARY, "--apply")
    assert finance.months()[JANUARY]["state"] == "open"
    finance.client.post(f"/api/ledger/periods/{JANUARY}/closing", {})
    _, err = finance.types("close", JANUARY, "--apply")
    assert "closing already" in err
    assert finance.months()[JANUARY]["state"] == "sealed"


def test_what_is_not_over_is_not_closed(finance: Finance) -> None:
    _, err = finance.types("close", "2999-12", "--apply", ends=Exit.REFUSED)
    assert "2999-12 is not over yet" in err
    _, err = finance.types("close", "October", ends=Exit.USAGE)
    assert "write 2026-10" in err


def test_a_late_top_up_adjusts_its_month(finance: Finance, capsys: Any) -> None:  # noqa: ANN401 - pytest's
    if finance.months().get(JANUARY, {}).get("state") != "sealed":
        finance.types("close", JANUARY, "--apply")
    body = {"owner": "cus_ada1", "currency": "TRY"}
    wallet = finance.client.post("/api/wallet", body).body["wallet_id"]
    top_up = ["wallet", "top-up", wallet, "5", "TRY", "--effective-on", "2026-01-20", "--apply"]
    assert main(top_up) == Exit.REFUSED
    assert "ledger.period_sealed" in capsys.readouterr().err
    assert main([*top_up, "--late", "adjust"]) == Exit.OK
    capsys.readouterr()
    out, _ = finance.types("register", f"wallet.cash:{wallet}", "-o", "json")
    assert [line["adjusts"] for line in json.loads(out)] == [JANUARY]
