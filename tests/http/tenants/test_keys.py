"""TEN-03: API keys, as their tenant issues, rotates and uses them."""

import re
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from infrastructure.tenants.api_keys import hash_of, well_formed
from tests.http.tenants.conftest import Town

pytestmark = pytest.mark.row("TEN-03")

READER = {"kind": "secret", "scopes": ["wallet.read"]}


async def test_a_key_has_a_prefix_and_a_checksum_and_only_its_hash_is_kept(
    town: Town, database_url: str
) -> None:
    made = await town.done("POST", "/api/keys", READER)
    secret = made["secret"]
    assert re.fullmatch(r"dsk_test_[0-9A-Za-z]{38}", secret)
    assert well_formed(secret)
    assert not well_formed(secret[:-1] + ("a" if secret[-1] != "a" else "b"))
    with psycopg.connect(database_url) as owner:
        tables = owner.execute(
            "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables"
            " WHERE schemaname IN ('defter', 'read_models')"
        ).fetchall()
        dump = "".join(
            row[0]
            for (table,) in tables
            for row in owner.execute(f"SELECT t::text FROM {table} t").fetchall()  # type: ignore[arg-type]  # noqa: S608 - names of our own
        )
    hidden = secret.encode().hex()
    assert hash_of(secret.encode()) in dump
    assert secret not in dump
    assert hidden not in dump


async def test_scopes_bound_a_key_and_no_key_hands_out_more_than_it_has(town: Town) -> None:
    reader = (await town.done("POST", "/api/keys", READER))["secret"]
    assert (await town.ask("GET", "/api/wallet", key=reader)).status_code == 200
    missing = (403, "auth.permission_missing")
    assert await town.code("POST", "/api/keys", READER, key=reader) == missing
    maker = READER | {"scopes": ["keys.manage", "wallet.read"]}
    poor = (await town.done("POST", "/api/keys", maker))["secret"]
    await town.done("POST", "/api/keys", READER, key=poor)
    exceeded = (403, "auth.scope_exceeded")
    for scopes in (["*"], ["ledger.read"], ["wallet.read", "tenants.manage"]):
        assert (
            await town.code("POST", "/api/keys", READER | {"scopes": scopes}, key=poor) == exceeded
        )


async def test_a_tenant_admin_who_logged_in_hands_out_everything_a_tenant_has(town: Town) -> None:
    body = {"name": "Ece", "email": "ece@a.example", "roles": ["tenant_admin"]}
    staff_id = (await town.done("POST", "/api/admin/staff", body))["staff_id"]
    session = await town.log_in(town.shop, staff_id)
    made = await town.done("POST", "/api/keys", READER | {"scopes": ["*"]}, **session)
    assert made["secret"]


async def test_an_expired_key_and_one_from_elsewhere_do_not_work(town: Town) -> None:
    past = {"expires_at": (datetime.now(UTC) - timedelta(hours=1)).isoformat()}
    expired = (await town.done("POST", "/api/keys", READER | past))["secret"]
    assert await town.code("GET", "/api/wallet", key=expired) == (401, "auth.key_expired")
    far = {"networks": ["198.51.100.0/24"]}
    bound = (await town.done("POST", "/api/keys", READER | far))["secret"]
    assert await town.code("GET", "/api/wallet", key=bound) == (401, "auth.network_refused")


async def test_both_keys_of_a_rotation_work_until_the_old_one_is_revoked(town: Town) -> None:
    old = await town.done("POST", "/api/keys", READER)
    path = f"/api/keys/{old['key_id']}"
    new = await town.done("POST", f"{path}/rotation", {"overlap_hours": 1})
    for secret in (old["secret"], new["secret"]):
        assert (await town.ask("GET", "/api/wallet", key=secret)).status_code == 200
    await town.done("POST", f"{path}/revocation", {})
    # The other process has never seen it, and so remembers nothing.
    headers = {"X-API-Key": old["secret"]}
    refused = await town.elsewhere.get("/api/wallet", headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (401, "auth.key_revoked")
    assert (await town.ask("GET", "/api/wallet", key=new["secret"])).status_code == 200
