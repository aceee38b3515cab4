"""The names of a request: its own id, and the correlation id that it shares with others."""

import itertools
import re
import secrets

from interfaces.http.edge.exchange import Exchange

REQUEST_ID_HEADER = b"x-request-id"
CORRELATION_HEADER = b"defter-correlation-id"

_ACCEPTED = re.compile(rb"[A-Za-z0-9._:-]{8,128}")
_TELLING = re.compile(rb"[0-9]{14,19}|[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}|.*d[sp]k_(live|test)_.*")
"""What looks like a card number, an IBAN or a key: ids are logged, and those must not be."""

_PROCESS = secrets.token_hex(6)
_COUNT = itertools.count(1)


def name_request(exchange: Exchange) -> None:
    """Take the caller's ids if they are well formed, else make them."""
    given = exchange.headers.get(REQUEST_ID_HEADER)
    if given is not None and _acceptable(given):
        exchange.request_id = given.decode()
    else:
        exchange.request_id = f"req_{_PROCESS}{next(_COUNT):010x}"
    shared = exchange.headers.get(CORRELATION_HEADER)
    if shared is not None and _acceptable(shared):
        exchange.correlation_id = shared.decode()
    else:
        exchange.correlation_id = exchange.request_id


def _acceptable(given: bytes) -> bool:
    return _ACCEPTED.fullmatch(given) is not None and _TELLING.fullmatch(given) is None
