"""SEC-07: a tenant says which pages may ask for it; nobody else's scripts can read a thing."""

from collections.abc import AsyncGenerator
from uuid import UUID

import pytest

from tests.http.conftest import Api, settings_for
from tests.http.edge.callers import running
from tests.http.fakes import OTHER, TENANT

pytestmark = pytest.mark.row("SEC-07")

OWN, EVERYWHERE, FOREIGN = "https://shop.example", "https://app.defter.example", "https://evil.test"
ALLOW = "access-control-allow-origin"
PREFLIGHT = {
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "x-api-key,idempotency-key",
}


class KnownOrigins:
    """Origins that a tenant chose; it tells how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0

    async def of(self, tenant_id: UUID) -> frozenset[str]:
        self.asked += 1
        return frozenset({OWN}) if tenant_id == TENANT else frozenset()


@pytest.fixture
async def shop(redis_url: str) -> AsyncGenerator[Api]:
    settings = settings_for(redis_url, cors_origins=EVERYWHERE)
    async with running(redis_url, app_settings=settings, origins=KnownOrigins()) as api:
        yield api


@pytest.mark.parametrize("origin", [OWN, EVERYWHERE])
async def test_a_page_that_is_allowed_may_ask_and_read(shop: Api, origin: str) -> None:
    shop.directory.hosts["shop.test"] = TENANT
    asked = await shop.client.options(
        "/api/wallet/transfers", headers={"Origin": origin} | PREFLIGHT
    )
    assert (asked.status_code, asked.content) == (204, b"")
    assert asked.headers[ALLOW] == origin
    assert "X-API-Key" in asked.headers["access-control-allow-headers"]
    assert "POST" in asked.headers["access-control-allow-methods"]
    assert asked.headers["access-control-max-age"] == "600"
    answer = await shop.transfer({"Origin": origin})
    assert answer.headers[ALLOW] == origin
    for name in ("Defter-Position", "RateLimit", "Retry-After", "ETag"):
        assert name in answer.headers["access-control-expose-headers"]


async def test_a_preflight_needs_no_key_and_counts_for_no_limit(shop: Api) -> None:
    asked = await shop.client.options("/api/wallet", headers={"Origin": EVERYWHERE} | PREFLIGHT)
    assert asked.status_code == 204
    assert "ratelimit" not in asked.headers


async def test_the_key_s_tenant_allows_where_the_host_names_none(shop: Api) -> None:
    asked = await shop.client.options("/api/wallet", headers={"Origin": OWN} | PREFLIGHT)
    assert (asked.status_code, asked.json()["code"]) == (403, "request.origin_refused")
    assert (await shop.transfer({"Origin": OWN})).headers[ALLOW] == OWN
    key = shop.key(tenant_id=OTHER, slug="other")
    assert ALLOW not in (await shop.transfer({"Origin": OWN, "X-API-Key": key})).headers


@pytest.mark.parametrize(
    "origin",
    [
        FOREIGN,
        "null",
        "*",
        "",
        f"{OWN}.evil.test",
        f"{OWN}:444",
        "http://shop.example",
        "HTTPS://SHOP.EXAMPLE",
        f"{OWN}/",
        f"{OWN}, {FOREIGN}",
        f"{FOREIGN}#{OWN}",
    ],
)
async def test_a_foreign_origin_is_told_nothing(shop: Api, origin: str) -> None:
    shop.directory.hosts["shop.test"] = TENANT
    asked = await shop.client.options("/api/wallet", headers={"Origin": origin} | PREFLIGHT)
    assert (asked.status_code, asked.json()["code"]) == (403, "request.origin_refused")
    answer = await shop.transfer({"Origin": origin})
    assert answer.status_code == 201
    for one in (asked, answer):
        assert not any(name.startswith("access-control-allow") for name in one.headers)
        assert one.headers["vary"] == "Origin"


async def test_no_answer_allows_every_origin_or_credentials(shop: Api) -> None:
    answers = [
        await shop.client.options("/api/wallet", headers={"Origin": EVERYWHERE} | PREFLIGHT),
        await shop.transfer({"Origin": EVERYWHERE}),
        await shop.client.get("/api/wallet", headers={"Origin": EVERYWHERE}),
        await shop.client.get("/api/health/live", headers={"Origin": FOREIGN}),
    ]
    for answer in answers:
        assert answer.headers.get(ALLOW) != "*"
        assert "access-control-allow-credentials" not in answer.headers
        assert "set-cookie" not in answer.headers


async def test_a_page_that_is_allowed_reads_refusals_too(shop: Api) -> None:
    shop.directory.hosts["shop.test"] = TENANT
    answer = await shop.client.get("/api/wallet", headers={"Origin": OWN})
    assert (answer.status_code, answer.headers[ALLOW]) == (401, OWN)


async def test_without_an_origin_nobody_is_asked_for_them(shop: Api) -> None:
    shop.directory.hosts["shop.test"] = TENANT
    assert ALLOW not in (await shop.transfer()).headers
    origins = shop.services.origins
    assert isinstance(origins, KnownOrigins)
    assert origins.asked == 0


async def test_options_that_are_no_preflight_are_a_method_like_any_other(shop: Api) -> None:
    answer = await shop.client.options("/api/wallet")
    assert (answer.status_code, answer.json()["code"]) == (405, "request.method_not_allowed")


async def test_by_itself_an_installation_allows_no_origin(api: Api) -> None:
    asked = await api.client.options("/api/wallet", headers={"Origin": OWN} | PREFLIGHT)
    assert asked.status_code == 403
    assert ALLOW not in (await api.transfer({"Origin": OWN})).headers
