"""Who gets in, for which tenant, and what they may do."""

from datetime import UTC, datetime, timedelta

import httpx
import psycopg
import pytest

from domain.tenants.tenant import KeyKind
from infrastructure.tenants.api_keys import new_key
from tests.http.conftest import PEER, Api
from tests.http.fakes import OTHER, TENANT
from tests.http.test_bad_input import code_of


async def refused(api: Api, key: str, **headers: str) -> tuple[int, str]:
    answer = await api.transfer({"X-API-Key": key} | headers)
    assert api.sender.sent == []
    return answer.status_code, code_of(answer)


async def test_asks_for_a_key(api: Api) -> None:
    answer = await api.client.post("/api/wallet/transfers")
    assert (answer.status_code, code_of(answer)) == (401, "auth.key_missing")
    assert answer.headers["www-authenticate"] == 'ApiKey realm="defter"'


async def test_tells_a_mistyped_key_without_looking_it_up(api: Api) -> None:
    mistyped = api.secret[:-1] + ("a" if api.secret[-1] != "a" else "b")
    assert await refused(api, mistyped) == (401, "auth.key_malformed")
    assert await refused(api, "sk_live_x") == (401, "auth.key_malformed")
    assert api.directory.asked == 0


async def test_refuses_a_key_that_nobody_issued(api: Api) -> None:
    unknown = new_key(KeyKind.SECRET, test=True).secret
    assert await refused(api, unknown) == (401, "auth.key_unknown")


async def test_refuses_a_revoked_key(api: Api) -> None:
    assert await refused(api, api.key(revoked=True)) == (401, "auth.key_revoked")


async def test_refuses_an_expired_key(api: Api) -> None:
    past = datetime.now(UTC) - timedelta(seconds=1)
    assert await refused(api, api.key(expires_at=past)) == (401, "auth.key_expired")


async def test_refuses_a_key_from_another_network(api: Api) -> None:
    elsewhere = api.key(networks=("198.51.100.0/24",))
    assert await refused(api, elsewhere) == (401, "auth.network_refused")
    forged = {"X-Forwarded-For": "198.51.100.7"}
    assert await refused(api, elsewhere, **forged) == (401, "auth.network_refused")
    here = api.key(networks=(f"{PEER}/32",))
    assert (await api.transfer({"X-API-Key": here})).status_code == 201


async def test_a_publishable_key_is_no_staff_member(api: Api) -> None:
    publishable = api.key(KeyKind.PUBLISHABLE)
    assert await refused(api, publishable) == (401, "auth.login_required")


async def test_names_the_permission_that_is_missing(api: Api) -> None:
    answer = await api.transfer({"X-API-Key": api.key(scopes=("wallet.read",))})
    assert (answer.status_code, code_of(answer)) == (403, "auth.permission_missing")
    assert answer.json()["facts"] == {"permission": "wallet.transfer"}


async def test_refuses_a_key_on_another_tenants_host(api: Api) -> None:
    api.directory.hosts["shop.test"] = OTHER
    assert await refused(api, api.secret) == (401, "tenant.disagreement")


async def test_takes_a_key_on_its_own_host(api: Api) -> None:
    api.directory.hosts["shop.test"] = TENANT
    assert (await api.transfer({"Host": "Shop.Test:8000"})).status_code == 201


async def test_staff_act_for_a_customer(api: Api) -> None:
    assert (await api.transfer({"Defter-Act-For": "cus_0001"})).status_code == 201
    (envelope,) = api.sender.sent
    assert envelope.actor.on_behalf_of == "cus_0001"
    assert envelope.actor.actor_id == "stf_0001"


async def test_refuses_to_act_for_what_is_no_customer(api: Api) -> None:
    answer = await api.transfer({"Defter-Act-For": "stf_0001"})
    assert (answer.status_code, code_of(answer)) == (422, "request.invalid")


async def test_the_books_are_not_for_customers(api: Api) -> None:
    headers = {"X-API-Key": api.secret, "Defter-Act-For": "cus_0001"}
    answer = await api.client.get("/api/ledger/trial-balance", headers=headers)
    assert (answer.status_code, code_of(answer)) == (403, "auth.staff_only")


async def test_a_key_is_looked_up_once_for_a_while(api: Api) -> None:
    for _ in range(5):
        assert (await api.transfer()).status_code == 201
    assert api.directory.asked == 1


async def test_a_directory_that_is_away_is_no_wrong_key(api: Api) -> None:
    api.directory.error = psycopg.OperationalError("gone")
    answer = await api.transfer()
    assert (answer.status_code, code_of(answer)) == (503, "service.database_unavailable")
    assert answer.headers["retry-after"] == "1"
    api.directory.error = None
    assert (await api.transfer()).status_code == 201


@pytest.mark.parametrize("path", ["/api/health/live", "/api/health", "/api/openapi.json"])
async def test_some_paths_are_for_everyone(api: Api, path: str) -> None:
    answer: httpx.Response = await api.client.get(path)
    assert answer.status_code == 200


async def test_metrics_are_for_loopback_or_those_with_the_permission(api: Api) -> None:
    assert (await api.client.get("/metrics")).status_code == 401
    answer = await api.client.get("/metrics", headers={"X-API-Key": api.secret})
    assert answer.status_code == 200
    assert "defter_http_requests_total" in answer.text
