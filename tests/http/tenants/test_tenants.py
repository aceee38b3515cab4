"""TEN-01 and TEN-04: the platform's staff create and suspend tenants, and nobody else does."""

import asyncio
import time
from typing import Any

import pytest

from domain.tenants.standing import PlatformStays
from infrastructure.tenants.directory import KEY_CACHE_SECONDS
from tests.http.conftest import PATIENCE_SECONDS
from tests.http.tenants.conftest import Town

pytestmark = pytest.mark.row("TEN-01")

PATH = "/api/platform/tenants"
NEW = {
    "slug": "kitap-evi",
    "name": "Kitap Evi",
    "base_currency": "TRY",
    "time_zone": "Europe/Istanbul",
    "test": True,
    "admin": {"name": "Ayşe Demir", "email": "ayse@kitap.example"},
}


async def test_a_new_tenant_has_books_an_admin_with_an_account_and_keys_that_work(
    town: Town,
) -> None:
    once = {"Idempotency-Key": "kitap"}
    made = await town.done("POST", PATH, NEW, key=town.platform.key, **once)
    key = made["secret_key"]
    assert (await town.done("GET", "/api/ledger/accounts", key=key))["items"]
    admin = await _with_account(town, key)
    assert admin["staff_id"] == made["admin_id"]
    assert (admin["name"], admin["email"]) == ("Ayşe Demir", "ayse@kitap.example")
    assert (admin["roles"], admin["account"]) == (["tenant_admin"], True)
    assert made["publishable_key"].startswith("dpk_test_")

    again = await town.ask("POST", PATH, NEW, key=town.platform.key, **once)
    assert again.headers["idempotent-replay"] == "true"
    assert again.json() == made | {"secret_key": None, "publishable_key": None}
    taken = await town.code("POST", PATH, NEW, key=town.platform.key)
    assert taken == (409, "tenants.exists")
    reused = await town.code("POST", PATH, NEW | {"name": "Another"}, key=town.platform.key, **once)
    assert reused == (422, "request.idempotency_key_reused")
    assert (await town.done("GET", f"{PATH}/{made['tenant_id']}", key=town.platform.key)) | {
        "created_at": ""
    } == {
        "tenant_id": made["tenant_id"],
        "slug": "kitap-evi",
        "name": "Kitap Evi",
        "test": True,
        "suspended": False,
        "created_at": "",
    }


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"slug": "Kitap Evi"}, "request.invalid"),
        ({"slug": "platform"}, "tenants.exists"),
        ({"slug": "shop"}, "tenants.exists"),
        ({"time_zone": "Europe/Atlantis"}, "ledger.unknown_time_zone"),
        ({"base_currency": "ZZZ"}, "request.invalid"),
        ({"admin": {"name": "Ada", "email": "nobody"}}, "request.invalid"),
        ({"admin": None}, "request.invalid"),
    ],
)
async def test_refuses_wrong_particulars(town: Town, wrong: dict[str, object], code: str) -> None:
    answer = await town.code("POST", PATH, NEW | wrong, key=town.platform.key)
    assert answer[1] == code


async def test_tenants_are_listed_by_pages(town: Town) -> None:
    key = town.platform.key
    first = await town.done("GET", f"{PATH}?limit=2", key=key)
    more = await town.done("GET", f"{PATH}?cursor={first['next_cursor']}", key=key)
    assert [one["slug"] for one in first["items"] + more["items"]] == ["other", "platform", "shop"]
    nobody = f"{PATH}/00000000-0000-4000-8000-00000000dead"
    assert await town.code("GET", nobody, key=key) == (404, "tenants.not_found")
    assert await town.code("GET", f"{PATH}/shop", key=key) == (404, "request.path_not_found")


async def test_no_tenant_s_key_reaches_all_tenants_whatever_its_scopes_say(town: Town) -> None:
    missing = (403, "auth.permission_missing")
    one = f"{PATH}/{town.other.tenant_id}"
    assert await town.code("GET", PATH) == missing
    assert await town.code("POST", PATH, NEW) == missing
    assert await town.code("POST", f"{one}/suspension", {"reason": "x"}) == missing
    wanted = {"kind": "secret", "scopes": ["tenants.manage"]}
    assert await town.code("POST", "/api/keys", wanted) == (403, "auth.scope_exceeded")
    # The platform's own key may hand it on.
    made = await town.done("POST", "/api/keys", wanted, key=town.platform.key)
    assert (await town.done("GET", PATH, key=made["secret"]))["items"]
    revoke = f"/api/keys/{made['key_id']}/revocation"
    assert await town.code("POST", revoke, {}, key=made["secret"]) == missing


async def test_a_suspended_tenant_is_shut_on_all_routes_and_comes_back(town: Town) -> None:
    one, key = f"{PATH}/{town.shop.tenant_id}", town.platform.key
    suspended = (403, "tenant.suspended")
    assert (await town.ask("GET", "/api/wallet")).status_code == 200
    await town.done("POST", f"{one}/suspension", {"reason": "unpaid"}, key=key)
    await _until(town, suspended)
    for path in ("/api/wallet", "/api/keys", "/api/admin/roles", "/api/settings/cors"):
        for credential in (town.shop.key, town.shop.publishable):
            assert await town.code("GET", path, key=credential) == suspended
    assert await town.code("POST", f"{one}/suspension", {"reason": "x"}, key=key) == (
        409,
        "tenants.suspended",
    )
    listed = (await town.done("GET", PATH, key=key))["items"]
    assert [one["slug"] for one in listed if one["suspended"]] == ["shop"]
    assert (await town.ask("GET", "/api/wallet", key=town.other.key)).status_code == 200
    await town.done("POST", f"{one}/reactivation", {}, key=key)
    await _until(town, (200, ""))
    own = f"{PATH}/{town.platform.tenant_id}/suspension"
    assert await town.code("POST", own, {"reason": "x"}, key=key) == (403, PlatformStays.code)


async def _with_account(town: Town, key: str) -> dict[str, Any]:
    """Give the only staff member once their account, which stands in another log, is seen."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        (admin,) = (await town.done("GET", "/api/admin/staff", key=key))["items"]
        if admin["account"] or time.monotonic() > deadline:
            return admin
        await asyncio.sleep(0.01)


async def _until(town: Town, expected: tuple[int, str]) -> None:
    """Ask until the key's record has been looked up anew, which takes a second at most."""
    asked = time.monotonic()
    while True:
        answer = await town.ask("GET", "/api/wallet")
        if (answer.status_code, answer.json().get("code", "")) == expected:
            return
        assert time.monotonic() < asked + 2 * KEY_CACHE_SECONDS, answer.text
