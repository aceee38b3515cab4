"""What a claim may hold of personal text: a keyed hash, the same for the same text of one tenant.

The key is a tenant's own and stored beside the persons' keys, wrapped by a master key; so a
rotation of the master keys leaves all claims as they are.
"""

from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from infrastructure.event_log.keyring import MasterKeys, keyed_hash
from infrastructure.postgres.connections import connect

SUBJECT = "claims"
"""Under this name the key stands among those of persons, whose ids all hold an underscore."""

_SCOPE = b"SELECT set_config('app.tenants', %s, true)"
_ADD = b"""
INSERT INTO defter.subject_keys (tenant_id, subject, wrapped, master_key)
VALUES (%s, %s, %s, %s) ON CONFLICT (tenant_id, subject) DO NOTHING
"""
_KEY = b"""
SELECT wrapped, master_key FROM defter.subject_keys WHERE tenant_id = %s AND subject = %s
"""


class ClaimKeys:
    """Hashes with the keys of tenants; each is loaded, or made, when it is first needed."""

    def __init__(self, database_url: str, master_keys: MasterKeys) -> None:
        self._database_url = database_url
        self._master_keys = master_keys
        self._keys: dict[UUID, bytes] = {}

    async def hash(self, tenant_id: UUID, text: str) -> str:
        """Give the keyed hash of a text."""
        if tenant_id not in self._keys:
            self._keys[tenant_id] = await self._load(tenant_id)
        return keyed_hash(self._keys[tenant_id], text)

    async def _load(self, tenant_id: UUID) -> bytes:
        async with await connect(self._database_url) as connection, connection.transaction():
            await connection.execute(_SCOPE, (f"{{{tenant_id}}}",))
            return await claim_key(connection, self._master_keys, tenant_id)


async def claim_key(connection: AsyncConnection[Any], keys: MasterKeys, tenant_id: UUID) -> bytes:
    """Load or make a tenant's key; `connection` stands in a transaction that sees the tenant."""
    new = keys.new_wrapped_key(tenant_id, SUBJECT)
    await connection.execute(_ADD, (tenant_id, SUBJECT, new, keys.current))
    row = await (await connection.execute(_KEY, (tenant_id, SUBJECT))).fetchone()
    assert row is not None, "the key was just made"
    wrapped, master_key = row
    return keys.unwrap_secret(tenant_id, SUBJECT, master_key, bytes(wrapped))
