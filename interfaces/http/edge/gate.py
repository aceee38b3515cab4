"""The one way in. It names a request, finds its route, lets it pass or refuses it, and logs it."""

import time
from datetime import UTC, datetime

import structlog
from starlette.types import ASGIApp, Receive, Scope, Send

from application.permissions import Permission
from infrastructure.audit.refusals import KEPT_STATUSES, Refused
from infrastructure.observability.logs import AccessLine
from interfaces.http.edge.authentication import (
    ApiKeys,
    acted_for,
    login_required,
    peer_of,
)
from interfaces.http.edge.exchange import Exchange, PrincipalKind
from interfaces.http.edge.identifiers import name_request
from interfaces.http.edge.sessions import Sessions
from interfaces.http.edge.tenancy import ByHost, Resolver, by_principal, check_tenant
from interfaces.http.parts import Services
from interfaces.http.routing.route import DefterRoute
from interfaces.http.routing.table import RouteTable
from interfaces.http.wire.bodies import Gone
from interfaces.http.wire.problems import INTERNAL, Problem, of_error

CLIENT_GONE = 499
"""What the access log says of a client that left; nothing was answered."""

SINGLE_HEADERS = frozenset(
    {
        b"x-api-key",
        b"authorization",
        b"idempotency-key",
        b"defter-act-for",
        b"host",
        b"content-type",
        b"if-match",
    }
)
"""Headers that decide something: two of them would let two readers see two requests."""

_LOG = structlog.get_logger("http")


class Gate:
    """Pure ASGI; it answers everything itself and hands only the lifespan to `app`."""

    def __init__(self, app: ASGIApp, *, services: Services, table: RouteTable) -> None:
        self._app = app
        self._services = services
        self._table = table
        self._keys = ApiKeys(services.directory)
        self._sessions = Sessions(services.tokens, services.accounts)
        self._tallies = {
            route.unique_id: services.metrics.command_seconds.of(route.command_name)
            for route in table.routes
            if route.command_name is not None
        }
        self._resolvers: tuple[Resolver, ...] = (by_principal, ByHost(services.directory))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        exchange = Exchange(scope, receive, send, self._services)
        try:
            name_request(exchange)
            route = self._table.find(exchange)
            _check_single_headers(exchange)
            if (route.permission is not None or route.keyed) and not route.open_to(exchange):
                await self._let_in(exchange, route)
            await route.respond(exchange)
        except Gone:
            exchange.status = CLIENT_GONE
        except Exception as error:  # noqa: BLE001 - whatever it is, the client gets a problem
            await self._refuse(exchange, error)
        finally:
            self._tell(exchange)

    async def _let_in(self, exchange: Exchange, route: DefterRoute) -> None:
        exchange.peer = peer_of(exchange, self._services.settings.proxies)
        principal = exchange.principal = await self._keys(exchange)
        await check_tenant(exchange, self._resolvers)
        standing = await self._services.quota.spend(
            f"{principal.tenant_id}:{principal.key_id}", self._services.rate
        )
        exchange.standing = standing
        if not standing.allowed:
            raise Problem(
                429,
                "request.quota_exceeded",
                "this key has sent too much; come again a little later",
                headers=((b"retry-after", b"%d" % standing.reset_seconds),),
            )
        person = await self._sessions(exchange, principal)
        if person is not None:
            principal = exchange.principal = person
        exchange.on_behalf_of = acted_for(exchange, principal)
        if route.permission is not None:
            _check_permission(exchange, route.permission, staff_only=route.staff_only)

    async def _refuse(self, exchange: Exchange, error: Exception) -> None:
        problem = of_error(error)
        if problem is None or problem is INTERNAL:
            problem = INTERNAL
            self._services.metrics.unexpected_errors.inc()
            _LOG.error("unexpected_error", request_id=exchange.request_id, exc_info=error)
        if exchange.status:
            # The answer had begun; all that is left is to break it off.
            raise error
        await exchange.refuse(problem)

    def _tell(self, exchange: Exchange) -> None:
        seconds = time.perf_counter() - exchange.started
        route = exchange.route
        template = route.path if route is not None else "unknown"
        self._services.metrics.requests.add(template, exchange.method, exchange.status)
        tally = self._tallies.get(route.unique_id) if route is not None else None
        if tally is not None:
            tally.add(seconds)
        access = self._services.access
        line = AccessLine(
            time=access.now(),
            event="request",
            request_id=exchange.request_id,
            method=exchange.method,
            route=template,
            status=exchange.status,
            latency_ms=round(seconds * 1000, 3),
            bytes=exchange.bytes_sent,
            correlation_id=exchange.correlation_id,
            code=exchange.code,
        )
        if exchange.known:
            principal = exchange.principal
            line.tenant = principal.slug
            line.actor_id = principal.actor_id
            line.key_id = principal.key_id or ""
            line.on_behalf_of = exchange.on_behalf_of or ""
            if exchange.status in KEPT_STATUSES:
                self._services.refusals.note(_refused(exchange, template))
        access.write(line)


def _refused(exchange: Exchange, template: str) -> Refused:
    principal = exchange.principal
    return Refused(
        tenant_id=principal.tenant_id,
        at=datetime.now(UTC),
        actor=principal.actor_id,
        key_id=principal.key_id,
        on_behalf_of=exchange.on_behalf_of,
        method=exchange.method,
        route=template,
        status=exchange.status,
        code=exchange.code,
        request_id=exchange.request_id,
        address=exchange.peer,
        tried=exchange.tried,
    )


def _check_single_headers(exchange: Exchange) -> None:
    given = exchange.scope["headers"]
    if len(exchange.headers) == len(given):
        return
    names = [name for name, _ in given]
    if any(names.count(name) > 1 for name in SINGLE_HEADERS):
        raise Problem(400, "request.header_repeated", "a header that decides something came twice")


def _check_permission(exchange: Exchange, permission: Permission, *, staff_only: bool) -> None:
    principal = exchange.principal
    if principal.kind is PrincipalKind.ANYBODY:
        raise login_required()
    if not principal.may(permission):
        raise Problem(
            403,
            "auth.permission_missing",
            f"this needs the permission {permission.value}",
            facts={"permission": permission.value},
        )
    if staff_only and exchange.on_behalf_of is not None:
        raise Problem(403, "auth.staff_only", "no customer has this; leave Defter-Act-For away")
