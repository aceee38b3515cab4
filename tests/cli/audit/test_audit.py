"""AUD-03: `defter audit` against a service that really runs."""

import json
from pathlib import Path
from typing import Any

import pytest
from psycopg import AsyncConnection

from infrastructure.event_log.keyring import MasterKeys
from infrastructure.identity.signing_keys import SigningKeys, Use
from infrastructure.onboarding import tenant_id_of
from infrastructure.sealing.bundle import verify
from infrastructure.sealing.sealer import Sealer
from interfaces.cli.app import main
from interfaces.cli.terminal.exits import Exit
from tests.cli.conftest import MASTER_KEY, Running
from tests.projections.stepping import until
from tests.sealing.logs import seal

pytestmark = pytest.mark.row("AUD-03")

ADD = ["customers", "add", "--id", "cus_ayse2", "--name", "Ayşe Demir", "--email", "b@a.example"]


@pytest.fixture
def as_finance(running_api: Running, monkeypatch: pytest.MonkeyPatch) -> Running:
    monkeypatch.setenv("DEFTER_URL", running_api.url)
    monkeypatch.setenv("DEFTER_KEY", running_api.key)
    return running_api


def list_of(folder: Path) -> list[Path]:
    return list(folder.iterdir())


async def seal_all(running: Running) -> AsyncConnection[Any]:
    keys = SigningKeys(running.database_url, MasterKeys(MASTER_KEY), use=Use.CHECKPOINT)
    return await seal(running.database_url, tenant_id_of(running.tenant), Sealer(keys))


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

    await (await seal_all(as_finance)).close()
    file = tmp_path / "ayse.zip"
    assert main(["audit", "export", "--object", "cus_ayse2", "--to", str(file)]) == Exit.OK
    assert "check it with verify.py" in capsys.readouterr().err
    assert verify.main([str(file)]) == Exit.OK
    assert capsys.readouterr().out.endswith("SOUND\n")
    assert list_of(tmp_path) == [file]
    nobody = ["audit", "export", "--actor", "stf_nobody", "--to", str(tmp_path / "no.zip")]
    assert main(nobody) == Exit.REFUSED
    assert "audit.nothing_found" in capsys.readouterr().err
    nowhere = ["audit", "export", "--since", "2020-01-01", "--to", str(tmp_path / "no" / "no.zip")]
    assert main(nowhere) == Exit.USAGE
    capsys.readouterr()
    assert list_of(tmp_path) == [file]

    monkeypatch.setenv("DEFTER_KEY", as_finance.auditor_key)
    assert main(["audit", "log"]) == Exit.REFUSED
    monkeypatch.setenv("DEFTER_KEY", as_finance.key)
    refused = ("refusals", "--status", "403", "--route", "/api/audit/log")
    await until(lambda: bool(told(*refused)))
    [one] = told(*refused)
    assert one["code"] == "auth.permission_missing"
