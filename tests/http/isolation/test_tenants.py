"""TEN-05, IAM-17: what belongs to another tenant, or to another customer, is the same 404 as none.

Every operation of the running application's OpenAPI document is asked for it, in paths, bodies,
filters and headers; `python -m tests.faults.tenants` does the same for hours.
"""

import json
from collections.abc import Callable, Generator

import httpx
import pytest

from tests.faults.neighbours import Tenant, neighbours
from tests.faults.tenants.campaign import campaign

pytestmark = [
    pytest.mark.row("TEN-05"),
    pytest.mark.row("IAM-17"),
    pytest.mark.timeout(300),
]
PAIRS_MIN, MIXED_MIN, NOT_FOUND_MIN = 400, 200, 100


@pytest.fixture(scope="module")
def both(module_database_url: str, redis_url: str) -> Generator[tuple[Tenant, Tenant]]:
    with neighbours(module_database_url, redis_url) as tenants:
        yield tenants


def test_nothing_of_another_tenant_is_told_or_touched(both: tuple[Tenant, Tenant]) -> None:
    made = campaign(*both, rounds=1, seed=20261121)
    assert made.leaks == []
    assert made.pairs > PAIRS_MIN
    assert made.mixed > MIXED_MIN
    assert made.answers[404] > NOT_FOUND_MIN


class Leaky(httpx.HTTPTransport):
    """An application with a leak: what it answers to one kind of request is changed."""

    def __init__(self, theirs: Tenant, leak: Callable[[httpx.Response], httpx.Response]) -> None:
        super().__init__()
        self._theirs = theirs
        self._leak = leak

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = super().handle_request(request)
        if request.headers.get("x-api-key") == self._theirs.secret or request.method != "GET":
            return answer
        asked = str(request.url).startswith(f"{self._theirs.url}/api/wallet/wal_")
        if not asked or answer.status_code != 404:
            return answer
        request.headers["x-api-key"] = self._theirs.secret
        request.headers.pop("authorization", None)
        real = super().handle_request(request)
        return self._leak(real) if real.status_code == 200 else answer


def the_thing_itself(real: httpx.Response) -> httpx.Response:
    return real


def another_status(_real: httpx.Response) -> httpx.Response:
    return httpx.Response(403, json={"code": "wallet.not_found"})


def another_code(_real: httpx.Response) -> httpx.Response:
    return httpx.Response(404, json={"code": "wallet.not_yours"})


def a_word_beside_it(real: httpx.Response) -> httpx.Response:
    owner = json.loads(real.read()).get("owner", "")
    return httpx.Response(404, json={"code": "wallet.not_found", "facts": {"owner": owner}})


@pytest.mark.parametrize("leak", [the_thing_itself, another_status, another_code, a_word_beside_it])
def test_a_planted_leak_is_found(
    both: tuple[Tenant, Tenant], leak: Callable[[httpx.Response], httpx.Response]
) -> None:
    made = campaign(
        *both,
        rounds=1,
        seed=1,
        only=("wallet_get",),
        through=lambda: Leaky(both[1], leak),
    )
    assert len(made.leaks) >= 2
    assert all("GET /api/wallet/{wallet_id} " in one for one in made.leaks)
