"""SEC-04, IAM-16: no route of the running application is unguarded, but those that are listed."""

import pytest

from application.permissions import Permission
from application.roles import PERMISSIONS_OF
from domain.identity.roles import BuiltIn
from domain.tenants.tenant import KeyKind
from interfaces.http.app import create_app
from interfaces.http.routes import ROUTES
from interfaces.http.routing.route import DefterRoute
from tests.http.conftest import Api
from tests.http.edge.callers import log_in
from tests.http.test_routes import EXAMPLES

pytestmark = [pytest.mark.row("SEC-04"), pytest.mark.row("IAM-16")]

PUBLIC = {
    "GET /api/health",
    "GET /api/health/live",
    "GET /api/health/ready",
    "GET /api/openapi.json",
    "GET /api/docs",
    "GET /.well-known/jwks.json",
    "GET /api/assets/{sha256}",
}
"""Who has no key may ask for these, and for nothing else."""

KEYED = {
    "GET /api/collections/{collection_id}/products",
    "DELETE /api/products/{product_id}/variants/{variant_id}/watch",
    "GET /api/search",
    "GET /api/search/suggestions",
    "POST /api/products/watches/confirm",
    "POST /api/products/watches/unsubscribe",
    "POST /api/products/{product_id}/variants/{variant_id}/watch",
    "GET /api/brands",
    "GET /api/categories",
    "GET /api/collections",
    "GET /api/nfc/{uid}",
    "GET /api/products/lookup",
    "GET /api/products",
    "GET /api/products/{product_id}",
    "GET /api/products/{product_id}/json-ld",
    "GET /api/users/consent-texts",
    "POST /api/users",
    "POST /api/users/login",
    "POST /api/auth/register",
    "POST /api/auth/login",
    "POST /api/auth/refresh",
    "POST /api/auth/password/reset-request",
    "POST /api/auth/password/reset",
    "POST /api/auth/email/verify",
}
"""These need a key and no person: it names the tenant."""

CUSTOMERS = PERMISSIONS_OF[BuiltIn.CUSTOMER]


def named(route: DefterRoute) -> str:
    (method,) = list(route.methods or ())
    return f"{method} {route.path}"


@pytest.fixture
def routes(api: Api) -> tuple[DefterRoute, ...]:
    """Give what the running application answers, not what it was told to."""
    return create_app(api.services).routes


async def ask(api: Api, route: DefterRoute, headers: dict[str, str]) -> tuple[int, str]:
    method, _, path = named(route).partition(" ")
    for part, example in EXAMPLES.items():
        path = path.replace(part, example)
    assert "{" not in path, f"tests/http/test_routes.py has no example for {path}"
    answer = await api.client.request(method, path, json={}, headers=headers)
    return answer.status_code, answer.json()["code"] if answer.status_code >= 400 else ""


def test_what_is_public_or_needs_a_key_alone_is_listed(routes: tuple[DefterRoute, ...]) -> None:
    assert len(routes) == len(ROUTES) + 2
    assert {named(one) for one in routes if not one.guarded} == PUBLIC
    assert {named(one) for one in routes if one.guarded and one.permission is None} == KEYED


async def test_nobody_gets_anywhere_without_a_key(
    api: Api, routes: tuple[DefterRoute, ...]
) -> None:
    for route in routes:
        if named(route) not in PUBLIC:
            status = 400 if route.public_read else 401
            assert await ask(api, route, {}) == (status, "auth.key_missing"), route.path


async def test_a_publishable_key_is_nobody(api: Api, routes: tuple[DefterRoute, ...]) -> None:
    key = {"X-API-Key": api.key(KeyKind.PUBLISHABLE)}
    for route in routes:
        if named(route) not in PUBLIC | KEYED:
            assert await ask(api, route, key) == (401, "auth.login_required"), route.path


async def test_a_staff_key_reaches_what_its_scopes_name(
    api: Api, routes: tuple[DefterRoute, ...]
) -> None:
    for scopes in ((), ("wallet.read",), tuple(set(Permission) - {Permission.LEDGER_POST})):
        key = {"X-API-Key": api.key(scopes=scopes)}
        for route in routes:
            if route.permission is not None and route.permission not in scopes:
                assert await ask(api, route, key) == (403, "auth.permission_missing"), route.path


async def test_a_customer_reaches_what_customers_may(
    api: Api, routes: tuple[DefterRoute, ...]
) -> None:
    customer = await log_in(api, BuiltIn.CUSTOMER)
    refused = 0
    for route in routes:
        if route.permission is not None and route.permission not in CUSTOMERS:
            assert await ask(api, route, customer) == (403, "auth.permission_missing"), route.path
            refused += 1
    assert refused > 20


async def test_what_is_for_staff_is_not_for_customers_whatever_they_may(
    api: Api, routes: tuple[DefterRoute, ...]
) -> None:
    customer = await log_in(api, BuiltIn.TENANT_ADMIN)
    for route in routes:
        if route.staff_only and route.permission is not None and route.permission.of_tenants:
            assert await ask(api, route, customer) == (403, "auth.staff_only"), route.path


async def test_everything_of_a_tenant_is_not_everything(
    api: Api, routes: tuple[DefterRoute, ...]
) -> None:
    for route in routes:
        if route.permission is not None and not route.permission.of_tenants:
            key = {"X-API-Key": api.secret}
            assert await ask(api, route, key) == (403, "auth.permission_missing"), route.path


async def test_every_route_tells_in_the_description_what_it_needs(
    api: Api, routes: tuple[DefterRoute, ...]
) -> None:
    paths = (await api.client.get("/api/openapi.json")).json()["paths"]
    for route in routes:
        method, _, path = named(route).partition(" ")
        operation = paths[path][method.lower()]
        assert bool(operation["security"]) is route.guarded
        assert operation.get("x-permission") == route.permission
        if route.guarded:
            assert {"401", "429"} <= operation["responses"].keys()
