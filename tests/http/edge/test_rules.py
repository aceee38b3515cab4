"""SEC-03: single operations have limits of their own, by the installation and by each tenant."""

from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from domain.tenants.tenant import KeyKind
from infrastructure.embedded.servers import embedded_valkey
from infrastructure.settings_sources import SettingsWrong
from interfaces.http.app import create_app
from tests.http.conftest import Api, settings_for
from tests.http.edge.callers import running
from tests.http.edge.test_address_limit import fresh_address
from tests.http.fakes import OTHER, TENANT

pytestmark = pytest.mark.row("SEC-03")

CONFIG, SETTINGS = "/api/admin/config", "/api/settings/limits"


class KnownRules:
    """What tenants have set."""

    def __init__(self, **rules: tuple[str, ...]) -> None:
        self.rules = rules

    async def of(self, tenant_id: UUID) -> tuple[str, ...]:
        return self.rules.get("shop" if tenant_id == TENANT else "other", ())


async def ask(api: Api, times: int, path: str = CONFIG, *, key: str = "") -> list[httpx.Response]:
    headers = {"X-API-Key": key or api.secret}
    return [await api.client.get(path, headers=headers) for _ in range(times)]


def statuses(answers: list[httpx.Response]) -> list[int]:
    return [answer.status_code for answer in answers]


def own_key(api: Api, **given: Any) -> str:  # noqa: ANN401 - of a record
    """Give a key that no other test has: what they have sent is counted for minutes."""
    return api.key(key_id=f"key_{uuid4().hex[:12]}", **given)


async def test_a_rule_of_the_installation_holds_for_one_operation(redis_url: str) -> None:
    settings = settings_for(redis_url, route_limits="operations_settings 3/60")
    async with running(redis_url, app_settings=settings, peer=fresh_address()) as api:
        answers = await ask(api, 4, key=own_key(api))
        assert statuses(answers) == [200, 200, 200, 429]
        assert '"route";q=3;w=60' in answers[0].headers["ratelimit-policy"]
        assert '"route";r=2;t=20' in answers[0].headers["ratelimit"]
        assert answers[3].json()["code"] == "request.route_limited"
        assert answers[3].headers["retry-after"] == "20"
        free = await ask(api, 4, "/api/nothing/of/the/kind")
        assert "429" not in str(statuses(free))


async def test_a_rule_for_all_is_counted_for_each_that_has_none(redis_url: str) -> None:
    rules = KnownRules(shop=("* 2/60", "operations_settings 4/60"))
    async with running(redis_url, rules=rules, peer=fresh_address()) as api:
        key = own_key(api)
        assert statuses(await ask(api, 5, key=key)) == [200] * 4 + [429]
        others = await ask(api, 3, "/api/wallet?limit=x", key=key)
        assert statuses(others)[2] == 429
        assert 429 not in statuses(others)[:2]


async def test_each_key_and_each_address_is_counted_alone(redis_url: str) -> None:
    rules = KnownRules(shop=("operations_settings 1/60",))
    async with running(redis_url, rules=rules, peer=fresh_address()) as api:
        one, other = own_key(api), own_key(api)
        assert statuses(await ask(api, 2, key=one)) == [200, 429]
        assert statuses(await ask(api, 2, key=other)) == [200, 429]
        transport = httpx.ASGITransport(create_app(api.services), client=(fresh_address(), 4))
        async with httpx.AsyncClient(transport=transport, base_url="http://shop.test") as client:
            answer = await client.get(CONFIG, headers={"X-API-Key": one})
        assert answer.status_code == 200


async def test_a_tenants_rules_are_no_other_tenants(redis_url: str) -> None:
    rules = KnownRules(shop=("* 1/60",))
    async with running(redis_url, rules=rules, peer=fresh_address()) as api:
        theirs = own_key(api, tenant_id=OTHER, slug="other")
        assert statuses(await ask(api, 5, key=theirs)) == [200] * 5


async def test_a_tenant_may_be_stricter_and_never_looser(redis_url: str) -> None:
    settings = settings_for(redis_url, route_limits="operations_settings 2/60")
    for asked, passed in (("1/60", 1), ("9/60", 2)):
        rules = KnownRules(shop=(f"operations_settings {asked}",))
        peer = fresh_address()
        async with running(redis_url, app_settings=settings, rules=rules, peer=peer) as api:
            answers = await ask(api, 3, key=own_key(api))
            assert statuses(answers) == [200] * passed + [429] * (3 - passed)
            assert [one.split('"')[1] for one in policies(answers[0])] == ["key", "route", "tenant"]


def policies(answer: httpx.Response) -> list[str]:
    return answer.headers["ratelimit-policy"].split(", ")


async def test_a_changed_rule_begins_to_count_anew(redis_url: str) -> None:
    rules = KnownRules(shop=("operations_settings 1/86400",))
    async with running(redis_url, rules=rules, peer=fresh_address()) as api:
        key = own_key(api)
        assert statuses(await ask(api, 2, key=key)) == [200, 429]
        rules.rules = {"shop": ("operations_settings 2/60",)}
        assert statuses(await ask(api, 3, key=key)) == [200, 200, 429]
        rules.rules = {}
        assert statuses(await ask(api, 3, key=key)) == [200, 200, 200]


async def test_a_rule_that_is_too_strict_can_be_taken_back(redis_url: str) -> None:
    rules = KnownRules(shop=("* 1/86400",))
    async with running(redis_url, rules=rules, peer=fresh_address()) as api:
        publishable = api.key(KeyKind.PUBLISHABLE, key_id=f"key_{uuid4().hex[:12]}")
        answers = await ask(api, 3, SETTINGS, key=publishable)
        assert 429 not in statuses(answers)


async def test_rules_hold_with_valkey_down(tmp_path: Path) -> None:
    rules = KnownRules(shop=("operations_settings 2/60",))
    with embedded_valkey(tmp_path) as valkey:
        async with running(valkey.url, rules=rules, peer=fresh_address()) as api:
            valkey.stop()
            assert statuses(await ask(api, 3)) == [200, 200, 429]
            assert not api.services.quota.shared


@pytest.mark.parametrize(
    "wrong", ["operations_settings", "operations_settings 0/60", "* 1/60, * 2/60", "* 1/100000"]
)
def test_a_rule_that_is_none_stops_the_start(redis_url: str, wrong: str) -> None:
    with pytest.raises(SettingsWrong, match=r"such as identity_login|one rule at most"):
        settings_for(redis_url, route_limits=wrong)


async def test_a_rule_of_no_operation_stops_the_start(redis_url: str) -> None:
    settings = settings_for(redis_url, route_limits="operations_setings 1/60")
    with pytest.raises(SettingsWrong, match="no operation operations_setings"):
        async with running(redis_url, app_settings=settings):
            pass
