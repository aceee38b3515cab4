"""Which route a request is for: one dictionary look-up where the path is fixed."""

import re
from collections.abc import Iterable, Mapping

from domain.identity.roles import ROLE_PATTERN
from domain.ledger.periods import PERIOD_PATTERN
from domain.pricing.events import STANDARD_LIST
from domain.stock.events import MAIN_LOCATION
from domain.users.consents import Purpose
from interfaces.http.edge.exchange import Exchange
from interfaces.http.routing.route import DefterRoute
from interfaces.http.wire.fields import CUSTOMER_PATTERN, STAFF_PATTERN
from interfaces.http.wire.problems import Problem

_ID = r"[a-z]{2,5}_[0-9a-zA-Z]{4,56}"
_UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_POSITION = "[1-9][0-9]{0,17}"
_SLUG = "[a-z0-9]+(?:-[a-z0-9]+){0,40}"
_CODE = r"[a-z][a-z0-9_.]{0,160}"

PATH_PATTERNS: Mapping[str, str] = {
    "wallet_id": _ID,
    "product_id": f"{_ID}|{_SLUG}",
    "hold_id": _ID,
    "capture_id": _ID,
    "customer_id": CUSTOMER_PATTERN,
    "request_id": _ID,
    "key_id": _ID,
    "staff_id": STAFF_PATTERN,
    "tenant_id": "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    "role": ROLE_PATTERN.pattern,
    "session_id": _ID,
    "card_id": _ID,
    "purpose": "|".join(Purpose),
    "account": rf"{_CODE}(?::{_ID})?",
    "period": PERIOD_PATTERN.pattern,
    "entry_id": rf"[a-z_]{{1,32}}-{_ID}\.[1-9][0-9]{{0,17}}",
    "endpoint_id": _ID,
    "category_id": _ID,
    "brand_id": _ID,
    "type_id": _ID,
    "collection_id": f"{_ID}|{_SLUG}",
    "import_id": _ID,
    "uid": "[0-9A-F]{8,20}",
    "sha256": "[0-9a-f]{64}",
    "position": _POSITION,
    "event": f"{_POSITION}|{_UUID}",
    "read_model": "[a-z_]{1,40}",
    "delivery_id": _UUID,
    "effect_id": _UUID,
    "variant_id": _ID,
    "location_id": f"{MAIN_LOCATION}|{_ID}",
    "reservation_id": _ID,
    "stock_take_id": _ID,
    "price_list_id": f"{STANDARD_LIST}|{_ID}",
    "schedule_id": _ID,
}
"""What may stand in a path; anything else is no path at all, and the same 404 as no such thing."""

Methods = dict[str, DefterRoute]


class RouteTable:
    """All routes by path and method."""

    def __init__(self, routes: Iterable[DefterRoute]) -> None:
        self._fixed: dict[str, Methods] = {}
        self._shaped: dict[str, tuple[re.Pattern[str], Methods]] = {}
        self.routes = tuple(routes)
        for route in self.routes:
            methods = self._methods_of(route.path)
            for method in route.methods or ():
                if method in methods:
                    raise ValueError(f"two routes for {method} {route.path}")
                methods[method] = route

    def find(self, exchange: Exchange) -> DefterRoute | Problem:
        """Find the route and note it with its path's parts; else give the 404 or 405."""
        methods = self._fixed.get(exchange.path) or self._match(exchange)
        if methods is None:
            return Problem(404, "request.path_not_found", "there is nothing at this path")
        method = "GET" if exchange.method == "HEAD" else exchange.method
        route = methods.get(method)
        if route is None:
            allowed = {*methods, *({"HEAD"} if "GET" in methods else ())}
            return Problem(
                405,
                "request.method_not_allowed",
                "this path does not know this method",
                headers=((b"allow", ", ".join(sorted(allowed)).encode()),),
            )
        exchange.route = route
        return route

    def _methods_of(self, path: str) -> Methods:
        if "{" not in path:
            return self._fixed.setdefault(path, {})
        pattern = re.sub(r"\{(\w+)\}", lambda part: _group(part[1]), path)
        return self._shaped.setdefault(pattern, (re.compile(pattern), {}))[1]

    def _match(self, exchange: Exchange) -> Methods | None:
        for pattern, methods in self._shaped.values():
            found = pattern.fullmatch(exchange.path)
            if found is not None:
                exchange.path_params = found.groupdict()
                return methods
        return None


def _group(name: str) -> str:
    return f"(?P<{name}>{PATH_PATTERNS[name]})"
