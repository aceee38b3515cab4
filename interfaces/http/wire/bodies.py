"""Request bodies: read within a limit, parsed once, and strictly (RFC 8259, RFC 7493)."""

import json
from collections.abc import Iterable
from typing import Any, cast

from starlette.types import Receive

from interfaces.http.wire.problems import Problem

BODY_BYTES_MAX = 1024 * 1024
BULK_BODY_BYTES_MAX = 8 * 1024 * 1024
DEPTH_MAX = 32

_JSON_TYPES = frozenset({b"application/json", b"application/json; charset=utf-8"})


class Gone(Exception):
    """The client left before its request was complete."""


def check_content_type(given: bytes | None) -> None:
    """Refuse a body that does not say it is JSON."""
    if given in _JSON_TYPES:
        return
    media, _, parameters = (given or b"").lower().partition(b";")
    charset = parameters.strip().replace(b'"', b"")
    if media.strip() != b"application/json" or charset not in {b"", b"charset=utf-8"}:
        raise Problem(
            415, "request.not_json", "the body is JSON in UTF-8: Content-Type: application/json"
        )


async def read_body(receive: Receive, length: bytes | None, bytes_max: int) -> bytes:
    """Read a body; one that is too large is refused before it is read, or as soon as it shows."""
    if length is not None and len(length) < 20 and int(length) > bytes_max:  # noqa: PLR2004 - fits 64 bits
        raise _too_large(bytes_max)
    message = await receive()
    body: bytes = message.get("body", b"")
    if (
        message["type"] == "http.request"
        and not message.get("more_body")
        and len(body) <= bytes_max
    ):
        return body
    parts, size = [body], len(body)
    while message["type"] == "http.request" and message.get("more_body") and size <= bytes_max:
        message = await receive()
        parts.append(message.get("body", b""))
        size += len(parts[-1])
    if message["type"] != "http.request":
        raise Gone
    if size > bytes_max:
        raise _too_large(bytes_max)
    return b"".join(parts)


def parse_object(body: bytes) -> dict[str, Any]:
    """Parse a JSON object; names that appear twice, NaN and deep nesting are refused."""
    try:
        parsed: Any = _DECODER.decode(body.decode())
        if body.count(b"{") + body.count(b"[") > DEPTH_MAX:
            _check_depth(parsed)
    except UnicodeDecodeError as wrong:
        raise _malformed("the body is not valid UTF-8") from wrong
    except _NotStrict as wrong:
        raise _malformed(str(wrong)) from wrong
    except (ValueError, RecursionError) as wrong:
        raise _malformed("the body is not valid JSON") from wrong
    if type(parsed) is not dict:
        raise Problem(422, "request.not_an_object", "the body is a JSON object")
    return cast("dict[str, Any]", parsed)


class _NotStrict(Exception):
    """What a lenient parser would have let pass."""


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _NotStrict("a name appears twice in one object")
    return found


def _refuse_constant(_name: str) -> None:
    raise _NotStrict("NaN and Infinity are no JSON")


_NESTING = frozenset({dict, list})
_DECODER = json.JSONDecoder(object_pairs_hook=_once_each, parse_constant=_refuse_constant)


def _check_depth(parsed: object) -> None:
    level: list[Any] = [parsed]
    for _ in range(DEPTH_MAX):
        level = [value for one in level for value in _values_of(one) if type(value) in _NESTING]
        if not level:
            return
    raise _NotStrict(f"the body is nested deeper than {DEPTH_MAX} levels")


def _values_of(one: object) -> Iterable[Any]:
    return cast("dict[str, Any]", one).values() if type(one) is dict else cast("list[Any]", one)


def _malformed(detail: str) -> Problem:
    return Problem(400, "request.malformed", detail)


def _too_large(bytes_max: int) -> Problem:
    return Problem(
        413,
        "request.too_large",
        f"a body has at most {bytes_max} bytes here",
        facts={"bytes_max": bytes_max},
        headers=((b"connection", b"close"),),
    )
