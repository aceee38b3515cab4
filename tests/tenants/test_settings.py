"""TEN-02 and SEC-13: settings in typed groups, each change an event."""

from dataclasses import replace
from typing import Any

import pytest

from application.tenants.settings import ChangeSettings, SettingsResult
from domain.tenants.events import SettingsChanged, TenantCreated
from domain.tenants.settings import (
    GROUPS,
    NETWORKS_MAX,
    ORIGINS_MAX,
    RULES_MAX,
    TEXT_LENGTH_MAX,
    URL_LENGTH_MAX,
    Branding,
    Cors,
    Group,
    Languages,
    RequestLimits,
    Security,
    SettingInvalid,
    Settings,
    StockSettings,
    typed,
)
from domain.tenants.tenant import TenantNotFound
from tests.kit.scenario import given

pytestmark = [pytest.mark.row("TEN-02"), pytest.mark.row("SEC-13")]

SHOP = "7e000000-0000-4000-8000-00000000000a"
CREATED = TenantCreated(SHOP, "shop", "The Shop", test=True)
ORIGIN = "https://shop.example"


def change(group: Group) -> ChangeSettings:
    return ChangeSettings(SHOP, group)


def test_a_change_says_all_values_of_its_group() -> None:
    changed = given(CREATED).when(change(Cors((ORIGIN,))))
    changed.then(SettingsChanged(SHOP, "cors", {"origins": (ORIGIN,)}))
    changed.then_result(SettingsResult(1))
    again = changed.when(change(Cors()))
    again.then(SettingsChanged(SHOP, "cors", {"origins": ()})).then_result(SettingsResult(2))


def test_the_same_values_change_nothing() -> None:
    given(CREATED).when(change(Security())).then().then_result(SettingsResult(0))
    stricter = change(replace(Security(), password_length_min=12))
    given(CREATED).when(stricter).when(stricter).then().then_result(SettingsResult(1))


def test_groups_are_changed_apart() -> None:
    changed = given(CREATED).when(change(Cors((ORIGIN,)))).when(change(Branding("Kitap Evi")))
    changed.then_result(SettingsResult(1))
    assert changed.state(f"settings-{SHOP}.cors").values == {"origins": (ORIGIN,)}


def test_what_was_never_set_or_came_later_has_its_default() -> None:
    assert set(map(type, (kind() for kind in GROUPS.values()))) == set(GROUPS.values())
    old = Settings(3, {"session_days": 7, "gone": "x"})
    assert typed(Security, old) == Security(session_days=7)
    assert typed(Security, None) == Security()


def test_settings_belong_to_a_tenant_that_is_there() -> None:
    given().when(change(Cors())).then_refused(TenantNotFound)


@pytest.mark.parametrize(
    "group",
    [
        Branding("x" * TEXT_LENGTH_MAX, "destek@shop.example", "https://cdn.example/a.svg"),
        Branding(shop_url="https://shop.example/tr/"),
        Languages(("en",), "en"),
        Languages(("en", "tr"), "tr"),
        Cors((ORIGIN, "http://localhost:5173", "https://a-b.c0.example:65535")),
        Cors(("http://shop.example:443", "https://shop.example:80")),
        Security(10, 1, ("10.0.0.0/8", "2001:db8::/32")),
        Security(64, 90),
        RequestLimits(("* 1/1", "identity_login 1000000/86400")),
        StockSettings(60),
        StockSettings(30 * 86_400),
    ],
)
def test_takes(group: Group) -> None:
    assert given(CREATED).when(change(group)).decision.refusal is None


WRONG: tuple[tuple[Group, str], ...] = (
    (Branding(display_name=" "), "display_name"),
    (Branding(display_name="a\nb"), "display_name"),
    (Branding(display_name="x" * (TEXT_LENGTH_MAX + 1)), "display_name"),
    (Branding(support_email="nobody"), "support_email"),
    (Branding(support_email="a@b\x00"), "support_email"),
    (Branding(logo_url="http://cdn.example/a.svg"), "logo_url"),
    (Branding(logo_url="javascript:alert(1)"), "logo_url"),
    (Branding(logo_url="https://user@cdn.example/"), "logo_url"),
    (Branding(logo_url="https:///a.svg"), "logo_url"),
    (Branding(logo_url="https://cdn.example/a b"), "logo_url"),
    (Branding(logo_url="https://[cdn"), "logo_url"),
    (Branding(logo_url=""), "logo_url"),
    (Branding(shop_url="http://shop.example"), "shop_url"),
    (Branding(shop_url="https://user@shop.example"), "shop_url"),
    (Branding(shop_url="https://shop.example?to="), "shop_url"),
    (Branding(shop_url="https://shop.example/#"), "shop_url"),
    (Branding(shop_url="https://shop.example\\@evil.example"), "shop_url"),
    (Branding(shop_url=""), "shop_url"),
    (Branding(logo_url="https://cdn.example/" + "x" * URL_LENGTH_MAX), "logo_url"),
    (Languages(()), "languages"),
    (Languages(("tr", "xx")), "languages"),
    (Languages(("tr", "tr")), "languages"),
    (Languages(("tr",), "en"), "default"),
    (Cors((ORIGIN, ORIGIN)), "origins"),
    (Cors(tuple(f"https://s{n}.example" for n in range(ORIGINS_MAX + 1))), "origins"),
    (Cors(("*",)), "origins"),
    (Cors(("https://*.example",)), "origins"),
    (Cors(("null",)), "origins"),
    (Cors((f"{ORIGIN}/",)), "origins"),
    (Cors(("https://Shop.example",)), "origins"),
    (Cors((f"{ORIGIN}:443",)), "origins"),
    (Cors(("http://shop.example:80",)), "origins"),
    (Cors((f"{ORIGIN}:65536",)), "origins"),
    (Cors((f"{ORIGIN}\n",)), "origins"),
    (Security(password_length_min=9), "password_length_min"),
    (Security(password_length_min=65), "password_length_min"),
    (Security(session_days=0), "session_days"),
    (Security(session_days=91), "session_days"),
    (Security(staff_networks=("10.0.0.1/8",)), "staff_networks"),
    (Security(staff_networks=("10.0.0.1",)), "staff_networks"),
    (Security(staff_networks=("anywhere",)), "staff_networks"),
    (Security(staff_networks=("10.0.0.0/8",) * (NETWORKS_MAX + 1)), "staff_networks"),
    (StockSettings(59), "reservation_seconds"),
    (StockSettings(30 * 86_400 + 1), "reservation_seconds"),
    (RequestLimits(("identity_login",)), "rules"),
    (RequestLimits(("identity_login 0/900",)), "rules"),
    (RequestLimits(("identity_login 1/0",)), "rules"),
    (RequestLimits(("identity_login 1000001/900",)), "rules"),
    (RequestLimits(("identity_login 1/86401",)), "rules"),
    (RequestLimits(("* 1/1\n",)), "rules"),
    (RequestLimits(("* 1/1", "* 2/1")), "rules"),
    (RequestLimits(tuple(f"op_{n} 1/1" for n in range(RULES_MAX + 1))), "rules"),
)


@pytest.mark.parametrize(("group", "field"), WRONG, ids=str)
def test_refuses(group: Any, field: str) -> None:  # noqa: ANN401 - pytest takes no union
    given(CREATED).when(change(group)).then_refused(SettingInvalid, field=field)
