"""AUD-03: an auditor's role is made narrow or not at all, ends when said, and is taken away."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from psycopg import AsyncConnection
from psycopg.errors import AdminShutdown

from infrastructure.audit.database_access import (
    CONNECTIONS_MAX,
    AccessTooWide,
    RoleExists,
    accesses,
    make_role,
    too_wide,
)
from tests.postgres.audited import Books, audited, ended, granted, owner, tenants_in

__all__ = ["audited", "owner"]
pytestmark = pytest.mark.row("AUD-03")


async def test_access_whose_end_has_come_shows_nothing_even_in_an_open_transaction(
    audited: Books, owner: psycopg.Connection
) -> None:
    until = datetime.now(UTC) + timedelta(days=30)
    later = await granted(audited.url, audited.mine, audited.neighbour, "later", until)
    assert owner.execute(
        "SELECT rolvaliduntil, rolconnlimit, rolcanlogin, starts_with(rolpassword, 'SCRAM-SHA-256')"
        " FROM pg_authid WHERE rolname = %s",
        (later.role,),
    ).fetchone() == (until, CONNECTIONS_MAX, True, True)
    with later.look() as look, look.transaction():
        assert tenants_in(look, "defter", "events") == {audited.mine.tenant_id}
        owner.execute(
            "UPDATE defter.auditors SET until = clock_timestamp() WHERE role = %s", (later.role,)
        )
        assert tenants_in(look, "defter", "events") == set()


async def test_revoking_ends_open_sessions_and_the_role(audited: Books) -> None:
    gone = await granted(audited.url, audited.mine, audited.neighbour, "gone")
    with gone.look() as look:
        look.execute("SELECT 1")
        async with await AsyncConnection.connect(audited.url) as owner:
            [mine] = [one for one in await accesses(owner) if one.role == gone.role]
        assert (mine.tenant_id, mine.auditor, mine.sessions) == (gone.mine.tenant_id, "gone", 1)
        assert await ended(audited.url, gone.mine.tenant_id, "gone") == 1
        with pytest.raises(AdminShutdown):
            look.execute("SELECT 1")
    with pytest.raises(psycopg.OperationalError, match=r"does not exist|authentication failed"):
        gone.look()
    with psycopg.connect(audited.url) as owner:
        left = owner.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [gone.role]).fetchall()
    assert left == []
    assert await ended(audited.url, gone.mine.tenant_id, "gone") == 0


async def test_a_role_is_made_once(audited: Books) -> None:
    async with await AsyncConnection.connect(audited.url) as owner:
        with pytest.raises(RoleExists):
            await make_role(owner, audited.mine.tenant_id, "kpmg", None)


PLANTED = {
    "GRANT INSERT ON defter.refusals TO defter_auditor": "it may change defter.refusals",
    "GRANT UPDATE (data) ON defter.events TO PUBLIC": "it may change defter.events",
    "GRANT CREATE ON SCHEMA public TO PUBLIC": "it may make objects in schema public",
    "GRANT EXECUTE ON FUNCTION defter.log_ends() TO PUBLIC": "it may call defter.log_ends()",
    "CREATE SEQUENCE n; GRANT USAGE ON SEQUENCE n TO PUBLIC": "it may set n",
    "GRANT defter_app TO defter_auditor": "it may change",
}


@pytest.mark.parametrize("words", PLANTED)
async def test_a_role_that_could_do_more_is_not_made(audited: Books, words: str) -> None:
    async with await AsyncConnection.connect(audited.url) as owner:
        assert await too_wide(owner, audited.role) == []
        await owner.execute(words.encode())
        assert PLANTED[words] in "\n".join(await too_wide(owner, audited.role))
        with pytest.raises(AccessTooWide):
            await make_role(owner, audited.mine.tenant_id, "wide", None)
        await owner.rollback()
