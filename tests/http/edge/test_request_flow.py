"""SEC-05, TEN-04, IAM-17: a request's way is that of diagram 21, with its answers in its order.

Security headers, CORS, the limit by address; then public, or: key, tenant, the key's quota, token
and session, permission.
"""

from datetime import timedelta
from uuid import uuid4

import pytest

from domain.tenants.tenant import KeyKind
from infrastructure.identity.access_tokens import AccessTokens
from tests.http.conftest import Api, settings_for
from tests.http.edge.callers import SESSION, log_in, running
from tests.http.edge.test_address_limit import fresh_address
from tests.http.fakes import ISSUER, OTHER, TENANT, OneKey

pytestmark = [pytest.mark.row("SEC-05"), pytest.mark.row("TEN-04"), pytest.mark.row("IAM-17")]

PUBLIC = ("GET", "/api/health/live")
ADMIN = ("GET", "/api/admin/config")
USER = ("POST", "/api/wallet/transfers")

OK, CREATED = (200, ""), (201, "")
KEY_MISSING = (401, "auth.key_missing")
KEY_WRONG = (401, "auth.key_malformed")
LOGIN = (401, "auth.login_required")
TOKEN_WRONG = (401, "auth.token_malformed")
ENDED = (401, "auth.session_ended")
MISSING = (403, "auth.permission_missing")
SUSPENDED = (403, "identity.account_suspended")


async def ask(api: Api, endpoint: tuple[str, str], headers: dict[str, str]) -> tuple[int, str]:
    method, path = endpoint
    given = {"Idempotency-Key": uuid4().hex} | headers
    transfer = {
        "source": "wal_0001",
        "target": "wal_0002",
        "amount": {"minor": 1, "currency": "TRY"},
    }
    body = transfer if method == "POST" else None
    answer = await api.client.request(method, path, json=body, headers=given)
    return answer.status_code, answer.json()["code"] if answer.status_code >= 400 else ""


TABLE = [
    # endpoint, key, token, answer
    (PUBLIC, None, None, OK),
    (PUBLIC, "wrong", None, OK),
    (PUBLIC, "publishable", "wrong", OK),
    (ADMIN, None, None, KEY_MISSING),
    (ADMIN, None, "admin", KEY_MISSING),
    (ADMIN, "wrong", "admin", KEY_WRONG),
    (ADMIN, "publishable", None, LOGIN),
    (ADMIN, "publishable", "wrong", TOKEN_WRONG),
    (ADMIN, "publishable", "ended", ENDED),
    (ADMIN, "publishable", "customer", MISSING),
    (ADMIN, "publishable", "warehouse", MISSING),
    (ADMIN, "publishable", "suspended", SUSPENDED),
    (ADMIN, "publishable", "admin", OK),
    (ADMIN, "secret", None, OK),
    (ADMIN, "poor", None, MISSING),
    (ADMIN, "secret", "wrong", TOKEN_WRONG),
    (ADMIN, "secret", "customer", MISSING),
    (USER, None, None, KEY_MISSING),
    (USER, None, "customer", KEY_MISSING),
    (USER, "wrong", "customer", KEY_WRONG),
    (USER, "publishable", None, LOGIN),
    (USER, "publishable", "wrong", TOKEN_WRONG),
    (USER, "publishable", "ended", ENDED),
    (USER, "publishable", "suspended", SUSPENDED),
    (USER, "publishable", "customer", CREATED),
    (USER, "publishable", "warehouse", MISSING),
    (USER, "secret", None, CREATED),
    (USER, "poor", None, MISSING),
]


async def token_of(api: Api, who: str) -> dict[str, str]:
    if who == "wrong":
        return {"Authorization": "Bearer wrong"}
    if who == "ended":
        return await log_in(api, "customer", person_id="cus_gone", lasts=-timedelta(seconds=1))
    if who == "suspended":
        return await log_in(api, "customer", person_id="cus_bora", suspended=True)
    people = {
        "admin": ("tenant_admin", "stf_admin"),
        "warehouse": ("warehouse", "stf_house"),
        "customer": ("customer", "cus_0001"),
    }
    role, person_id = people[who]
    return await log_in(api, role, person_id=person_id)


@pytest.mark.parametrize(("endpoint", "key", "token", "answer"), TABLE)
async def test_public_admin_and_user_by_key_token_and_permission(
    api: Api,
    endpoint: tuple[str, str],
    key: str | None,
    token: str | None,
    answer: tuple[int, str],
) -> None:
    headers = await token_of(api, token) if token is not None else {}
    headers.pop("X-API-Key", None)
    if key is not None:
        keys = {
            "wrong": lambda: "dsk_test_wrong",
            "publishable": lambda: api.key(KeyKind.PUBLISHABLE),
            "secret": lambda: api.secret,
            "poor": lambda: api.key(scopes=("wallet.read",)),
        }
        headers["X-API-Key"] = keys[key]()
    assert await ask(api, endpoint, headers) == answer


async def test_of_everything_that_is_wrong_the_first_in_the_order_is_told(redis_url: str) -> None:
    """Each step mends the layer that refused, and only that; the next one refuses."""
    settings = settings_for(
        redis_url, address_limit_requests=1, key_quota_per_second=1, key_quota_burst=1
    )
    foreign = {"Origin": "https://evil.test", "Access-Control-Request-Method": "GET"}
    peer = fresh_address()
    async with running(redis_url, peer=peer, app_settings=settings) as api:
        api.directory.hosts["shop.test"] = TENANT
        assert await ask(api, ADMIN, {}) == KEY_MISSING

        asked = await api.client.options(ADMIN[1], headers=foreign)
        assert (asked.status_code, asked.json()["code"]) == (403, "request.origin_refused")

        limited = (429, "request.address_limited")
        assert await ask(api, ADMIN, {}) == limited
        assert await ask(api, ADMIN, {"X-API-Key": api.key(revoked=True)}) == limited
        assert await ask(api, ("GET", "/nowhere"), {}) == limited

    async with running(redis_url, peer=fresh_address(), app_settings=settings) as api:
        api.directory.hosts["shop.test"] = TENANT
        token = {"Authorization": "Bearer wrong"}

        theirs = api.key(tenant_id=OTHER, slug="other", scopes=(), suspended=True, revoked=True)
        assert await ask(api, ADMIN, {"X-API-Key": theirs} | token) == (401, "auth.key_revoked")

        theirs = api.key(tenant_id=OTHER, slug="other", scopes=(), suspended=True)
        disagreed = (401, "tenant.disagreement")
        assert await ask(api, ADMIN, {"X-API-Key": theirs} | token) == disagreed

        suspended = api.key(scopes=(), suspended=True, key_id="key_one")
        assert await ask(api, ADMIN, {"X-API-Key": suspended} | token) == (403, "tenant.suspended")

        poor = {"X-API-Key": api.key(scopes=(), key_id=f"key_{uuid4().hex}")}
        assert await ask(api, ADMIN, poor | token) == TOKEN_WRONG
        assert await ask(api, ADMIN, poor | token) == (429, "request.quota_exceeded")

        poor = {"X-API-Key": api.key(scopes=(), key_id=f"key_{uuid4().hex}")}
        assert await ask(api, ADMIN, poor) == MISSING


async def test_a_token_of_another_tenant_disagrees_with_the_key(api: Api) -> None:
    headers = await log_in(api, "customer")
    token, _ = await api.services.tokens.issue(OTHER, "cus_0001", SESSION)
    headers["Authorization"] = f"Bearer {token}"
    assert await ask(api, USER, headers) == (401, "tenant.disagreement")


async def test_a_suspended_tenant_is_told_so_on_every_way(api: Api) -> None:
    headers = await log_in(api, "customer")
    for key in (
        api.key(suspended=True),
        api.key(KeyKind.PUBLISHABLE, suspended=True),
    ):
        for endpoint in (ADMIN, USER):
            given = headers | {"X-API-Key": key}
            assert await ask(api, endpoint, given) == (403, "tenant.suspended")
            assert await ask(api, endpoint, {"X-API-Key": key}) == (403, "tenant.suspended")
    assert await ask(api, PUBLIC, {"X-API-Key": api.key(suspended=True)}) == OK


async def test_a_customer_s_commands_are_always_on_their_own_behalf(api: Api) -> None:
    headers = await log_in(api, "customer", person_id="cus_ada1")
    assert await ask(api, USER, headers) == CREATED
    (envelope,) = api.sender.sent
    actor = envelope.actor
    assert (actor.actor_id, actor.on_behalf_of) == ("cus_ada1", "cus_ada1")
    assert (actor.session_id, envelope.tenant_id) == (SESSION, TENANT)


async def test_a_token_that_somebody_else_signed_is_nobody_s(api: Api) -> None:
    headers = await log_in(api, "customer")
    token, _ = await AccessTokens(OneKey(), ISSUER).issue(TENANT, "cus_0001", SESSION)
    headers["Authorization"] = f"Bearer {token}"
    assert await ask(api, USER, headers) == (401, "auth.token_refused")
