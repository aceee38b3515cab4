"""Opaque ids: a prefix that says of what, then 26 sortable characters (a ULID in lower case)."""

import hashlib
import re
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from uuid import UUID

ID_LENGTH_MAX = 64
ID_PATTERN = re.compile(r"[a-z]{2,5}_[0-9a-zA-Z]{4,56}")
"""What a client may supply; what Defter makes has 26 characters after the prefix."""

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_PAIRS = [high + low for high in _ALPHABET for low in _ALPHABET]
_VERSION_5 = 0x5 << 76 | 0b10 << 62
_RANDOM_MASK = (1 << 128) - 1 & ~(0xF << 76 | 0b11 << 62)
"""Of a UUID's bits, those that say its version and variant, and all others."""

_RANDOM_BITS = 80
_RANDOM_SHIFTS = range(_RANDOM_BITS - 10, -1, -10)
_TIME_SHIFTS = range(40, -1, -10)


def derived_uuid(namespace: UUID, name: str) -> bytes:
    """Give the bytes of `uuid5(namespace, name)`, which the library makes five times slower."""
    return derived_bytes(namespace.bytes + name.encode())


def derived_bytes(namespace_and_name: bytes) -> bytes:
    """Give the bytes of a derived UUID, where those of its namespace are at hand."""
    digest = hashlib.sha1(namespace_and_name, usedforsecurity=False).digest()
    return (int.from_bytes(digest[:16], "big") & _RANDOM_MASK | _VERSION_5).to_bytes(16, "big")


def derived_together(namespaces_and_names: Sequence[bytes]) -> bytes:
    """Give what `derived_bytes` gives of each, end to end: sooner than one by one."""
    count, sha1 = len(namespaces_and_names), hashlib.sha1
    digests = [sha1(one, usedforsecurity=False).digest()[:16] for one in namespaces_and_names]
    mask, version = _repeated(_RANDOM_MASK, count), _repeated(_VERSION_5, count)
    return (int.from_bytes(b"".join(digests), "big") & mask | version).to_bytes(16 * count, "big")


@lru_cache(maxsize=8)
def _repeated(number: int, count: int) -> int:
    return int.from_bytes(number.to_bytes(16, "big") * count, "big")


def sortable_id(prefix: str, at: datetime, seed: bytes) -> str:
    """Make an id that sorts by `at` (milliseconds); the same 16 bytes of seed give the same id."""
    random = int.from_bytes(seed[-_RANDOM_BITS // 8 :])
    letters = "".join([_PAIRS[random >> shift & 1023] for shift in _RANDOM_SHIFTS])
    return f"{prefix}_{_letters_of_time(at)}{letters}"


@lru_cache(maxsize=64)
def _letters_of_time(at: datetime) -> str:
    milliseconds = int(at.timestamp() * 1000)
    return "".join([_PAIRS[milliseconds >> shift & 1023] for shift in _TIME_SHIFTS])
