"""Links that are mailed: used once, for one purpose, within their time."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import AsyncConnection

from domain.identity.accounts import LinkPurpose
from infrastructure.identity.vault import kept_of, new_secret

PREFIX = "dml"

Connection = AsyncConnection[Any]

_EXPIRED = b"""
DELETE FROM defter.mailed_links WHERE tenant_id = %s AND person_id = %s AND expires_at < now()
"""
_MAKE = b"""
INSERT INTO defter.mailed_links (tenant_id, token_hash, purpose, person_id, login_key, expires_at)
VALUES (%s, %s, %s, %s, %s, now() + %s)
"""
_FIND = b"""
SELECT person_id, login_key FROM defter.mailed_links
WHERE tenant_id = %s AND token_hash = %s AND purpose = ANY(%s)
  AND used_at IS NULL AND expires_at > now()
"""
_USE = b"""
UPDATE defter.mailed_links SET used_at = now()
WHERE tenant_id = %s AND token_hash = %s AND purpose = ANY(%s)
  AND used_at IS NULL AND expires_at > now()
RETURNING person_id, login_key
"""
_VOID = b"""
UPDATE defter.mailed_links SET used_at = now()
WHERE tenant_id = %s AND person_id = %s AND purpose = ANY(%s) AND used_at IS NULL
"""


LASTS = {
    LinkPurpose.VERIFICATION: timedelta(hours=24),
    LinkPurpose.RESET: timedelta(minutes=30),
    LinkPurpose.INVITATION: timedelta(hours=72),
}
PASSWORD_PURPOSES = (LinkPurpose.RESET, LinkPurpose.INVITATION)


class Link(NamedTuple):
    """Whose link it is, and the hash of the address that it was sent to."""

    person_id: str
    login_key: str


async def make(connection: Connection, tenant_id: UUID, purpose: LinkPurpose, link: Link) -> str:
    """Give the secret of a new link; older ones stay good until their end."""
    secret = new_secret(PREFIX)
    await connection.execute(_EXPIRED, (tenant_id, link.person_id))
    given = (tenant_id, secret.kept, purpose.value, *link, LASTS[purpose])
    await connection.execute(_MAKE, given)
    return secret.text


async def find(
    connection: Connection, tenant_id: UUID, token: str, purposes: Collection[LinkPurpose]
) -> Link | None:
    """Look at a link and leave it as it is; None for one that is not good any more."""
    return await _link(connection, _FIND, tenant_id, token, purposes)


async def use(
    connection: Connection, tenant_id: UUID, token: str, purposes: Collection[LinkPurpose]
) -> Link | None:
    """Use a link up in the transaction that is open; None for one that is not good any more."""
    return await _link(connection, _USE, tenant_id, token, purposes)


async def void(
    connection: Connection, tenant_id: UUID, person_id: str, purposes: Collection[LinkPurpose]
) -> None:
    """Let a person's links be good for nothing."""
    await connection.execute(_VOID, (tenant_id, person_id, [one.value for one in purposes]))


async def _link(
    connection: Connection,
    query: bytes,
    tenant_id: UUID,
    token: str,
    purposes: Collection[LinkPurpose],
) -> Link | None:
    asked = (tenant_id, kept_of(token), [one.value for one in purposes])
    row = await (await connection.execute(query, asked)).fetchone()
    return None if row is None else Link(*row)
