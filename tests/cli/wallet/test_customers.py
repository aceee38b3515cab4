"""`defter customers` against a service that really runs."""

import json
from typing import Any

import pytest

from interfaces.cli.app import main
from interfaces.cli.terminal.exits import Exit
from tests.cli.conftest import Running
from tests.projections.stepping import until

ADD = ["customers", "add", "--id", "cus_ayse1", "--name", "Ayşe Demir", "--email", "a@a.example"]


@pytest.fixture
def as_finance(running_api: Running, monkeypatch: pytest.MonkeyPatch) -> Running:
    monkeypatch.setenv("DEFTER_URL", running_api.url)
    monkeypatch.setenv("DEFTER_KEY", running_api.key)
    return running_api


async def test_a_customer_is_registered_when_it_is_said_so_and_then_shown(
    as_finance: Running, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def told(*words: str) -> Any:  # noqa: ANN401 - JSON
        assert main([*words, "-o", "json"]) == Exit.OK
        return json.loads(capsys.readouterr().out)

    told(*ADD)
    assert told("customers", "list") == []
    assert told(*ADD, "--apply")["customer_id"] == "cus_ayse1"
    await until(lambda: bool(told("customers", "list")))
    seen = told("customers", "show", "cus_ayse1")
    assert (seen["name"], seen["email"]) == ("Ayşe Demir", "a@a.example")
    [listed] = told("customers", "list")
    assert listed.items() <= seen.items()
    assert main([*ADD, "--apply"]) == Exit.REFUSED
    assert "users.customer_exists" in capsys.readouterr().err
    monkeypatch.setenv("DEFTER_KEY", as_finance.auditor_key)
    assert main(["customers", "list"]) == Exit.REFUSED
