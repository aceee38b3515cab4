"""The key directory over the look-up functions of the tenants' read model."""

from uuid import UUID

from domain.tenants.tenant import KeyKind
from infrastructure.postgres.reads import Reads
from infrastructure.tenants.directory import KeyRecord

_KEY = b"""
SELECT tenant, slug, test, key_id, kind, staff_id, scopes, networks, expires_at, revoked_at,
    suspended, staff_suspended
FROM read_models.key_by_hash_v2(%s)"""
_TENANT_OF_HOST = b"SELECT tenant FROM read_models.tenant_by_domain_v2(%s)"


class PostgresDirectory:
    """Finds keys and host names before any tenant is known."""

    def __init__(self, reads: Reads) -> None:
        self._reads = reads

    async def find(self, key_hash: str) -> KeyRecord | None:
        """Find a key by its hash, expired and revoked ones included."""
        async with self._reads.lookup() as connection:
            row = await (await connection.execute(_KEY, (key_hash,))).fetchone()
        if row is None:
            return None
        tenant, slug, test, key_id, kind, staff_id, scopes, networks, *standing = row
        expires_at, revoked_at, suspended, staff_suspended = standing
        return KeyRecord(
            tenant_id=tenant,
            slug=slug,
            test=test,
            key_id=key_id,
            kind=KeyKind(kind),
            staff_id=staff_id,
            scopes=tuple(scopes or ()),
            networks=tuple(networks or ()),
            expires_at=expires_at,
            revoked=revoked_at is not None,
            suspended=suspended,
            staff_suspended=staff_suspended,
        )

    async def tenant_of_host(self, host: str) -> UUID | None:
        """Find the tenant that a host name was mapped to."""
        async with self._reads.lookup() as connection:
            row = await (await connection.execute(_TENANT_OF_HOST, (host,))).fetchone()
        return row[0] if row else None
