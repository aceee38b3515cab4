"""Links of watches: they name the watch and prove that Defter wrote them (HMAC-SHA-256).

Nothing is kept of them: each master key of the settings gives a key that makes and knows them. A
link to confirm does nothing else than one to unsubscribe, and the other way round.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from domain.kernel.ids import ID_PATTERN

TOKEN_LENGTH_MAX = 256

_PURPOSE = b"defter watch link"
_TOKEN = re.compile(
    rf"(?P<variant>{ID_PATTERN.pattern})\.(?P<watcher>{ID_PATTERN.pattern})"
    r"\.(?P<proof>[\w-]{43})",
    re.ASCII,
)


class Does(StrEnum):
    """What a link is for."""

    CONFIRM = "confirm"
    UNSUBSCRIBE = "unsubscribe"


class Watched(NamedTuple):
    """Which watch."""

    variant_id: str
    watcher_id: str


def token_of(master_keys: Sequence[bytes], tenant_id: UUID, does: Does, watched: Watched) -> str:
    """Write the secret of a link."""
    return ".".join((*watched, _proof(master_keys[0], tenant_id, does, watched)))


def read_token(
    master_keys: Sequence[bytes], tenant_id: UUID, does: Does, token: str
) -> Watched | None:
    """Read the secret of a link; None for what nobody wrote for this purpose."""
    found = _TOKEN.fullmatch(token)
    if found is None:
        return None
    watched = Watched(found["variant"], found["watcher"])
    proofs = [_proof(key, tenant_id, does, watched) for key in master_keys]
    good = [proof for proof in proofs if hmac.compare_digest(proof, found["proof"])]
    return watched if good else None


def _proof(master_key: bytes, tenant_id: UUID, does: Does, watched: Watched) -> str:
    key = hmac.digest(master_key, _PURPOSE, hashlib.sha256)
    said = tenant_id.bytes + " ".join((does, *watched)).encode()
    digest = hmac.digest(key, said, hashlib.sha256)
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
