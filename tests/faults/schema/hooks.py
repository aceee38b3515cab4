"""What schemathesis has to be told about Defter, which no OpenAPI document can say.

Whoever calls must be able to go on calling: who logs out logs in again, and nobody takes away the
key or the staff member that the campaign itself comes with. No check is off and no operation is
left out; of what checks find, only this is right as it is:

- documented 503s of `NOT_YET`: whoever asks for an answer that holds a position which the log has
  not reached is told so.
- `auth.key_missing`, a documented 400: who the caller is matters not where only the key of a shop
  is lacking, which says whose products are asked for.
- a body that is too large: refused as 413, which the check does not take for a refusal.
- a request that its schema allows and a rule does not: a 422 whose code is not `request.invalid`,
  or whose fields are wrong in a way of `BEYOND_SCHEMAS`; a file that is not of a kind that is kept.
- a header that its own pattern does not allow, which the check takes for a valid one.
"""

import atexit
import json
import os
import re
import sys
import threading
from collections import Counter
from typing import Any
from uuid import uuid4

import httpx
import schemathesis as untyped

from interfaces.http.routing.route import HEADER_PATTERNS

schemathesis: Any = untyped  # its types are partly unknown
TOLD = json.loads(os.environ["FUZZED_AS"])
OWN: frozenset[str] = frozenset(TOLD["own"])
"""Ids of what the campaign itself comes with."""

UNAUTHENTICATED = 401
SERVER_ERROR, VIOLATION_ACCEPTED, SCHEMA_VALID_REJECTED = "ST101", "ST201", "ST202"
UNAUTHENTICATED_ANSWERED, KEY_LACKS = "ST401", "`400 Bad Request`"
NOT_YET = frozenset({"service.read_model_behind", "audit.not_sealed_yet"})
TOO_LARGE = frozenset({413, 414})
RULES = frozenset({412, 415, 422})
BEYOND_SCHEMAS: frozenset[str] = frozenset(
    {
        "catalog.products_or_rule",
        "channels.unknown_type",
        "field.not_a_moment",
        "field.too_short /q",
        "keys.not_a_network",
        "money.unknown_currency",
        "field.not_printable",
        "field.required /owner",
        "field.missing /email",
        "field.not_an_iban",
        "field.not_an_integer",
        "field.wrong_format /code",
        "field.wrong_format /cursor",
        "users.not_a_phone",
        "users.not_an_email",
        "request.idempotency_key_reused",
        "request.version_changed",
    }
)
"""What no schema of the document can say: which currencies and kinds of events there are, which
characters print, that staff name an owner and guests an address where customers need not, that a
collection has products or a rule, that 66.0 is no whole number here, what an address, a network, a
number, a moment, a gift code or a cursor is beyond its letters and length, that a word to
look for has two of them, what was sent before."""

ANSWERS: Counter[int] = Counter()
HEADERS: dict[str, str] = dict(TOLD["headers"])
ONE_AT_A_TIME = threading.Lock()


@schemathesis.auth(refresh_interval=None)
class Caller:
    """Shows the key, and the token of the session that is under way."""

    def get(self, _case: Any, _context: Any) -> dict[str, str]:  # noqa: ANN401 - schemathesis' own
        return HEADERS

    def set(self, case: Any, _data: Any, _context: Any) -> None:  # noqa: ANN401 - as above
        case.headers = {**(case.headers or {}), **HEADERS}


def _texts(parameters: dict[str, object] | None) -> list[str]:
    return [str(value) for value in (parameters or {}).values()]


@schemathesis.hook
def filter_case(_context: Any, case: Any) -> bool:  # noqa: ANN401 - as above
    """Leave alone what the campaign needs itself."""
    return not OWN.intersection(_texts(case.path_parameters))


@schemathesis.hook
def after_call(_context: Any, _case: Any, response: Any) -> None:  # noqa: ANN401 - as above
    """Count the answers, and log in again after a session was ended."""
    ANSWERS[response.status_code] += 1
    if response.status_code != UNAUTHENTICATED or "Authorization" not in HEADERS:
        return
    code = response.json().get("code") if response.content else ""
    if code in {"auth.session_ended", "auth.token_expired"}:
        with ONE_AT_A_TIME:
            _log_in()


@schemathesis.hook
def filter_failure(_context: Any, failure: Any, case: Any, response: Any) -> bool:  # noqa: ANN401 - as above
    """Drop what is right as it is; see above."""
    if failure.code == UNAUTHENTICATED_ANSWERED:
        public = "x-permission" not in case.operation.definition.raw
        return not (public and KEY_LACKS in failure.message)
    try:
        problem = response.json()
        code = problem["code"]
    except (ValueError, KeyError, TypeError):
        return True
    if failure.code == SCHEMA_VALID_REJECTED:
        return not (_malformed(case) or _by_a_rule(response.status_code, problem))
    right = {
        SERVER_ERROR: code in NOT_YET,
        VIOLATION_ACCEPTED: response.status_code in TOO_LARGE,
    }
    return not right.get(failure.code, False)


def _by_a_rule(status: int, problem: dict[str, Any]) -> bool:
    """Whether a request was refused by what no schema can say."""
    code = problem["code"]
    if status not in RULES:
        return False
    if code != "request.invalid":
        return not code.startswith("request.") or code in BEYOND_SCHEMAS
    return any(
        {error["code"], f"{error['code']} {error['pointer']}"} & BEYOND_SCHEMAS
        for error in problem.get("errors", ())
    )


def _malformed(case: Any) -> bool:  # noqa: ANN401 - schemathesis' own
    """Whether a header is not as the pattern says that describes it."""
    sent: dict[str, Any] = dict(case.headers or {})
    headers = {name.lower(): str(value) for name, value in sent.items()}
    return any(
        re.search(pattern, headers[name.lower()]) is None
        for name, pattern in HEADER_PATTERNS.items()
        if name.lower() in headers
    )


def _log_in() -> None:
    answer = httpx.post(
        f"{TOLD['url']}/api/auth/login",
        json=TOLD["login"],
        headers={"X-API-Key": TOLD["publishable"], "Idempotency-Key": uuid4().hex},
        timeout=30,
    )
    if answer.is_success:
        HEADERS["Authorization"] = f"Bearer {answer.json()['access_token']}"


def _tell() -> None:
    told = ", ".join(f"{status}: {count:,}" for status, count in sorted(ANSWERS.items()))
    sys.stdout.write(f"answers: {told}\n")


atexit.register(_tell)
