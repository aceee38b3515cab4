"""AUD-01: what was refused to whom is kept, costs nobody who is let in, and goes after 400 days."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from prometheus_client import Counter

from infrastructure.audit.refusals import PRUNED_AFTER_DAYS, WAITING_MAX, Refusals, Refused
from infrastructure.schedules.pruning import ROWS_AT_ONCE_MAX
from tests.http.audit.audited import audited, shop, written_refusals
from tests.http.conftest import PEER, Api
from tests.http.fakes import TENANT, NotedRefusals, PlainHashes
from tests.http.test_whole import Caller

__all__ = ["audited", "shop"]
pytestmark = pytest.mark.row("AUD-01")


def refused(n: int = 0, *, at: datetime | None = None) -> Refused:
    now = at or datetime.now(UTC)
    told = ("stf_1", None, None, "GET", "/api/x", 403, "auth.permission_missing")
    return Refused(TENANT, now, *told, f"req_{n}", PEER)


def keeping(url: str, *, waiting_max: int = WAITING_MAX) -> tuple[Refusals, Counter]:
    dropped = Counter("dropped", "in a test", registry=None)
    return Refusals(url, PlainHashes().hash, dropped, waiting_max=waiting_max), dropped


def count(url: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT count(*) FROM defter.refusals").fetchone()
    assert row is not None
    return row[0]


async def test_refused_requests_are_listed_with_who_and_why(audited: Api) -> None:
    caller = Caller(audited)
    poor = {"X-API-Key": audited.key(scopes=("wallet.read",), staff_id="stf_umut")}
    assert (await caller.get("/api/audit", **poor)).status_code == 403
    assert (await caller.get("/api/wallet/wal_nowhere", **poor)).status_code == 404
    gone = {"X-API-Key": audited.key(revoked=True, staff_id="stf_gone")}
    assert (await caller.get("/api/wallet/wal_nowhere", **gone)).status_code == 401
    assert (await caller.get("/api/wallet?limit=0")).status_code == 422
    await written_refusals(audited)
    listed = (await caller.get("/api/audit/refusals")).json()["items"]
    told = [(one["actor"], one["status"], one["code"]) for one in listed]
    assert told[1:] == [
        ("stf_gone", 401, "auth.key_revoked"),
        ("stf_umut", 404, "wallet.not_found"),
        ("stf_umut", 403, "auth.permission_missing"),
    ]
    assert listed[2]["route"] == "/api/wallet/{wallet_id}"
    assert len({one["address_hash"] for one in listed}) == 1
    assert PEER not in str(listed)

    async def codes(asked: str) -> list[str]:
        answer = await caller.get(f"/api/audit/refusals?{asked}")
        assert answer.status_code == 200, answer.text
        return [one["code"] for one in answer.json()["items"]]

    assert await codes("actor=stf_gone") == ["auth.key_revoked"]
    assert await codes("status=403") == ["auth.permission_missing"]
    assert await codes("code=wallet.not_found&route=/api/wallet/{wallet_id}") == [
        "wallet.not_found"
    ]
    assert await codes("since=2099-01-01T00:00:00Z") == []
    assert await codes("until=2020-01-01T00:00:00Z") == []
    assert await codes("on_behalf_of=cus_none") == []
    first = (await caller.get("/api/audit/refusals?limit=3")).json()
    rest = await caller.get(f"/api/audit/refusals?limit=3&cursor={first['next_cursor']}")
    assert [*first["items"], *rest.json()["items"]] == listed


async def test_who_is_let_in_and_who_is_unknown_leave_no_refusal(api: Api) -> None:
    kept = api.services.refusals
    assert isinstance(kept, NotedRefusals)
    assert (await api.transfer()).status_code == 201
    assert (await api.client.get("/api/wallet")).status_code == 401
    assert (await api.client.get("/api/nowhere")).status_code == 404
    assert kept.noted == []
    assert (await api.transfer(amount={"minor": 0, "currency": "TRY"})).status_code == 422
    assert [one.code for one in kept.noted] == ["request.invalid"]


async def test_beyond_the_limit_refusals_are_counted_and_not_kept(
    database_url: str,
) -> None:
    kept, dropped = keeping(database_url, waiting_max=3)
    for n in range(5):
        kept.note(refused(n))
    await kept.close()
    assert count(database_url) == 3
    [metric] = dropped.collect()
    assert metric.samples[0].value == 2


async def test_what_can_not_be_written_waits_for_the_next_time(database_url: str) -> None:
    kept, _ = keeping(database_url)
    kept.note(refused())
    with psycopg.connect(database_url, autocommit=True) as owner:
        owner.execute("ALTER TABLE defter.refusals RENAME TO away")
        with pytest.raises(psycopg.Error):
            await kept.flush()
        owner.execute("ALTER TABLE defter.away RENAME TO refusals")
    await kept.close()
    assert count(database_url) == 1


async def test_refusals_are_never_changed_and_go_only_when_they_are_old(database_url: str) -> None:
    old = datetime.now(UTC) - timedelta(days=PRUNED_AFTER_DAYS + 1)
    kept, _ = keeping(database_url)
    kept.note(refused(1, at=old))
    kept.note(refused(2))
    await kept.close()
    with psycopg.connect(database_url, autocommit=True) as owner:
        owner.execute("INSERT INTO defter.log_head VALUES (%s)", (TENANT,))
        for statement in ("UPDATE defter.refusals SET code = ''", "DELETE FROM defter.refusals"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                owner.execute(statement.encode())
        owner.execute("SET ROLE defter_app")
        pruned = owner.execute(
            "SELECT defter.prune_old_refusals(%s)", (ROWS_AT_ONCE_MAX,)
        ).fetchone()
        assert pruned == (1,)
        unseen = owner.execute("SELECT count(*) FROM defter.refusals").fetchone()
        assert unseen == (0,), "no tenant is set"
    assert count(database_url) == 1
