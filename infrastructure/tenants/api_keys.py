"""API keys as text: `dsk_test_…` acts as a staff member, `dpk_test_…` only names the tenant.

After the prefix stand 32 random base62 characters and 6 that check the rest, so that a mistyped key
is told from an unknown one without a look-up. Only the SHA-256 of a key is ever kept: it has 190
bits of chance, so a slow hash would add nothing.
"""

import hashlib
import re
import secrets
import zlib
from dataclasses import dataclass

from domain.tenants.tenant import KeyKind

RANDOM_CHARACTERS = 32
CHECK_CHARACTERS = 6
HINT_CHARACTERS = 4

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_PREFIXES = {KeyKind.SECRET: "dsk", KeyKind.PUBLISHABLE: "dpk"}
_PATTERN = re.compile(
    rf"(dsk|dpk)_(test|live)_[0-9A-Za-z]{{{RANDOM_CHARACTERS}}}([0-9A-Za-z]{{6}})"
)


@dataclass(frozen=True, slots=True)
class NewApiKey:
    """A key just made: its text, which is shown once, and what is kept of it."""

    secret: str
    key_hash: str
    hint: str


def new_key(kind: KeyKind, *, test: bool) -> NewApiKey:
    """Make a key."""
    chance = "".join(secrets.choice(_ALPHABET) for _ in range(RANDOM_CHARACTERS))
    text = f"{_PREFIXES[kind]}_{'test' if test else 'live'}_{chance}"
    return key_of(text + _check_of(text))


def key_of(secret: str) -> NewApiKey:
    """Give what is kept of a key whose text is known."""
    return NewApiKey(secret, hash_of(secret.encode()), hint_of(secret))


def hash_of(secret: bytes) -> str:
    """Give what is kept of a key: its SHA-256 in hexadecimal digits."""
    return hashlib.sha256(secret).hexdigest()


def hint_of(secret: str) -> str:
    """Give the last characters of a key, by which people tell keys apart."""
    return f"…{secret[-HINT_CHARACTERS:]}"


def well_formed(secret: str) -> bool:
    """Tell whether a text can be a key at all."""
    found = _PATTERN.fullmatch(secret)
    return found is not None and _check_of(secret[:-CHECK_CHARACTERS]) == found[3]


def _check_of(text: str) -> str:
    number, letters = zlib.crc32(text.encode()), ""
    for _ in range(CHECK_CHARACTERS):
        number, digit = divmod(number, len(_ALPHABET))
        letters = _ALPHABET[digit] + letters
    return letters
