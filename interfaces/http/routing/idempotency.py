"""Under which id a request's command runs, and what the request was."""

import hashlib
import re
import secrets
from collections.abc import Mapping
from typing import Any

import msgspec

from interfaces.http.edge.exchange import Exchange
from interfaces.http.wire.problems import Problem

KEY_HEADER = b"idempotency-key"
KEY_LENGTH_MAX = 255

_KEY = re.compile(rb"[\x21-\x7e](?:[\x20-\x7e]{0,253}[\x21-\x7e])?")
_canonical = msgspec.json.Encoder(order="sorted").encode


def idempotency_key(exchange: Exchange, *, required: bool) -> str:
    """Take the caller's key; a request that needs none and has none gets one of its own."""
    given = exchange.headers.get(KEY_HEADER)
    if given is None:
        if required:
            raise Problem(
                400,
                "request.idempotency_key_missing",
                "this moves money: send an Idempotency-Key, and the same one when you try again",
            )
        return secrets.token_hex(16)
    if _KEY.fullmatch(given) is None:
        raise Problem(
            400,
            "request.idempotency_key_invalid",
            f"an Idempotency-Key has 1 to {KEY_LENGTH_MAX} printable ASCII characters",
        )
    return given.decode()


def request_hash(name: str, fields: Mapping[str, Any], path: Mapping[str, str]) -> bytes:
    """Hash what the client asked for, before defaults, whatever the order of its fields.

    The ids of the path count as fields, so a command is the same alone and inside a batch.
    """
    asked = {**fields, **path} if path else fields
    return hashlib.sha256(name.encode() + b"\0" + _canonical(asked)).digest()
