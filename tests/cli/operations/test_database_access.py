"""AUD-03: an operator lets an auditor into the database, and out again; the log holds both."""

import base64
import json
from collections.abc import Callable, Generator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from infrastructure.audit.database_access import role_of
from infrastructure.onboarding import tenant_id_of
from interfaces.cli.app import main
from interfaces.cli.terminal.exits import Exit

pytestmark = pytest.mark.row("AUD-03")

Says = Callable[..., str]
SHOP = ("--base-currency", "TRY", "--time-zone", "Europe/Istanbul")
SLUG = f"shop-{uuid4().hex[:8]}"
"""Roles are named after the tenant and belong to the server, which other runs use too."""
KPMG = (SLUG, "kpmg")


@pytest.fixture
def says(
    database_url: str,
    redis_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Generator[Says]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("REDIS_URL", redis_url)
    monkeypatch.setenv("DEFTER_MASTER_KEYS", base64.b64encode(bytes(32)).decode())

    def run(*words: str, code: Exit = Exit.OK) -> str:
        ended = main(words)
        told = capsys.readouterr()
        assert ended == code, told.err
        return told.out if code is Exit.OK and told.out else told.err

    run("tenants", "create", SLUG, "--name", "Kitap Evi", *SHOP)
    yield run
    role = role_of(tenant_id_of(SLUG), "kpmg")
    with psycopg.connect(database_url, autocommit=True) as owner:
        owner.execute(f"DROP ROLE IF EXISTS {role}".encode())


def told_in_the_log(database_url: str) -> list[tuple[str, str, str | None]]:
    with psycopg.connect(database_url) as owner:
        return owner.execute(
            "SELECT type, meta ->> 'actor', data ->> 'until' FROM defter.events_json"
            " WHERE stream = 'auditor-kpmg' ORDER BY position"
        ).fetchall()


def test_without_apply_nothing_is_made(says: Says, database_url: str) -> None:
    assert "add --apply" in says("audit", "access", "grant", *KPMG)
    assert told_in_the_log(database_url) == []
    assert json.loads(says("audit", "access", "list", "-o", "json")) == []


def test_an_auditor_is_let_in_sees_the_log_and_is_let_out(says: Says, database_url: str) -> None:
    granted = ("audit", "access", "grant", *KPMG, "--until", "2199-12-31", "--apply")
    address = says(*granted).strip()
    assert conninfo_to_dict(address)["host"] == conninfo_to_dict(database_url)["host"]
    with psycopg.connect(address, autocommit=True) as look:
        assert look.execute("SELECT type FROM events ORDER BY position LIMIT 1").fetchone() == (
            "ledger.books_opened",
        )
        [row] = json.loads(says("audit", "access", "list", "--tenant", SLUG, "-o", "json"))
        assert (row["auditor"], row["sessions"]) == ("kpmg", 1)
        assert row["until"].startswith("2200-01-01")
        assert "audit.access_exists" in says(*granted, code=Exit.REFUSED)
        assert "1 open sessions" in says("audit", "access", "revoke", *KPMG, "--apply")
        with pytest.raises(psycopg.errors.AdminShutdown):
            look.execute("SELECT 1")
    assert told_in_the_log(database_url) == [
        ("audit.access_granted", "sys_operator", "2200-01-01T00:00:00Z"),
        ("audit.access_revoked", "sys_operator", None),
    ]
    assert "0 open sessions" in says("audit", "access", "revoke", *KPMG, "--apply")
    assert len(told_in_the_log(database_url)) == 2


def test_a_role_that_was_lost_is_revoked_and_granted_again(says: Says, database_url: str) -> None:
    says("audit", "access", "grant", *KPMG, "--apply")
    role = role_of(tenant_id_of(SLUG), "kpmg")
    with psycopg.connect(database_url, autocommit=True) as owner:
        owner.execute(f"DROP ROLE {role}".encode())
    says("audit", "access", "grant", *KPMG, "--apply", code=Exit.REFUSED)
    says("audit", "access", "revoke", *KPMG, "--apply")
    assert role in says("audit", "access", "grant", *KPMG, "--apply")


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("nobody", "kpmg"), Exit.USAGE, "there is no tenant 'nobody'"),
        ((SLUG, "Ada Lovelace"), Exit.REFUSED, "audit.auditor_name_invalid"),
        ((SLUG, "kpmg", "--until", "2020-01-01"), Exit.REFUSED, "audit.access_ended"),
        ((SLUG, "kpmg", "--until", "tomorrow"), Exit.USAGE, "'tomorrow' is no day"),
        ((SLUG, "kpmg", "--until", "9999-12-31"), Exit.USAGE, "is no day"),
        (("platform", "kpmg"), Exit.REFUSED, "audit.platform_not_shown"),
    ],
)
def test_what_can_not_be_is_refused_and_leaves_no_role(
    says: Says, database_url: str, words: tuple[str, ...], code: Exit, told: str
) -> None:
    assert told in says("audit", "access", "grant", *words, "--apply", code=code)
    with psycopg.connect(database_url) as owner:
        assert owner.execute("SELECT count(*) FROM defter.auditors").fetchone() == (0,)
        left = owner.execute(
            "SELECT count(*) FROM pg_roles WHERE rolname = ANY(%s)",
            ([role_of(tenant_id_of(words[0]), words[1])],),
        )
        assert left.fetchone() == (0,)


def test_who_never_had_access_can_not_lose_it(says: Says) -> None:
    told = says("audit", "access", "revoke", *KPMG, "--apply", code=Exit.REFUSED)
    assert "audit.auditor_not_found" in told
