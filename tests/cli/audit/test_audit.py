"""AUD-03: `defter audit` against a service that really runs."""

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from interfaces.cli.app import main
from interfaces.cli.terminal.exits import Exit
from tests.cli.conftest import Running
from tests.projections.stepping import until

pytestmark = pytest.mark.row("AUD-03")

ADD = ["customers", "add", "--id", "cus_ayse2", "--name", "Ayşe Demir", "--email", "b@a.example"]


@pytest.fixture
def as_finance(running_api: Running, monkeypatch: pytest.MonkeyPatch) -> Running:
    monkeypatch.setenv("DEFTER_URL", running_api.url)
    monkeypatch.setenv("DEFTER_KEY", running_api.key)
    return running_api


async def test_an_auditor_lists_shows_and_takes_along(
    as_finance: Running,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    def told(*words: str) -> Any:  # noqa: ANN401 - JSON
        assert main(["audit", *words, "-o", "json"]) == Exit.OK, capsys.readouterr().err
        return json.loads(capsys.readouterr().out)

    assert main([*ADD, "--apply"]) == Exit.OK
    capsys.readouterr()
    asked = ("log", "--object", "cus_ayse2")
    await until(lambda: bool(told(*asked)))
    [change] = told(*asked)
    assert (change["command"], change["ip"]) == ("users.register_customer", "127.0.0.1")
    event = told("show", str(change["position"]))
    assert (event["data"]["name"], event["before"]) == ("Ayşe Demir", None)
    assert main(["audit", "show", str(change["position"])]) == Exit.OK
    assert "What it changed in customer-cus_ayse2" in capsys.readouterr().out
    assert main(["audit", "log", "--limit", "1", "-o", "csv"]) == Exit.OK
    assert len(capsys.readouterr().out.splitlines()) == 2

    file = tmp_path / "changes.zip"
    assert main(["audit", "export", "--object", "cus_ayse2", "--to", str(file)]) == Exit.OK
    names = set(zipfile.ZipFile(file).namelist())
    assert names == {"audit.jsonl", "manifest.json", "manifest.jws"}

    monkeypatch.setenv("DEFTER_KEY", as_finance.auditor_key)
    assert main(["audit", "log"]) == Exit.REFUSED
    monkeypatch.setenv("DEFTER_KEY", as_finance.key)
    refused = ("refusals", "--status", "403", "--route", "/api/audit/log")
    await until(lambda: bool(told(*refused)))
    [one] = told(*refused)
    assert one["code"] == "auth.permission_missing"
