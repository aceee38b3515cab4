"""Quotas, against a real Valkey."""

import asyncio
import io
import time
from uuid import uuid4

import httpx
import pytest

from infrastructure.redis.quota import Quota, Rate
from interfaces.http.app import create_app
from tests.http.conftest import Api, services_for, settings_for
from tests.http.fakes import KnownKeys

NOWHERE = "redis://127.0.0.1:1/0"
SLOW = Rate(per_second=1, burst=5)


async def count(quota: Quota, key: str, rate: Rate, asked: int) -> int:
    standings = await asyncio.gather(*(quota.spend(key, rate) for _ in range(asked)))
    return sum(standing.allowed for standing in standings)


async def test_lets_a_burst_through_and_no_more(redis_url: str) -> None:
    quota, key = Quota(redis_url), uuid4().hex
    assert await count(quota, key, SLOW, 20) == 5
    refused = await quota.spend(key, SLOW)
    assert (refused.allowed, refused.remaining) == (False, 0)
    assert refused.reset_seconds == 1
    await quota.close()


async def test_all_processes_share_one_quota(redis_url: str) -> None:
    quotas, key = [Quota(redis_url) for _ in range(3)], uuid4().hex
    rate = Rate(per_second=1, burst=1000)
    counts = await asyncio.gather(*(count(quota, key, rate, 600) for quota in quotas))
    # What one process took ahead and did not use is missing, never too much.
    assert 1000 - 3 * 10 <= sum(counts) <= 1001
    for quota in quotas:
        await quota.close()


async def test_a_key_that_rests_may_send_again(redis_url: str) -> None:
    quota, key, rate = Quota(redis_url), uuid4().hex, Rate(per_second=50, burst=5)
    assert await count(quota, key, rate, 10) == 5
    deadline = time.monotonic() + 5
    while not (await quota.spend(key, rate)).allowed:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.005)
    await quota.close()


@pytest.mark.parametrize("away", [False, True])
async def test_a_look_tells_how_a_key_stands_and_counts_nothing(
    redis_url: str, *, away: bool
) -> None:
    quota, key = Quota(NOWHERE if away else redis_url), uuid4().hex
    for left in range(SLOW.burst, 0, -1):
        for _ in range(3):
            assert (await quota.look(key, SLOW))[:2] == (True, left)
        assert (await quota.spend(key, SLOW)).allowed
    assert await quota.look(key, SLOW) == (False, 0, 1)
    assert quota.shared is not away
    await quota.close()


async def test_a_rate_may_be_slower_than_one_a_second(redis_url: str) -> None:
    quota, key, rate = Quota(redis_url), uuid4().hex, Rate(10 / 900, burst=10)
    assert await count(quota, key, rate, 20) == 10
    assert (await quota.look(key, rate)) == (False, 0, 90)
    await quota.close()


async def test_without_valkey_each_process_keeps_the_quota_by_itself() -> None:
    quota = Quota(NOWHERE)
    assert await count(quota, "key", SLOW, 20) == 5
    assert not quota.shared
    began = time.perf_counter()
    await count(quota, "key", SLOW, 1000)
    assert time.perf_counter() - began < 0.5
    await quota.close()


async def test_the_answer_tells_the_quota_and_a_refusal_when_to_come_again(
    redis_url: str,
) -> None:
    settings = settings_for(redis_url, key_quota_per_second=1, key_quota_burst=3)
    directory = KnownKeys()
    services = services_for(settings, io.BytesIO(), directory=directory)
    transport = httpx.ASGITransport(create_app(services))
    async with httpx.AsyncClient(transport=transport, base_url="http://shop.test") as client:
        api = Api(client, services.sender, directory, services, io.BytesIO(), "")  # type: ignore[arg-type] - the fake
        key = {"X-API-Key": api.key()}
        answers = [await client.get("/api/admin/config", headers=key) for _ in range(4)]
    assert answers[0].headers["ratelimit-policy"] == '"key";q=3;w=3'
    assert answers[0].headers["ratelimit"] == '"key";r=2;t=1'
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[3].json()["code"] == "request.quota_exceeded"
    assert answers[3].headers["retry-after"] == "1"
    await services.quota.close()
