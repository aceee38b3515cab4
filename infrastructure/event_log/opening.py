"""Open sealed personal data for those who may see it."""

from collections.abc import Iterable
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from domain.kernel.events import Personal
from infrastructure.event_log.keyring import MasterKeys, unseal

KEYS_OF = """
SELECT subject, wrapped, master_key FROM defter.subject_keys
WHERE tenant_id = %s AND subject = ANY(%s) AND wrapped IS NOT NULL"""


class Opener:
    """Opens with the persons' keys of one tenant; whoever was forgotten stays closed."""

    def __init__(self, master_keys: MasterKeys) -> None:
        self._master_keys = master_keys

    async def open(
        self,
        connection: AsyncConnection[TupleRow],
        tenant_id: UUID,
        sealed: Iterable[Personal],
    ) -> dict[Personal, str | None]:
        """Give the plain text of each; None where the person's key is gone.

        `connection` stands in a transaction that may see the tenant.
        """
        asked = list(sealed)
        subjects = sorted({personal.subject for personal in asked})
        if not subjects:
            return {}
        cursor = await connection.execute(KEYS_OF, (tenant_id, subjects))
        keys: dict[str, AESGCM] = {
            subject: self._master_keys.unwrap(tenant_id, subject, master_key, bytes(wrapped))
            for subject, wrapped, master_key in await cursor.fetchall()
        }
        return {
            personal: unseal(keys[personal.subject], tenant_id, personal.subject, personal.sealed)
            if personal.subject in keys and personal.sealed is not None
            else None
            for personal in asked
        }
