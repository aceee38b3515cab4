"""Who keeps checkpoints outside: a folder, a C2SP witness, or somebody with a mailbox.

file:///srv/witness                                     a folder that only grows
https://witness.example/prefix#witness.example/w1+…     tlog-witness, and after # its verifier key
mailto:auditor@example.com                              an address
"""

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from urllib.parse import unquote, urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from infrastructure.notifications.addresses import address_of
from infrastructure.sealing.notes import key_hash, verifier_parts

COSIGNATURE_V1 = b"\x04"
"""The type of a key that signs with Ed25519 and says when (C2SP tlog-cosignature)."""

KEY_BYTES = 32
WITNESSES_MAX = 20


@dataclass(frozen=True, slots=True)
class FileWitness:
    """A folder, best one that this service may only add to."""

    folder: Path

    @property
    def key(self) -> str:
        """What it is filed under, for ever."""
        return f"file:{_short(str(self.folder))}"

    @property
    def told(self) -> str:
        """What people see."""
        return self.folder.as_uri()


@dataclass(frozen=True, slots=True)
class HttpWitness:
    """A service that checks that a log only grows, and signs what it saw."""

    prefix: str
    name: str
    public: bytes

    @property
    def key(self) -> str:
        """Name it by its key: it may move to another address."""
        return f"http:{self.name}+{self.key_hash.hex()}"

    @property
    def told(self) -> str:
        """What people see, and what stands before its signatures."""
        return self.name

    @property
    def key_hash(self) -> bytes:
        """Name its key in a signature line."""
        return key_hash(self.name, self.public, kind=COSIGNATURE_V1)


@dataclass(frozen=True, slots=True)
class MailWitness:
    """Somebody who keeps mail."""

    address: str

    @property
    def key(self) -> str:
        """Name the address without telling it."""
        return f"mail:{_short(self.address)}"

    @property
    def told(self) -> str:
        """What people see: enough to know the address by, if one knows it."""
        return f"mailto:{self.address[0]}…@{self.address.rpartition('@')[2]}"


Witness = FileWitness | HttpWitness | MailWitness


def witness_of(text: str) -> Witness:
    """Read a witness as the settings write it; raises ValueError, which repeats nothing of it."""
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        raise ValueError("a witness's URL can not be read") from None
    match parts.scheme:
        case "file":
            return _file(parts.netloc, unquote(parts.path), extra=parts.query + parts.fragment)
        case "https" | "http":
            if not parts.hostname or "@" in parts.netloc or parts.query:
                raise ValueError("a witness's URL has a host, no user and no query")
            name, public = verifier_key_of(parts.fragment)
            return HttpWitness(text.partition("#")[0].rstrip("/"), name, public)
        case "mailto":
            if parts.query or parts.fragment:
                raise ValueError("a mail witness is written as mailto:auditor@example.com")
            return MailWitness(address_of(unquote(parts.path)))
        case _:
            raise ValueError("a witness begins with file:///, https:// or mailto:")


def verifier_key_of(text: str) -> tuple[str, bytes]:
    """Read a cosigner's name and public key (C2SP signed-note, vkey); raises ValueError."""
    name, named, key = verifier_parts(text)
    if not name or not name.isprintable() or " " in name or len(key) != 1 + KEY_BYTES:
        raise ValueError("after # stands the witness's verifier key: name+hash+key")
    if key[:1] != COSIGNATURE_V1:
        raise ValueError("a witness's key is for cosignature/v1: of type 0x04, Ed25519")
    public = key[1:]
    if HttpWitness("", name, public).key_hash.hex() != named:
        raise ValueError("the verifier key's hash is not that of its name and key: mistyped?")
    Ed25519PublicKey.from_public_bytes(public)
    return name, public


def _file(host: str, path: str, *, extra: str) -> FileWitness:
    folder = Path(path)
    if host or extra or not folder.is_absolute() or folder == folder.parent:
        raise ValueError("a folder is written as file:///srv/witness")
    return FileWitness(folder)


def _short(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:16]
