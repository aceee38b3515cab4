"""Checkpoints as people and other logs' tools read them: C2SP `tlog-checkpoint`, a `signed-note`.

defter/3f0c…            the origin: which log
1234                    how many events it has
qP3c…=                  the root over them, base64

— defter/3f0c… Xk9…=    a signature: four bytes that name the key, then Ed25519 (RFC 8032)
"""

import base64
import binascii
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import NamedTuple
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from domain.audit.merkle import HASH_BYTES

ED25519 = b"\x01"
NOTE_BYTES_MAX = 16_384
_DASH = "— "


class NoteWrong(Exception):
    """This is no checkpoint, or nobody who is trusted signed it."""


class Checkpoint(NamedTuple):
    """What a checkpoint says: the log that its origin names had this root when it had this size."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """What is signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


class Signature(NamedTuple):
    """One line below a note."""

    name: str
    key_hash: bytes
    bytes: bytes


def origin_of(tenant_id: UUID) -> str:
    """Name a tenant's log; the name of the keys that sign its checkpoints is the same."""
    return f"defter/{tenant_id}"


def key_hash(name: str, public: bytes, *, kind: bytes = ED25519) -> bytes:
    """Name a key of a kind of signature in a signature line."""
    return sha256(name.encode() + b"\n" + kind + public).digest()[:4]


def verifier_key(name: str, public: bytes) -> str:
    """Write a public key as tools for signed notes take it."""
    told = base64.b64encode(ED25519 + public).decode()
    return f"{name}+{key_hash(name, public).hex()}+{told}"


def verifier_parts(text: str) -> tuple[str, str, bytes]:
    """Take a verifier key apart: name, hash, and its kind and key, empty where no base64 stands."""
    name, _, rest = text.partition("+")
    named, _, told = rest.partition("+")
    try:
        return name, named, base64.b64decode(told, validate=True)
    except ValueError:
        return name, named, b""


def signed(checkpoint: Checkpoint, keys: Iterable[Ed25519PrivateKey]) -> str:
    """Sign with every key."""
    name, text = checkpoint.origin, checkpoint.text
    lines = [signature_line(name, raw(key.public_key()), key.sign(text.encode())) for key in keys]
    return text + "\n" + "".join(lines)


def signature_line(name: str, public: bytes, signature: bytes) -> str:
    """Write one signature."""
    told = base64.b64encode(key_hash(name, public) + signature).decode()
    return f"{_DASH}{name} {told}\n"


def read(note: str) -> tuple[Checkpoint, Sequence[Signature]]:
    """Read a note without believing it; raises `NoteWrong`."""
    text, blank, below = note.partition("\n\n")
    lines = text.split("\n")
    if len(note) > NOTE_BYTES_MAX or not blank or len(lines) < 3:  # noqa: PLR2004 - three lines
        raise NoteWrong("this is no checkpoint")
    origin, size, root = lines[:3]
    if not origin or not size.isascii() or not size.isdigit() or str(int(size)) != size:
        raise NoteWrong("this is no checkpoint")
    hashed = _base64(root)
    if len(hashed) != HASH_BYTES:
        raise NoteWrong("a root has 32 bytes")
    signatures = [_signature(line) for line in below.splitlines()]
    return Checkpoint(origin, int(size), hashed), signatures


def believed(note: str, publics: Iterable[bytes]) -> Checkpoint:
    """Read a checkpoint that one of these keys signed for its origin; raises `NoteWrong`."""
    checkpoint, signatures = read(note)
    text = note.partition("\n\n")[0].encode() + b"\n"
    known: Mapping[bytes, bytes] = {key_hash(checkpoint.origin, key): key for key in publics}
    for name, named, signature in signatures:
        public = known.get(named) if name == checkpoint.origin else None
        if public is not None and verifies(public, signature, text):
            return checkpoint
    raise NoteWrong("no known key signed this checkpoint")


def verifies(public: bytes, signature: bytes, text: bytes) -> bool:
    """Whether a signature is that of a key."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, text)
    except InvalidSignature:
        return False
    return True


def raw(key: Ed25519PublicKey) -> bytes:
    """Give the 32 bytes of a public key."""
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw)


def _signature(line: str) -> Signature:
    name, _, told = line.removeprefix(_DASH).partition(" ")
    both = _base64(told)
    if not line.startswith(_DASH) or not name or len(both) <= 4:  # noqa: PLR2004 - the key's name
        raise NoteWrong("a signature line is wrong")
    return Signature(name, both[:4], both[4:])


def _base64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as wrong:
        raise NoteWrong("a line is not base64") from wrong
