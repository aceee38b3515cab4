"""What the head of any request has to be, whoever sends it."""

from interfaces.http.edge.exchange import Exchange
from interfaces.http.wire.problems import Problem

SINGLE_HEADERS = frozenset(
    {
        b"x-api-key",
        b"authorization",
        b"idempotency-key",
        b"defter-act-for",
        b"host",
        b"origin",
        b"content-type",
        b"if-match",
    }
)
"""Headers that decide something: two of them would let two readers see two requests."""

HEADERS_MAX = 100
HEADERS_BYTES_MAX = 32_768
TARGET_BYTES_MAX = 8_192

HIDDEN_SLASHES = (b"%2f", b"%5c")
"""One reader would see another path than the next; no path here needs them."""


def check_head(exchange: Exchange) -> None:
    """Refuse a head that is too large, or that two readers could read in two ways."""
    scope = exchange.scope
    path: bytes = scope["raw_path"]
    if len(path) + len(scope["query_string"]) > TARGET_BYTES_MAX:
        raise Problem(414, "request.target_too_long", "the path and query are too long")
    given, headers = scope["headers"], exchange.headers
    if len(given) > HEADERS_MAX or sum(map(len, headers.values())) > HEADERS_BYTES_MAX:
        raise Problem(431, "request.headers_too_large", "the headers are too many or too large")
    if b"%" in path and any(slash in path.lower() for slash in HIDDEN_SLASHES):
        raise Problem(404, "request.path_not_found", "there is nothing at this path")
    if len(headers) != len(given):
        names = [name for name, _ in given]
        if any(names.count(name) > 1 for name in SINGLE_HEADERS):
            raise Problem(
                400, "request.header_repeated", "a header that decides something came twice"
            )
