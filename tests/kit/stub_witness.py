"""A stub of a C2SP witness: the protocol and its signatures are real, what it keeps is in memory.

Written from the text of tlog-witness, tlog-cosignature and signed-note, and from RFC 9162, 2.1.4.2;
it shares no code with what it is to check. It can be told to misbehave, as real ones may.
"""

import base64
import hashlib
from enum import Enum, auto
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.kit.receiver import CLOSE, HANG, Received, answered

SIGNED_AT = 1_763_733_600
PROOF_LINES_MAX = 63
EMPTY = hashlib.sha256(b"").digest()


class Fault(Enum):
    """What it does in place of a right answer."""

    LOST = auto()
    """It keeps the checkpoint, and its answer never comes."""

    SLOW = auto()
    DOWN = auto()
    MOVED = auto()
    CHATTY = auto()
    WRONG_SIGNATURE = auto()
    OTHER_KEY = auto()
    NO_SIGNATURE = auto()
    NO_SIZE = auto()


class Seen(NamedTuple):
    """The latest checkpoint of a log."""

    size: int
    root: bytes


class StubWitness:
    """Cosigns what is consistent with what it saw before."""

    def __init__(
        self, name: str = "witness.example/w1", *, key: Ed25519PrivateKey | None = None
    ) -> None:
        self.name = name
        self.key = key or Ed25519PrivateKey.generate()
        self.trusted: dict[str, list[bytes]] = {}
        """The public keys of each log that it knows, by origin."""

        self.seen: dict[str, Seen] = {}
        self.fault: Fault | None = None
        self.asked: list[int] = []
        """The old sizes of requests."""

    @property
    def verifier_key(self) -> str:
        """What a client is told of it."""
        told = base64.b64encode(b"\x04" + _raw(self.key)).decode()
        return f"{self.name}+{_key_id(self.name, 4, _raw(self.key)).hex()}+{told}"

    def answer(self, request: Received) -> bytes:
        """Answer one request."""
        assert request.path == "/prefix/add-checkpoint"
        if self.fault is Fault.DOWN:
            return answered(500, body=b"down")
        if self.fault is Fault.SLOW:
            return HANG
        if self.fault is Fault.MOVED:
            return answered(307, "Location: http://127.0.0.1:1/elsewhere")
        said = self._add(request.body)
        return CLOSE if self.fault is Fault.LOST else said

    def _add(self, body: bytes) -> bytes:
        head, _, note = body.partition(b"\n\n")
        first, *proof_lines = head.decode().split("\n")
        old = int(first.removeprefix("old "))
        proof = [base64.b64decode(line, validate=True) for line in proof_lines]
        text, _, signatures = note.decode().partition("\n\n")
        origin, new = _read(text)
        self.asked.append(old)
        wrong = self._refusal(old, proof, text, signatures)
        if wrong is not None:
            return wrong
        self.seen[origin] = new
        return answered(200, body=self.cosigned(text).encode())

    def _refusal(self, old: int, proof: list[bytes], text: str, signatures: str) -> bytes | None:
        origin, new = _read(text)
        latest = self.seen.get(origin, Seen(0, EMPTY))
        status = None
        if origin not in self.trusted:
            status = 404
        elif not any(self._signed(origin, text, line) for line in signatures.splitlines()):
            status = 403
        elif old > new.size or (old == 0 and proof) or len(proof) > PROOF_LINES_MAX:
            status = 400
        elif old != latest.size or (old == new.size and latest.root != new.root):
            status = 409
        elif old and not consistent(latest, new, proof):
            status = 422
        if status == 409 and self.fault is not Fault.NO_SIZE:
            told = f"{latest.size}\n".encode()
            return answered(status, "Content-Type: text/x.tlog.size", body=told)
        return None if status is None else answered(status)

    def _signed(self, origin: str, text: str, line: str) -> bool:
        dash, name, told = line.split(" ")
        raw = base64.b64decode(told)
        for public in self.trusted[origin]:
            if (dash, name, raw[:4]) == ("—", origin, _key_id(origin, 1, public)):
                try:
                    Ed25519PublicKey.from_public_bytes(public).verify(raw[4:], f"{text}\n".encode())
                except InvalidSignature:
                    continue
                return True
        return False

    def cosigned(self, text: str) -> str:
        """Give signature lines for what stands above a note's signatures, or what a fault says."""
        if self.fault is Fault.NO_SIGNATURE:
            return "thank you\n"
        if self.fault is Fault.CHATTY:
            return "—" * 100_000
        stated = "another" if self.fault is Fault.WRONG_SIGNATURE else text
        key = Ed25519PrivateKey.generate() if self.fault is Fault.OTHER_KEY else self.key
        message = f"cosignature/v1\ntime {SIGNED_AT}\n{stated}\n".encode()
        signature = SIGNED_AT.to_bytes(8, "big") + key.sign(message)
        other = base64.b64encode(b"....of a kind that nobody knows").decode()
        told = base64.b64encode(_key_id(self.name, 4, _raw(key)) + signature).decode()
        return f"— {self.name} {other}\n— {self.name} {told}\n"


def consistent(old: Seen, new: Seen, proof: list[bytes]) -> bool:
    """Check a consistency proof as RFC 9162, 2.1.4.2 lays it down."""
    if old.size == new.size:
        return not proof and old.root == new.root
    path = [old.root, *proof] if old.size & (old.size - 1) == 0 else [*proof]
    if not path:
        return False
    fn, sn = old.size - 1, new.size - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = path[0]
    for step in path[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            fr, sr = _above(step, fr), _above(step, sr)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = _above(sr, step)
        fn, sn = fn >> 1, sn >> 1
    return (fr, sr, sn) == (old.root, new.root, 0)


def _read(text: str) -> tuple[str, Seen]:
    origin, size, root = text.split("\n")
    return origin, Seen(int(size), base64.b64decode(root))


def _above(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def _key_id(name: str, kind: int, public: bytes) -> bytes:
    return hashlib.sha256(f"{name}\n".encode() + bytes([kind]) + public).digest()[:4]


def _raw(key: Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
