"""Codes of gift cards: `7Q2K-…`, 16 characters of which the last checks the others (Luhn mod 32).

The alphabet leaves 0, 1, I and O away, so that nobody mistakes one letter for another. A code is
75 bits of chance, and only a keyed hash of it is ever kept (HMAC-SHA-256, under a key that each
master key of the settings gives): who reads the log can neither redeem a card nor try codes.
"""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from uuid import UUID

from stdnum import luhn

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
CODE_CHARACTERS = 16
GROUP_CHARACTERS = 4
WRITTEN_LENGTH_MAX = 64
"""Of a code as a person types it, with whatever stands between its groups."""

_PURPOSE = b"defter gift code"


def new_code() -> str:
    """Make a code."""
    chance = "".join(secrets.choice(ALPHABET) for _ in range(CODE_CHARACTERS - 1))
    return chance + luhn.calc_check_digit(chance, alphabet=ALPHABET)


def written(code: str) -> str:
    """Write a code as people read it: in groups of four."""
    starts = range(0, CODE_CHARACTERS, GROUP_CHARACTERS)
    return "-".join(code[start : start + GROUP_CHARACTERS] for start in starts)


def read(text: str) -> str | None:
    """Read a code as a person types it; None for what can be no code, such as a mistyped one."""
    code = text.upper().replace("-", "").replace(" ", "")
    if len(code) != CODE_CHARACTERS or not set(code) <= set(ALPHABET):
        return None
    return code if luhn.is_valid(code, alphabet=ALPHABET) else None


def hint_of(code: str) -> str:
    """Give the last characters of a code, by which people tell cards apart."""
    return f"…{code[-GROUP_CHARACTERS:]}"


def hashes_of(master_keys: Sequence[bytes], tenant_id: UUID, code: str) -> tuple[str, ...]:
    """Give what a code may be kept as: under the current master key first, then the old ones."""
    return tuple(
        hmac.digest(
            hmac.digest(master_key, _PURPOSE, hashlib.sha256),
            tenant_id.bytes + code.encode(),
            hashlib.sha256,
        ).hex()
        for master_key in master_keys
    )
