"""IAM-15 and IAM-16: roles of a tenant's own, and the catalogue of permissions."""

import pytest

from application.permissions import MEANINGS, Permission
from domain.identity.roles import BuiltIn
from tests.http.tenants.conftest import Town

pytestmark = [pytest.mark.row("IAM-15"), pytest.mark.row("IAM-16")]

DESK = {"title": "Wallet desk", "permissions": ["wallet.read", "identity.self"]}


def test_every_permission_says_in_one_sentence_what_it_allows() -> None:
    assert MEANINGS.keys() == set(Permission)
    assert all(text.endswith(".") for text in MEANINGS.values())


async def test_built_in_roles_are_listed_and_stay_as_they_are(town: Town) -> None:
    listed = (await town.done("GET", "/api/admin/roles"))["items"]
    assert {one["role"] for one in listed if one["built_in"]} == set(BuiltIn) - {"platform_admin"}
    admin = next(one for one in listed if one["role"] == "tenant_admin")
    assert admin["title"] == "Tenant admin"
    assert "tenants.manage" not in admin["permissions"]
    for role in BuiltIn:
        path = f"/api/admin/roles/{role.value}"
        assert await town.code("PUT", path, DESK) == (409, "identity.role_built_in")
        assert await town.code("DELETE", path) == (409, "identity.role_built_in")
    platform = (await town.done("GET", "/api/admin/roles", key=town.platform.key))["items"]
    assert "platform_admin" in {one["role"] for one in platform}


async def test_the_catalogue_tells_what_a_tenant_can_give(town: Town) -> None:
    listed = (await town.done("GET", "/api/admin/permissions"))["items"]
    names = {one["permission"] for one in listed}
    assert names == {one.value for one in Permission if one.of_tenants}
    mine = await town.done("GET", "/api/admin/permissions", key=town.platform.key)
    assert len(mine["items"]) == len(Permission)


async def test_a_role_is_defined_redefined_and_removed(town: Town) -> None:
    path = "/api/admin/roles/wallet_desk"
    assert await town.done("PUT", path, DESK) == {"role": "wallet_desk"}
    await town.done("PUT", path, DESK | {"title": "Desk", "permissions": ["wallet.read"]})
    own = [
        one for one in (await town.done("GET", "/api/admin/roles"))["items"] if not one["built_in"]
    ]
    assert own == [
        {"role": "wallet_desk", "title": "Desk", "built_in": False, "permissions": ["wallet.read"]}
    ]
    elsewhere = (await town.done("GET", "/api/admin/roles", key=town.other.key))["items"]
    assert all(one["built_in"] for one in elsewhere)
    await town.done("DELETE", path)
    assert await town.code("DELETE", path) == (404, "identity.role_not_found")


async def test_refuses_permissions_that_are_none_or_no_tenant_s_or_not_the_caller_s(
    town: Town,
) -> None:
    path = "/api/admin/roles/wallet_desk"
    unknown = DESK | {"permissions": ["wallet.steal"]}
    assert await town.code("PUT", path, unknown) == (422, "request.invalid")
    everyones = DESK | {"permissions": ["tenants.manage"]}
    assert await town.code("PUT", path, everyones) == (403, "auth.scope_exceeded")
    refused = await town.code("PUT", path, everyones, key=town.platform.key)
    assert refused == (422, "identity.role_invalid")
    body = {"kind": "secret", "scopes": ["identity.roles", "wallet.read"]}
    poor = (await town.done("POST", "/api/keys", body))["secret"]
    assert await town.code("PUT", path, DESK, key=poor) == (403, "auth.scope_exceeded")
    await town.done("PUT", path, DESK | {"permissions": ["wallet.read"]}, key=poor)


async def test_a_changed_role_bites_on_the_next_request_on_every_process(town: Town) -> None:
    path = "/api/admin/roles/wallet_desk"
    await town.done("PUT", path, DESK)
    body = {"name": "Umut", "email": "umut@a.example", "roles": ["wallet_desk"]}
    staff_id = (await town.done("POST", "/api/admin/staff", body))["staff_id"]
    given = await town.log_in(town.shop, staff_id)
    headers = {"X-API-Key": given["key"], "Authorization": given["Authorization"]}
    for process in (town.client, town.elsewhere):
        assert (await process.get("/api/wallet", headers=headers)).status_code == 200
    await town.done("PUT", path, DESK | {"permissions": ["identity.self"]})
    for process in (town.client, town.elsewhere):
        refused = await process.get("/api/wallet", headers=headers)
        assert refused.json()["code"] == "auth.permission_missing"
    await town.done("PUT", path, DESK)
    assert (await town.elsewhere.get("/api/wallet", headers=headers)).status_code == 200
    await town.done("DELETE", path)
    assert (await town.elsewhere.get("/api/wallet", headers=headers)).status_code == 403
