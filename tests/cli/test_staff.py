"""`defter staff`, `roles`, `settings` and `tenants` against a service that really runs."""

import json
from typing import Any

import pytest

from interfaces.cli.app import main
from interfaces.cli.terminal.exits import Exit
from tests.cli.conftest import MASTER_KEY_TEXT, Running

pytestmark = pytest.mark.row("IAM-16")

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def as_admin(running_api: Running, monkeypatch: pytest.MonkeyPatch) -> Running:
    monkeypatch.setenv("DEFTER_URL", running_api.url)
    monkeypatch.setenv("DEFTER_KEY", running_api.key)
    monkeypatch.setenv("DATABASE_URL", running_api.database_url)
    monkeypatch.setenv("REDIS_URL", running_api.redis_url)
    monkeypatch.setenv("DEFTER_MASTER_KEYS", MASTER_KEY_TEXT)
    return running_api


def told(capsys: Capture, *words: str) -> Any:  # noqa: ANN401 - JSON
    assert main([*words, "-o", "json"]) == Exit.OK
    return json.loads(capsys.readouterr().out)


def done(capsys: Capture, *words: str) -> str:
    assert main(list(words)) == Exit.OK
    assert "--apply" in capsys.readouterr().err
    assert main([*words, "--apply"]) == Exit.OK
    return capsys.readouterr().out


@pytest.mark.usefixtures("as_admin")
def test_staff_are_invited_get_roles_and_are_suspended_when_it_is_said_so(
    capsys: Capture,
) -> None:
    done(capsys, "roles", "define", "desk", "--title", "Desk", "--permission", "wallet.read")
    invited = done(capsys, "staff", "invite", "Ece Su", "ece@a.example", "--role", "desk")
    staff_id = invited.split()[1]
    assert "auditor" in done(capsys, "staff", "roles", staff_id, "--role", "auditor")
    done(capsys, "staff", "suspend", staff_id, "--reason", "left")
    seen = {one["staff_id"]: one for one in told(capsys, "staff", "list")}[staff_id]
    assert (seen["name"], seen["suspended"]) == ("Ece Su", True)
    done(capsys, "staff", "reactivate", staff_id)
    roles = {one["role"]: one["permissions"] for one in told(capsys, "roles", "list")}
    assert roles["desk"] == "wallet.read"
    done(capsys, "roles", "remove", "desk")
    assert main(["roles", "remove", "desk", "--apply"]) == Exit.REFUSED
    assert "identity.role_not_found" in capsys.readouterr().err
    assert {one["permission"] for one in told(capsys, "roles", "permissions")} > {"wallet.read"}


@pytest.mark.usefixtures("as_admin")
def test_settings_are_set_one_by_one(capsys: Capture) -> None:
    group = ("settings", "set", "branding")
    done(capsys, *group, "display_name=Kitap Evi")
    done(capsys, *group, "logo_url=https://kitap.example/a.svg")
    seen = told(capsys, "settings", "show", "branding")
    assert (seen["display_name"], seen["logo_url"]) == ("Kitap Evi", "https://kitap.example/a.svg")
    done(capsys, "settings", "set", "security", "session_days=7")
    assert told(capsys, "settings", "show", "security")["session_days"] == 7
    assert main(["settings", "set", "security", "session_days"]) == Exit.USAGE


@pytest.mark.row("TEN-01")
def test_a_platform_admin_suspends_a_tenant_and_lets_it_back(
    as_admin: Running, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["tenants", "list"]) == Exit.REFUSED
    assert "auth.permission_missing" in capsys.readouterr().err
    assert main(["platform-admin", "add", "Ece Su"]) == Exit.OK
    lines = capsys.readouterr().out.split()
    monkeypatch.setenv("DEFTER_KEY", next(word for word in lines if word.startswith("dsk_live_")))
    slug = as_admin.tenant
    done(capsys, "tenants", "suspend", slug, "--reason", "unpaid")
    suspended = [one["slug"] for one in told(capsys, "tenants", "list") if one["suspended"]]
    assert suspended == [slug]
    done(capsys, "tenants", "reactivate", slug)
    assert main(["tenants", "suspend", "nobody", "--reason", "x"]) == Exit.USAGE
