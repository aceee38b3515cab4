"""WLT-03, WLT-09, WLT-12 on the command line: nothing is written without --apply."""

import json
from typing import Any

import pytest

from interfaces.cli.app import main
from interfaces.cli.remote.client import Client
from interfaces.cli.remote.profiles import Profile
from interfaces.cli.terminal.exits import Exit
from tests.cli.conftest import Running

pytestmark = [pytest.mark.row(code) for code in ("WLT-03", "WLT-09", "WLT-12")]

ADA = "wal_ada1"


@pytest.fixture(autouse=True)
def profile(running_api: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEFTER_URL", running_api.url)
    monkeypatch.setenv("DEFTER_KEY", running_api.key)


class Terminal:
    """Runs commands on Ada's wallet and reads what they wrote."""

    def __init__(self, running: Running, capsys: pytest.CaptureFixture[str]) -> None:
        self._client = Client(Profile(running.url, running.key))
        self._capsys = capsys
        self._client.post("/api/wallet", {"owner": "cus_ada1", "currency": "TRY", "wallet_id": ADA})

    def run(self, *words: str, code: Exit = Exit.OK) -> str:
        assert main(["wallet", *words]) == code, self._capsys.readouterr().err
        told = self._capsys.readouterr()
        return told.out if code is Exit.OK else told.err

    def wallet(self) -> dict[str, Any]:
        position = self._client.get("/api/events", after=0, limit=500).body[-1]["position"]
        return self._client.get(f"/api/wallet/{ADA}", min_position=position).body


def test_a_wallet_s_bonus_and_standing_are_changed_and_shown(
    running_api: Running, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal = Terminal(running_api, capsys)
    terminal.wallet()
    grant = ("grant-bonus", ADA, "12.50", "TRY", "--campaign", "spring")
    assert "not granted" in terminal.run(*grant)
    assert terminal.wallet()["bonus"]["minor"] == 0
    granted = json.loads(terminal.run(*grant, "--apply", "-o", "json"))
    assert terminal.wallet()["bonus"]["minor"] == 1_250
    shown = terminal.run("show", ADA)
    assert "12.50" in shown
    assert granted["lot_id"] in shown
    (row,) = json.loads(terminal.run("show", ADA, "-o", "json"))
    assert (row["bonus_minor"], row["status"]) == (1_250, "open")
    assert [lot["campaign"] for lot in row["bonus_lots"]] == ["spring"]

    freeze = ("freeze", ADA, "--reason", "stolen")
    assert "before freeze" in terminal.run(*freeze)
    assert terminal.wallet()["status"] == "open"
    terminal.run(*freeze, "--apply")
    assert terminal.wallet()["status"] == "frozen"
    assert "(wallet.frozen)" in terminal.run(*freeze, "--apply", code=Exit.REFUSED)
    terminal.run("unfreeze", ADA, "--apply")
    assert terminal.wallet()["status"] == "open"
    assert "(wallet.not_empty)" in terminal.run("close", ADA, "--apply", code=Exit.REFUSED)
