"""SEC-03: what is anonymous or tries passwords is counted by where it comes from."""

import base64
import io
import re
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from application.permissions import Permission
from domain.tenants.tenant import KeyKind
from infrastructure.embedded.servers import embedded_valkey
from infrastructure.redis.quota import Quota, Rate, Standing
from infrastructure.tenants.api_keys import new_key
from interfaces.http.app import create_app
from interfaces.http.edge import addresses
from interfaces.http.edge.exchange import Exchange
from interfaces.http.edge.gate import Gate
from interfaces.http.parts import Services
from interfaces.http.routing.route import DefterRoute
from interfaces.http.routing.table import RouteTable
from tests.http.conftest import services_for, settings_for
from tests.http.edge.callers import running
from tests.http.fakes import KnownKeys

pytestmark = pytest.mark.row("SEC-03")

NOWHERE = "redis://127.0.0.1:1/0"
FEW = 5


def fresh_address() -> str:
    """Give an address that no other test comes from."""
    return f"2001:db8:{uuid4().hex[:4]}:{uuid4().hex[:4]}::1"


def few(redis_url: str, **given: object) -> Services:
    """Give parts in which an address may ask a few times."""
    settings = settings_for(redis_url, address_limit_requests=FEW, **given)
    return services_for(settings, io.BytesIO(), directory=KnownKeys())


def at(services: Services, peer: str, app: Gate | None = None) -> httpx.AsyncClient:
    """Give a client at an address."""
    transport = httpx.ASGITransport(app or create_app(services), client=(peer, 40_000))
    return httpx.AsyncClient(transport=transport, base_url="http://shop.test")


async def statuses(client: httpx.AsyncClient, times: int, **headers: str) -> list[int]:
    """Ask for something that needs a key."""
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return [(await client.get("/api/wallet", headers=given)).status_code for _ in range(times)]


async def test_the_limit_is_a_hundred_in_a_quarter_of_an_hour(redis_url: str) -> None:
    settings = settings_for(redis_url, address_limit_requests=100)
    assert settings.address_limit_seconds == 900
    async with running(redis_url, peer=fresh_address(), app_settings=settings) as api:
        assert await statuses(api.client, 101) == [401] * 100 + [429]
        refused = await api.client.get("/api/wallet")
        assert refused.json()["code"] == "request.address_limited"
        assert refused.headers["retry-after"] == "9"
        assert refused.headers["ratelimit-policy"] == '"address";q=100;w=900'
        assert refused.headers["ratelimit"] == '"address";r=0;t=9'


async def test_what_comes_without_a_key_is_counted_wherever_it_goes(redis_url: str) -> None:
    services = few(redis_url)
    async with at(services, fresh_address()) as client:
        asked = [
            await client.get("/api/wallet"),
            await client.post("/api/wallet/transfers", json={}),
            await client.get("/nowhere"),
            await client.delete("/api/wallet"),
            await client.get("/api/keys"),
            await client.get("/nowhere"),
        ]
    assert [answer.status_code for answer in asked] == [401, 401, 404, 405, 401, 429]
    await services.quota.close()


async def test_refused_keys_are_counted_and_good_ones_are_not(redis_url: str) -> None:
    settings = settings_for(redis_url, address_limit_requests=FEW)
    async with running(redis_url, peer=fresh_address(), app_settings=settings) as api:
        unknown = new_key(KeyKind.SECRET, test=True).secret
        assert await statuses(api.client, 2, X_API_Key="dsk_test_mistyped") == [401] * 2
        assert await statuses(api.client, 2, X_API_Key=unknown) == [401] * 2
        assert await statuses(api.client, 2, X_API_Key=api.key(revoked=True)) == [401, 429]
        assert await statuses(api.client, 10, X_API_Key=api.key(scopes=())) == [403] * 10


async def test_a_64_of_ipv6_counts_as_one_address(redis_url: str) -> None:
    services = few(redis_url)
    block = fresh_address().removesuffix("1")
    for last in range(FEW):
        async with at(services, f"{block}{last:x}:beef") as client:
            assert await statuses(client, 1) == [401]
    async with at(services, f"{block}ffff") as client:
        assert await statuses(client, 1) == [429]
    async with at(services, fresh_address()) as client:
        assert await statuses(client, 1) == [401]
    await services.quota.close()


def test_ipv4_in_the_clothes_of_ipv6_is_ipv4_and_what_is_no_address_is_one() -> None:
    assert addresses.network_of("::ffff:198.51.100.7") == "198.51.100.7"
    assert addresses.network_of("198.51.100.7") == "198.51.100.7"
    assert addresses.network_of("2001:db8::7") == "2001:db8::/64"
    assert addresses.network_of("testclient") == addresses.network_of("") == ""


async def test_nobody_takes_another_address_by_saying_so(redis_url: str) -> None:
    services = few(redis_url)
    async with at(services, fresh_address()) as client:
        for last in range(FEW):
            assert await statuses(client, 1, X_Forwarded_For=f"198.51.100.{last}") == [401]
        assert await statuses(client, 1, X_Forwarded_For="198.51.100.99") == [429]
    await services.quota.close()


async def test_behind_a_trusted_proxy_each_client_is_counted_alone(redis_url: str) -> None:
    services = few(redis_url, trusted_proxies="192.0.2.0/24")
    one, other = fresh_address(), fresh_address()
    async with at(services, "192.0.2.5") as client:
        assert await statuses(client, FEW + 1, X_Forwarded_For=one) == [401] * FEW + [429]
        assert await statuses(client, 1, X_Forwarded_For=other) == [401]
        # Only what the proxy itself added counts, not what the client said before it.
        assert await statuses(client, 1, X_Forwarded_For=f"198.51.100.1, {one}") == [429]
    await services.quota.close()


async def test_what_is_exempt_stands_in_a_list(redis_url: str) -> None:
    assert {
        "health_summary",
        "health_live",
        "health_ready",
        "operations_metrics",
        "documents_openapi",
        "documents_page",
    } == addresses.NOT_COUNTED
    services = few(redis_url)
    async with at(services, "127.0.0.1") as client:
        for path in (
            "/api/health",
            "/api/health/live",
            "/api/health/ready",
            "/metrics",
            "/api/openapi.json",
            "/api/docs",
        ):
            for _ in range(FEW + 1):
                answer = await client.get(path)
                assert answer.status_code == 200
                assert "ratelimit" not in answer.headers
    await services.quota.close()


class Login(DefterRoute):
    """A route on which passwords are tried."""

    def __init__(self, permission: Permission | None = None) -> None:
        super().__init__(
            "/api/login",
            method="GET",
            permission=permission,
            keyed=True,
            login_traffic=True,
            summary="",
            name="login",
            tag="",
            status=200,
            answer=str,
            problems=(),
        )

    async def respond(self, exchange: Exchange) -> None:
        await exchange.answer(200, b"{}", b"application/json")


def login_app(services: Services, route: Login) -> Gate:
    """Give an application of one route."""

    async def nothing(*_: object) -> None:
        raise AssertionError

    return Gate(nothing, services=services, table=RouteTable((route,)))


async def logins(services: Services, peer: str, key: str, times: int, **headers: str) -> list[int]:
    async with at(services, peer, login_app(services, Login())) as client:
        given = {"X-API-Key": key} | headers
        return [(await client.get("/api/login", headers=given)).status_code for _ in range(times)]


async def test_logging_in_is_counted_though_the_key_is_good(redis_url: str) -> None:
    async with running(redis_url) as made:
        key = made.key(KeyKind.PUBLISHABLE)
        settings = settings_for(redis_url, address_limit_requests=FEW)
        services = services_for(settings, io.BytesIO(), directory=made.directory)
        peer = fresh_address()
        assert await logins(services, peer, key, FEW + 1) == [200] * FEW + [429]
        assert await logins(services, fresh_address(), key, 1) == [200]
        await services.quota.close()


async def test_both_limits_are_told_where_both_count(redis_url: str) -> None:
    async with running(redis_url) as api:
        key = api.key(KeyKind.PUBLISHABLE)
        app = login_app(api.services, Login())
        async with at(api.services, fresh_address(), app) as client:
            answer = await client.get("/api/login", headers={"X-API-Key": key})
    assert answer.headers["ratelimit-policy"] == '"address";q=1000000;w=900, "key";q=20000;w=2'
    assert answer.headers["ratelimit"].startswith('"address";r=999999;t=1, "key";r=')


async def test_an_expired_token_keeps_nobody_from_a_new_one(redis_url: str) -> None:
    async with running(redis_url) as api:
        key, stale = api.key(KeyKind.PUBLISHABLE), {"Authorization": "Bearer stale"}
        assert await logins(api.services, fresh_address(), key, 1, **stale) == [200]
        step_up = login_app(api.services, Login(Permission.IDENTITY_SELF))
        async with at(api.services, fresh_address(), step_up) as client:
            answer = await client.get("/api/login", headers={"X-API-Key": key} | stale)
        assert (answer.status_code, answer.json()["code"]) == (401, "auth.token_malformed")


async def test_login_stays_limited_with_valkey_down(tmp_path: Path) -> None:
    peer, other = fresh_address(), fresh_address()
    with embedded_valkey(tmp_path) as valkey:
        async with running(valkey.url) as made:
            key = made.key(KeyKind.PUBLISHABLE)
            settings = settings_for(valkey.url, address_limit_requests=FEW)
            services = services_for(settings, io.BytesIO(), directory=made.directory)
            assert await logins(services, peer, key, FEW + 1) == [200] * FEW + [429]
            valkey.stop()
            assert await logins(services, other, key, FEW + 1) == [200] * FEW + [429]
            assert not services.quota.shared
            await services.quota.close()


async def test_an_address_is_written_nowhere() -> None:
    peer = fresh_address()
    settings = settings_for(NOWHERE, address_limit_requests=1)
    async with running(NOWHERE, peer=peer, app_settings=settings) as api:
        answers = [await api.client.get("/api/wallet") for _ in range(2)]
        assert [answer.status_code for answer in answers] == [401, 429]
        told = api.lines().decode() + "".join(answer.text for answer in answers)
    assert peer not in told
    assert peer.removesuffix("::1") not in told


class Listening(Quota):
    """Lets everything pass and remembers the keys."""

    def __init__(self) -> None:
        super().__init__(NOWHERE)
        self.seen: list[str] = []

    async def spend(self, key: str, rate: Rate) -> Standing:
        self.seen.append(key)
        return Standing(allowed=True, remaining=rate.burst, reset_seconds=1)


async def test_valkey_knows_an_address_by_a_keyed_hash_alone(redis_url: str) -> None:
    peer, quota = fresh_address(), Listening()
    for master in (b"a" * 32, b"b" * 32):
        settings = settings_for(redis_url, master_keys=base64.b64encode(master).decode())
        services = services_for(settings, io.BytesIO(), quota=quota)
        async with at(services, peer) as client:
            await statuses(client, 2)
    first, again, elsewhere, _ = quota.seen
    assert first == again != elsewhere
    assert re.fullmatch("address:[0-9a-f]{32}", first)
