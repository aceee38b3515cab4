"""Operators rotate and retire the keys that sign access tokens; finance sets step-up limits."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from interfaces.cli.app import main
from interfaces.cli.terminal.exits import Exit
from tests.cli.conftest import MASTER_KEY_TEXT, Running

pytestmark = pytest.mark.row("IAM-04")

Command = Callable[..., tuple[int, str, str]]
WHO = {"email": "ada@ada.example", "password": "nine-otters-paint-the-harbour"}


@pytest.fixture
def defter(
    running_api: Running, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    """Run `defter` and give its exit code and what it wrote."""
    monkeypatch.setenv("DEFTER_MASTER_KEYS", MASTER_KEY_TEXT)
    monkeypatch.setenv("DATABASE_URL", running_api.database_url)
    monkeypatch.setenv("REDIS_URL", running_api.redis_url)
    monkeypatch.setenv("DEFTER_URL", running_api.url)
    monkeypatch.setenv("DEFTER_KEY", running_api.key)

    def run(*words: str) -> tuple[int, str, str]:
        code = main(words)
        told = capsys.readouterr()
        return code, told.out, told.err

    return run


def listed(defter: Command) -> list[dict[str, Any]]:
    code, told, _ = defter("identity", "signing-keys", "-o", "json")
    assert code == Exit.OK
    return json.loads(told)


def test_a_rotation_ends_no_session_and_a_retired_key_is_gone(
    running_api: Running, defter: Command
) -> None:
    headers = {"X-API-Key": running_api.key}
    with httpx.Client(base_url=running_api.url, headers=headers, timeout=30) as client:
        assert client.post("/api/users", json=WHO | {"name": "Ada"}).status_code == 201
        token = client.post("/api/auth/login", json=WHO).json()["access_token"]
        [first] = listed(defter)
        code, told, said = defter("identity", "rotate-signing-key")
        assert (code, told, "--apply" in said) == (Exit.OK, "", True)
        assert [first] == listed(defter)
        assert defter("identity", "rotate-signing-key", "--apply")[0] == Exit.OK
        second, old = listed(defter)
        assert (second["signs"], old["signs"], old["kid"]) == ("yes", "", first["kid"])
        bearer = {"Authorization": f"Bearer {token}"}
        assert client.get("/api/auth/sessions", headers=bearer).status_code == 200
    assert defter("identity", "retire-signing-key", first["kid"])[0] == Exit.OK
    assert len(listed(defter)) == 2
    assert defter("identity", "retire-signing-key", first["kid"], "--apply")[0] == Exit.OK
    assert listed(defter) == [second]
    code, _, said = defter("identity", "retire-signing-key", first["kid"], "--apply")
    assert (code, "no key" in said) == (Exit.USAGE, True)


def test_a_step_up_limit_is_shown_and_set(defter: Command) -> None:
    step_up = ("wallet", "step-up")
    assert json.loads(defter(*step_up, "-o", "json")[1]) == []
    code, _, said = defter(*step_up, "TRY", "1000")
    assert (code, "--apply" in said) == (Exit.OK, True)
    assert json.loads(defter(*step_up, "-o", "json")[1]) == []
    code, told, _ = defter(*step_up, "TRY", "1000", "--apply", "-o", "json")
    assert code == Exit.OK
    assert [one["above_minor"] for one in json.loads(told)] == [100_000]
