"""IAM-16: staff are added, get roles, are suspended and come back."""

from typing import Any

import pytest

from tests.http.tenants.conftest import Town

pytestmark = pytest.mark.row("IAM-16")

PATH = "/api/admin/staff"
UMUT = {"name": "Umut Ak", "email": "umut@a.example", "roles": ["auditor"]}
ECE = {"name": "Ece Su", "email": "ece@a.example", "roles": ["tenant_admin"]}
MISSING = (403, "auth.permission_missing")


async def add(town: Town, body: Any = UMUT, **given: str) -> str:  # noqa: ANN401 - JSON
    return (await town.done("POST", PATH, body, **given))["staff_id"]


async def one(town: Town, staff_id: str, **given: str) -> dict[str, Any]:
    headers = {"Defter-Min-Position": town.position} | given
    items = (await town.done("GET", PATH, **headers))["items"]
    (found,) = [item for item in items if item["staff_id"] == staff_id]
    return found


async def test_a_staff_member_is_added_once_and_listed_with_name_and_account(town: Town) -> None:
    once = {"Idempotency-Key": "umut"}
    staff_id = await add(town, **once)
    assert await add(town, **once) == staff_id
    seen = await one(town, staff_id)
    assert seen.pop("added_at")
    assert seen == {
        "staff_id": staff_id,
        "name": "Umut Ak",
        "email": "umut@a.example",
        "roles": ["auditor"],
        "account": True,
        "verified": False,
        "suspended": False,
    }
    first = await town.done("GET", f"{PATH}?limit=1")
    more = await town.done("GET", f"{PATH}?cursor={first['next_cursor']}")
    ids = {item["staff_id"] for item in first["items"] + more["items"]}
    assert ids == {town.shop.staff_id, staff_id}
    others = (await town.done("GET", PATH, key=town.other.key))["items"]
    assert [item["staff_id"] for item in others] == [town.other.staff_id]
    assert await town.code("POST", PATH, UMUT) == (409, "identity.login_taken")
    assert len((await town.done("GET", PATH))["items"]) == 2


async def test_names_are_told_to_those_who_may_know_them(town: Town) -> None:
    staff_id = await add(town)
    body = {"kind": "secret", "scopes": ["identity.read"]}
    blind = (await town.done("POST", "/api/keys", body))["secret"]
    seen = await one(town, staff_id, key=blind)
    assert (seen["name"], seen["email"], seen["roles"]) == (None, None, ["auditor"])


async def test_new_roles_bite_on_the_next_request(town: Town) -> None:
    staff_id = await add(town)
    session = await town.log_in(town.shop, staff_id)
    assert await town.code("POST", PATH, ECE, **session) == MISSING
    path = f"{PATH}/{staff_id}/roles"
    await town.done("PUT", path, {"roles": ["tenant_admin"]})
    await add(town, ECE, **session)
    await town.done("PUT", path, {"roles": ["auditor"]}, **session)
    assert await town.code("PUT", path, {"roles": ["tenant_admin"]}, **session) == MISSING


@pytest.mark.parametrize(
    ("roles", "code"),
    [
        (["nobody"], (404, "identity.role_not_found")),
        (["customer"], (422, "identity.roles_do_not_fit")),
        (["platform_admin"], (403, "auth.scope_exceeded")),
        ([], (422, "request.invalid")),
        (["Auditor"], (422, "request.invalid")),
    ],
)
async def test_refuses_roles_that_do_not_fit(
    town: Town, roles: list[str], code: tuple[int, str]
) -> None:
    assert await town.code("POST", PATH, UMUT | {"roles": roles}) == code
    staff_id = await add(town)
    assert await town.code("PUT", f"{PATH}/{staff_id}/roles", {"roles": roles}) == code


async def test_nobody_gives_a_role_that_may_do_more_than_they(town: Town) -> None:
    body = {"kind": "secret", "scopes": ["identity.manage"]}
    poor = (await town.done("POST", "/api/keys", body))["secret"]
    assert await town.code("POST", PATH, UMUT, key=poor) == (403, "auth.scope_exceeded")


async def test_the_platform_s_staff_may_be_platform_admins_over_all_tenants(town: Town) -> None:
    body = ECE | {"roles": ["platform_admin"]}
    staff_id = await add(town, body, key=town.platform.key)
    session = await town.log_in(town.platform, staff_id)
    assert len((await town.done("GET", "/api/platform/tenants", **session))["items"]) == 3
    last = await town.code("PUT", f"{PATH}/{staff_id}/roles", {"roles": ["auditor"]}, **session)
    assert last == (409, "identity.last_admin")


async def test_the_last_tenant_admin_stays_and_nobody_suspends_themselves(town: Town) -> None:
    ece = await add(town, ECE)
    roles, reason = {"roles": ["auditor"]}, {"reason": "left"}
    assert await town.code("PUT", f"{PATH}/{ece}/roles", roles) == (409, "identity.last_admin")
    refused = await town.code("POST", f"{PATH}/{ece}/suspension", reason)
    assert refused == (409, "identity.last_admin")
    assert not (await one(town, ece))["suspended"]
    umut = await add(town, UMUT | {"roles": ["tenant_admin"]})
    session = await town.log_in(town.shop, umut)
    own = await town.code("POST", f"{PATH}/{umut}/suspension", reason, **session)
    assert own == (403, "identity.own_account")
    await one(town, umut)  # the list of admins has seen both
    await town.done("PUT", f"{PATH}/{ece}/roles", roles, **session)
    mine = f"{PATH}/{town.shop.staff_id}/suspension"
    assert await town.code("POST", mine, reason) == (403, "tenants.own_suspension")


async def test_a_suspended_staff_member_neither_logs_in_nor_uses_their_keys(town: Town) -> None:
    umut = await add(town)
    session = await town.log_in(town.shop, umut)
    body = {"kind": "secret", "staff_id": umut, "scopes": ["wallet.read"]}
    key = (await town.done("POST", "/api/keys", body))["secret"]
    path, reason = f"{PATH}/{umut}", {"reason": "left"}
    for _ in range(2):
        assert await town.done("POST", f"{path}/suspension", reason) == {"staff_id": umut}
    assert await town.code("GET", "/api/wallet", **session) == (401, "auth.session_ended")
    suspended = (403, "identity.account_suspended")
    # No key was used before, so none is remembered.
    assert await town.code("GET", "/api/wallet", key=key) == suspended
    assert (await one(town, umut))["suspended"]
    for _ in range(2):
        assert await town.done("POST", f"{path}/reactivation", {}) == {"staff_id": umut}
    answer = await town.elsewhere.get("/api/wallet", headers={"X-API-Key": key})
    assert answer.status_code == 200
    assert not (await one(town, umut))["suspended"]


async def test_staff_of_another_tenant_are_as_absent_as_none(town: Town) -> None:
    umut = await add(town)
    account = {"email": "x@a.example", "roles": ["auditor"]}
    for staff_id in (umut, "stf_nobody1"):
        path, key = f"{PATH}/{staff_id}", town.other.key
        for method, what, body, code in (
            ("PUT", "roles", {"roles": ["auditor"]}, "identity.account_not_found"),
            ("POST", "suspension", {"reason": "x"}, "tenants.staff_not_found"),
            ("POST", "reactivation", {}, "tenants.staff_not_found"),
            ("POST", "account", account, "tenants.staff_not_found"),
        ):
            assert await town.code(method, f"{path}/{what}", body, key=key) == (404, code)


async def test_a_staff_member_who_only_has_keys_gets_an_account(town: Town) -> None:
    path = f"{PATH}/{town.shop.staff_id}/account"
    body = {"email": "ada@a.example", "roles": ["finance"]}
    assert await town.done("POST", path, body) == {"person_id": town.shop.staff_id}
    assert (await one(town, town.shop.staff_id))["roles"] == ["finance"]
    assert await town.code("POST", path, body) == (409, "identity.account_exists")


async def test_a_customer_gets_an_account_with_the_address_of_their_record(town: Town) -> None:
    ada = {"name": "Ada", "email": "Ada@A.example", "customer_id": "cus_ada1"}
    await town.done("POST", "/api/customers", ada)
    await town.done("POST", "/api/customers", {"customer_id": "cus_bora"})
    position = {"Defter-Min-Position": town.position}
    await town.done("GET", "/api/customers", **position)
    made = await town.done("POST", "/api/customers/cus_ada1/account", {})
    assert made == {"person_id": "cus_ada1"}
    session = await town.log_in(town.shop, "cus_ada1")
    assert (await town.ask("GET", "/api/customers/cus_ada1", **session)).status_code == 200
    for customer, code in (
        ("cus_ada1", (409, "identity.account_exists")),
        ("cus_bora", (422, "identity.login_needed")),
        ("cus_nobody", (404, "users.customer_not_found")),
    ):
        assert await town.code("POST", f"/api/customers/{customer}/account", {}) == code
