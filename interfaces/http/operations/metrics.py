"""What Prometheus scrapes, and the effective settings."""

from ipaddress import ip_address
from typing import Any

from application.permissions import Permission
from infrastructure.observability.metrics import CONTENT_TYPE
from interfaces.http.edge.exchange import Exchange
from interfaces.http.routing.query import Answer, Params, QueryRoute, Question


def scraped_from_loopback(exchange: Exchange) -> bool:
    """Whether a direct neighbour on this machine asks, and no proxy on another's behalf."""
    client = exchange.scope.get("client")
    if not exchange.services.settings.metrics_from_loopback or client is None:
        return False
    if b"x-forwarded-for" in exchange.headers or b"forwarded" in exchange.headers:
        return False
    try:
        return ip_address(client[0]).is_loopback
    except ValueError:
        return False


async def _metrics(question: Question[Params]) -> Answer:
    """Prometheus' text format. Loopback peers need no key, unless the settings say so."""
    body = question.exchange.services.metrics.text()
    return Answer(body, media_type=CONTENT_TYPE.encode())


async def _settings(question: Question[Params]) -> Answer:
    """Defaults, file and environment as they came out; secrets are masked."""
    return Answer(question.exchange.services.settings.masked())


METRICS = QueryRoute(
    "/metrics",
    Params,
    _metrics,
    permission=Permission.SETTINGS_READ,
    result=str,
    summary="Scrape the metrics of this process",
    name="operations_metrics",
    staff_only=True,
    extra={"x-answers": "text/plain"},
    open_to=scraped_from_loopback,
)

SETTINGS = QueryRoute(
    "/api/admin/config",
    Params,
    _settings,
    permission=Permission.SETTINGS_READ,
    result=dict[str, Any],
    summary="See the effective settings",
    name="operations_settings",
    staff_only=True,
)
