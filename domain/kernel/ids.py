"""Opaque ids: a prefix that says of what, then 26 sortable characters (a ULID in lower case)."""

import re
from datetime import datetime
from uuid import UUID

ID_LENGTH_MAX = 64
ID_PATTERN = re.compile(r"[a-z]{2,5}_[0-9a-zA-Z]{4,56}")
"""What a client may supply; what Defter makes has 26 characters after the prefix."""

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_PAIRS = [high + low for high in _ALPHABET for low in _ALPHABET]
_PAIR_SHIFTS = range(120, -1, -10)
_RANDOM_BITS = 80


def sortable_id(prefix: str, at: datetime, seed: UUID) -> str:
    """Make an id that sorts by `at` (milliseconds) and is the same for the same seed."""
    number = int(at.timestamp() * 1000) << _RANDOM_BITS | seed.int & ((1 << _RANDOM_BITS) - 1)
    return f"{prefix}_{''.join([_PAIRS[number >> shift & 1023] for shift in _PAIR_SHIFTS])}"
