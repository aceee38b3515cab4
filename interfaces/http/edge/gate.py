"""The one way in. It names a request, takes it through the layers, and logs what became of it.

The layers stand in the order of diagram 21 of the requirements: neither a preflight nor a refusal
of too many needs a key, the key names the tenant before anybody is asked who they are, and only
who is known is asked what they may.
"""

import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import structlog
from starlette.types import ASGIApp, Receive, Scope, Send

from infrastructure.audit.refusals import KEPT_STATUSES, Refused
from infrastructure.observability.logs import AccessLine
from infrastructure.observability.telemetry.tracing import Span
from interfaces.http.edge.addresses import AddressLimit, peer_of
from interfaces.http.edge.authentication import ApiKeys
from interfaces.http.edge.cross_origin import CrossOrigin
from interfaces.http.edge.exchange import Exchange
from interfaces.http.edge.head import check_head
from interfaces.http.edge.identifiers import name_request
from interfaces.http.edge.limits import KeyQuota
from interfaces.http.edge.permissions import check_permission
from interfaces.http.edge.rules import RuledOperations, check_rules
from interfaces.http.edge.security_headers import SecurityHeaders
from interfaces.http.edge.sessions import Sessions
from interfaces.http.edge.tenancy import ByHost, Tenancy
from interfaces.http.parts import Services
from interfaces.http.routing.table import RouteTable
from interfaces.http.wire.bodies import Gone
from interfaces.http.wire.problems import INTERNAL, Problem, of_error

CLIENT_GONE = 499
"""What the access log says of a client that left; nothing was answered."""

Layer = Callable[[Exchange], Awaitable[None] | None]
"""Refuses a request by raising a problem, answers it, or lets it pass; at once where it can."""

TRACEPARENT_HEADER = b"traceparent"
FAILURES_FROM = 500

_LOG = structlog.get_logger("http")


class Gate:
    """Pure ASGI; it answers everything itself and hands only the lifespan to `app`."""

    def __init__(self, app: ASGIApp, *, services: Services, table: RouteTable) -> None:
        self._app = app
        self._services = services
        self._tracer = services.tracer
        self._table = table
        self._tallies = {
            route.unique_id: services.metrics.command_seconds.of(route.command_name)
            for route in table.routes
            if route.command_name is not None
        }
        self.routes = table.routes
        settings, by_host = services.settings, ByHost(services.directory)
        origins = CrossOrigin(services.origins, by_host, settings.allowed_origins)
        addresses = AddressLimit(services.quota, settings)
        self._operations = frozenset(route.operation_id or "" for route in table.routes)
        check_rules(settings.route_limits, self._operations)
        rules = RuledOperations(services.quota, services.rules, addresses, settings.route_limits)
        self._for_everybody: tuple[Layer, ...] = (
            SecurityHeaders(settings),
            origins,
            addresses,
        )
        self._for_the_known: tuple[Layer, ...] = (
            ApiKeys(services.directory, addresses),
            Tenancy(by_host),
            origins.of_tenant,
            KeyQuota(services.quota, services.rate),
            rules,
            Sessions(services.tokens, services.accounts),
            check_permission,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        exchange = Exchange(scope, receive, send, self._services)
        if self._tracer is not None:
            exchange.span = self._tracer.serve(exchange.headers.get(TRACEPARENT_HEADER))
        try:
            await self._serve(exchange)
        except Gone:
            exchange.status = CLIENT_GONE
        except Exception as error:  # noqa: BLE001 - whatever it is, the client gets a problem
            await self._refuse(exchange, await _once_confirmed(exchange, error))
        finally:
            exchange.assumed = None  # it holds the exchange
            self._tell(exchange)

    async def _serve(self, exchange: Exchange) -> None:
        name_request(exchange)
        exchange.operations = self._operations
        exchange.peer = peer_of(exchange, self._services.settings.proxies)
        route = self._table.find(exchange)
        for layer in self._for_everybody:
            waiting = layer(exchange)
            if waiting is not None:
                await waiting
                if exchange.status:
                    return
        check_head(exchange)
        if isinstance(route, Problem):
            raise route
        if route.guarded and not route.open_to(exchange):
            for layer in self._for_the_known:
                waiting = layer(exchange)
                if waiting is not None:
                    await waiting
        await route.respond(exchange)

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
        if exchange.span is not None:
            line.trace_id = exchange.span.trace_id
            _trace(exchange.span, line)
        access.write(line)


async def _once_confirmed(exchange: Exchange, error: Exception) -> Exception:
    """Give what is answered in the end: who was only assumed to be let in may not be."""
    if exchange.assumed is None or exchange.assumed.looked:
        return error
    try:
        await exchange.assumed.confirm()
    except Problem as problem:
        return problem
    except Exception as fault:  # noqa: BLE001 - nobody can be told what only the known may hear
        refusal = of_error(error)
        return error if refusal is None or refusal.status >= FAILURES_FROM else fault
    return error


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


def _trace(span: Span, line: AccessLine) -> None:
    """End a request's span, in OpenTelemetry's words, without the path: it may name a person."""
    attributes: dict[str, str | int] = {
        "http.request.method": line.method,
        "http.route": line.route,
        "http.response.status_code": line.status,
        "defter.request_id": line.request_id,
        "defter.correlation_id": line.correlation_id,
    }
    if line.tenant:
        attributes["defter.tenant"] = line.tenant
    failed = (line.code or str(line.status)) if line.status >= FAILURES_FROM else ""
    span.end(f"{line.method} {line.route}", attributes, failed=failed)
