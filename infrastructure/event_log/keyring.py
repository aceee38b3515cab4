"""Personal data is sealed with a key per person; destroying the key forgets the person.

AES-256-GCM (NIST SP 800-38D). A person's key is stored wrapped by a master key that the settings
give; ciphertexts are bound to tenant and person by the associated data.
"""

import base64
import hashlib
import hmac
import os
from collections.abc import Mapping
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
NONCE_BYTES = 12


class MasterKeyWrong(RuntimeError):
    """The settings' master keys do not open a person's key."""


class Destroyed:
    """Stands for the key of a person who was forgotten: there never is another one."""


DESTROYED = Destroyed()

PersonKey = AESGCM | Destroyed


class MasterKeys:
    """The keys that wrap persons' keys. The first wraps new ones; all of them open old ones."""

    def __init__(self, *secrets: bytes) -> None:
        if not secrets or any(len(secret) != KEY_BYTES for secret in secrets):
            raise ValueError("a master key has 32 bytes")
        self._keys: Mapping[str, AESGCM] = {
            hashlib.sha256(b"defter master key" + secret).hexdigest()[:16]: AESGCM(secret)
            for secret in secrets
        }
        self.current = next(iter(self._keys))

    def new_wrapped_key(self, tenant_id: UUID, subject: str) -> bytes:
        """Make a key for a person and wrap it with the current master key."""
        nonce = os.urandom(NONCE_BYTES)
        bound = _bound(tenant_id, subject)
        return nonce + self._keys[self.current].encrypt(nonce, os.urandom(KEY_BYTES), bound)

    def rewrapped(self, tenant_id: UUID, subject: str, master_key: str, wrapped: bytes) -> bytes:
        """Wrap a key that another master key wrapped with the current one."""
        secret = self.unwrap_secret(tenant_id, subject, master_key, wrapped)
        nonce = os.urandom(NONCE_BYTES)
        bound = _bound(tenant_id, subject)
        return nonce + self._keys[self.current].encrypt(nonce, secret, bound)

    def unwrap(self, tenant_id: UUID, subject: str, master_key: str, wrapped: bytes) -> AESGCM:
        """Open a person's key."""
        return AESGCM(self.unwrap_secret(tenant_id, subject, master_key, wrapped))

    def unwrap_secret(
        self, tenant_id: UUID, subject: str, master_key: str, wrapped: bytes
    ) -> bytes:
        """Open a key as the bytes that it is."""
        nonce, sealed = wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:]
        try:
            return self._keys[master_key].decrypt(nonce, sealed, _bound(tenant_id, subject))
        except (KeyError, InvalidTag) as wrong:
            raise MasterKeyWrong(
                f"no master key of the settings opens keys wrapped by {master_key}"
            ) from wrong


def seal(key: AESGCM, tenant_id: UUID, subject: str, text: str) -> str:
    """Seal text as base64 of nonce and ciphertext."""
    nonce = os.urandom(NONCE_BYTES)
    return base64.b64encode(
        nonce + key.encrypt(nonce, text.encode(), _bound(tenant_id, subject))
    ).decode()


def unseal(key: AESGCM, tenant_id: UUID, subject: str, sealed: str) -> str:
    """Open what `seal` closed."""
    raw = base64.b64decode(sealed)
    opened = key.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], _bound(tenant_id, subject))
    return opened.decode()


def keyed_hash(secret: bytes, text: str) -> str:
    """Give an HMAC-SHA-256 (RFC 2104) in hexadecimal digits: who lacks the key can not guess."""
    return hmac.digest(secret, text.encode(), "sha256").hex()


def request_hasher(secret: bytes) -> hmac.HMAC:
    """Begin what `keyed_request` goes on with: a copy costs less than to begin each time."""
    return hmac.new(secret, b"request\0", "sha256")


def keyed_request(hasher: hmac.HMAC, request_hash: bytes) -> bytes:
    """Give what is kept of a request: who holds a dump of the database can not guess at it."""
    begun = hasher.copy()
    begun.update(request_hash)
    return begun.digest()


def _bound(tenant_id: UUID, subject: str) -> bytes:
    return tenant_id.bytes + subject.encode()
