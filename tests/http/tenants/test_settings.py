"""TEN-02 and SEC-13: settings of a tenant, as its staff and the rest of the service see them."""

import time

import pytest

from domain.tenants.settings import Cors, Security
from infrastructure.tenants.settings import SETTINGS_CACHE_SECONDS, TenantOrigins
from tests.http.tenants.conftest import Town

pytestmark = [pytest.mark.row("TEN-02"), pytest.mark.row("SEC-13")]

DEFAULTS: dict[str, dict[str, object]] = {
    "branding": {"display_name": None, "support_email": None, "logo_url": None, "shop_url": None},
    "locale": {"languages": ["tr", "en"], "default": "tr"},
    "cors": {"origins": []},
    "security": {"password_length_min": 10, "session_days": 30, "staff_networks": []},
    "limits": {"rules": []},
}
ORIGINS = {"origins": ["https://shop.example"]}


async def test_a_change_is_seen_by_the_next_look_here_and_within_a_second_elsewhere(
    town: Town,
) -> None:
    settings, tenant_id = town.services.tenant_settings, town.shop.tenant_id
    assert await settings.of(tenant_id, Cors) == Cors()
    await town.elsewhere.get("/api/settings/cors", headers={"X-API-Key": town.shop.key})
    put = await town.ask("PUT", "/api/settings/cors", ORIGINS)
    assert (put.status_code, put.json(), put.headers["etag"]) == (200, ORIGINS, '"1"')
    assert await settings.of(tenant_id, Cors) == Cors(("https://shop.example",))
    assert await TenantOrigins(settings).of(tenant_id) == {"https://shop.example"}
    assert await settings.of(town.other.tenant_id, Cors) == Cors()
    seen = await town.elsewhere.get("/api/settings/cors", headers={"X-API-Key": town.shop.key})
    assert (seen.json(), seen.headers["etag"]) == (ORIGINS, '"1"')
    assert await settings.of(tenant_id, Security) == Security()


async def test_what_was_changed_elsewhere_is_known_within_a_second(town: Town) -> None:
    settings, tenant_id = town.services.tenant_settings, town.shop.tenant_id
    assert await settings.of(tenant_id, Cors) == Cors()
    headers = {"X-API-Key": town.shop.key}
    put = await town.elsewhere.put("/api/settings/cors", json=ORIGINS, headers=headers)
    assert put.status_code == 200
    changed = time.monotonic()
    while await settings.of(tenant_id, Cors) == Cors():
        assert time.monotonic() < changed + 2 * SETTINGS_CACHE_SECONDS
    assert await settings.of(tenant_id, Cors) == Cors(("https://shop.example",))


async def test_every_group_begins_with_defaults_and_takes_what_it_gave(town: Town) -> None:
    for group, values in DEFAULTS.items():
        path = f"/api/settings/{group}"
        seen = await town.ask("GET", path)
        assert (seen.json(), seen.headers["etag"]) == (values, '"0"')
        put = await town.ask("PUT", path, values, **{"If-Match": seen.headers["etag"]})
        assert (put.status_code, put.headers["etag"]) == (200, '"0"')


async def test_two_who_change_the_same_version_do_not_both_succeed(town: Town) -> None:
    path, read = "/api/settings/cors", {"If-Match": '"0"'}
    assert (await town.ask("PUT", path, ORIGINS, **read)).status_code == 200
    late = await town.code("PUT", path, {"origins": []}, **read)
    assert late == (412, "request.version_changed")
    assert await town.code("PUT", path, ORIGINS, **{"If-Match": "1"}) == (
        400,
        "request.if_match_invalid",
    )


@pytest.mark.parametrize(
    ("group", "body", "code"),
    [
        ("cors", {"origins": ["*"]}, "tenants.setting_invalid"),
        ("cors", {"origins": "https://shop.example"}, "request.invalid"),
        ("cors", {}, "request.invalid"),
        ("cors", ORIGINS | {"credentials": True}, "request.invalid"),
        ("locale", {"languages": ["tr"], "default": "en"}, "tenants.setting_invalid"),
        ("branding", {"display_name": "x"}, "request.invalid"),
        ("limits", {"rules": ["identity_login"]}, "tenants.setting_invalid"),
        ("limits", {"rules": ["no_such_thing 1/1"]}, "tenants.setting_invalid"),
    ],
)
async def test_refuses_what_a_group_can_not_hold(
    town: Town, group: str, body: object, code: str
) -> None:
    assert await town.code("PUT", f"/api/settings/{group}", body) == (422, code)


async def test_there_are_no_other_groups_and_only_some_may_change_them(town: Town) -> None:
    assert await town.code("GET", "/api/settings/tax") == (404, "request.path_not_found")
    body = {"kind": "secret", "scopes": ["settings.read"]}
    reader = (await town.done("POST", "/api/keys", body))["secret"]
    assert (await town.ask("GET", "/api/settings/cors", key=reader)).status_code == 200
    refused = await town.code("PUT", "/api/settings/cors", ORIGINS, key=reader)
    assert refused == (403, "auth.permission_missing")
