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
