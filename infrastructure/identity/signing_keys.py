"""The keys that sign access tokens or checkpoints: Ed25519 (RFC 8032), wrapped by a master key.

The newest signs; older ones verify until they are retired, so a rotation ends no session. A key's
32 bytes are chance from the start, as the algorithm wants its seeds.
"""

import asyncio
import secrets
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from enum import Enum
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.utils import base64url_decode, base64url_encode
from psycopg import AsyncConnection

from application.tenants.tenants import PLATFORM
from infrastructure.event_log.keyring import MasterKeys
from infrastructure.postgres.connections import connect

LOOK_AGAIN_SECONDS = 5.0
"""An unknown key id makes a process look whether another one has rotated, this often at most."""

KNOWN_SECONDS_MAX = 60.0
"""So long at most a key that was retired on another process goes on verifying here."""

_SCOPE = b"SELECT set_config('app.tenants', %s, true)"
_FIRST = b"""
INSERT INTO defter.signing_keys (tenant_id, use, kid, public_key, wrapped, master_key)
SELECT %s, %s, %s, %s, %s, %s WHERE NOT EXISTS (
    SELECT FROM defter.signing_keys WHERE use = %s AND retired_at IS NULL)
"""
_ADD = b"""
INSERT INTO defter.signing_keys (tenant_id, use, kid, public_key, wrapped, master_key)
VALUES (%s, %s, %s, %s, %s, %s)
"""
_RETIRE = b"""
UPDATE defter.signing_keys SET retired_at = now()
WHERE tenant_id = %s AND use = %s AND kid = %s AND retired_at IS NULL
"""
_ALL = b"""
SELECT kid, public_key, wrapped, master_key FROM defter.signing_keys
WHERE tenant_id = %s AND use = %s AND retired_at IS NULL ORDER BY made_at DESC, kid
"""


class Use(Enum):
    """What a key signs; a token is never taken for a checkpoint, nor the other way round."""

    TOKEN = "token"  # noqa: S105 - no secret
    CHECKPOINT = "checkpoint"


class SigningKeys:
    """Loads the keys when they are first needed, and again when a token names an unknown one."""

    def __init__(self, database_url: str, master_keys: MasterKeys, *, use: Use = Use.TOKEN) -> None:
        self._database_url = database_url
        self._master_keys = master_keys
        self._use = use.value
        self._public: Mapping[str, Ed25519PublicKey] = {}
        self._signing: Sequence[tuple[str, Ed25519PrivateKey]] = ()
        self._looked_at = float("-inf")
        self._looking: asyncio.Task[None] | None = None
        self.generation = 0
        """Changes with the set of keys: what was verified by an older set is verified anew."""

    async def keep_fresh(self) -> None:
        """Look again if what is known has become old."""
        if time.monotonic() > self._looked_at + KNOWN_SECONDS_MAX:
            await self._look()

    async def signing(self) -> tuple[str, Ed25519PrivateKey]:
        """Give the key that signs, and its id; the first one is made here."""
        return (await self.signing_all())[0]

    async def signing_all(self) -> Sequence[tuple[str, Ed25519PrivateKey]]:
        """Give every key that is not retired, the newest first, with its id."""
        await self.keep_fresh()
        assert self._signing, "the first key was just made"
        return self._signing

    async def public(self, kid: str) -> Ed25519PublicKey | None:
        """Give the key that verifies what `kid` signed."""
        if kid not in self._public and time.monotonic() > self._looked_at + LOOK_AGAIN_SECONDS:
            await self._look()
        return self._public.get(kid)

    async def jwks(self) -> list[dict[str, str]]:
        """Give all public keys as a JSON Web Key Set has them (RFC 7517, RFC 8037)."""
        await self.signing()
        return [
            {
                "kty": "OKP",
                "crv": "Ed25519",
                "alg": "EdDSA",
                "use": "sig",
                "kid": kid,
                "x": told(key),
            }
            for kid, key in self._public.items()
        ]

    async def rotate(self) -> str:
        """Make a key that signs from now on, and give its id; older ones go on verifying."""
        new = self._new()
        async with self._connected() as connection:
            await connection.execute(_ADD, (PLATFORM, self._use, *new))
        await self._load()
        return new[0]

    async def retire(self, kid: str) -> bool:
        """Let a key verify no more: every token that it signed is refused."""
        async with self._connected() as connection:
            cursor = await connection.execute(_RETIRE, (PLATFORM, self._use, kid))
        await self._load()
        return cursor.rowcount == 1

    def _new(self) -> tuple[str, str, bytes, str]:
        kid = secrets.token_hex(8)
        keys = self._master_keys
        wrapped = keys.new_wrapped_key(PLATFORM, f"signing {kid}")
        private = self._unwrapped(kid, keys.current, wrapped)
        return kid, told(private.public_key()), wrapped, keys.current

    def _unwrapped(self, kid: str, master_key: str, wrapped: bytes) -> Ed25519PrivateKey:
        seed = self._master_keys.unwrap_secret(PLATFORM, f"signing {kid}", master_key, wrapped)
        return Ed25519PrivateKey.from_private_bytes(seed)

    @asynccontextmanager
    async def _connected(self) -> AsyncGenerator[AsyncConnection[Any]]:
        async with await connect(self._database_url) as connection, connection.transaction():
            await connection.execute(_SCOPE, (f"{{{PLATFORM}}}",))
            yield connection

    async def _look(self) -> None:
        """Load once for all who want to know at the same moment; each waits for the outcome.

        A process that has just started knows no key: who comes while it looks must not be refused.
        """
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._load(), name="signing keys")
        await asyncio.shield(self._looking)

    async def _load(self) -> None:
        began = time.monotonic()
        async with self._connected() as connection:
            first = (PLATFORM, self._use, *self._new(), self._use)
            await connection.execute(_FIRST, first)
            rows = await (await connection.execute(_ALL, (PLATFORM, self._use))).fetchall()
        self._signing = tuple(
            (kid, self._unwrapped(kid, master_key, bytes(wrapped)))
            for kid, _, wrapped, master_key in rows
        )
        public = {
            row[0]: Ed25519PublicKey.from_public_bytes(base64url_decode(row[1])) for row in rows
        }
        if public.keys() != self._public.keys():
            self.generation += 1
        self._public = public
        self._looked_at = began


def told(key: Ed25519PublicKey) -> str:
    """Write a public key as base64url."""
    return base64url_encode(key.public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()
