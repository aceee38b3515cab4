"""The hashes of passwords, by person."""

from typing import Any, NamedTuple
from uuid import UUID

from psycopg import AsyncConnection

from domain.identity.account import Account
from domain.identity.events import LOGIN_CLAIM
from domain.kernel.events import stream_of

Connection = AsyncConnection[Any]

_OF_LOGIN = b"""
SELECT claim.owner, known.password_hash FROM defter.claims claim
LEFT JOIN defter.credentials known
    ON known.tenant_id = claim.tenant_id AND known.person_id = substr(claim.owner, %s)
WHERE claim.tenant_id = %s AND claim.kind = %s AND claim.key = %s
"""
_OF_PERSON = b"""
SELECT password_hash FROM defter.credentials WHERE tenant_id = %s AND person_id = %s
"""
_SET = b"""
INSERT INTO defter.credentials (tenant_id, person_id, password_hash) VALUES (%s, %s, %s)
ON CONFLICT (tenant_id, person_id) DO UPDATE
SET password_hash = excluded.password_hash, set_at = now()
"""
_RENEW = b"""
UPDATE defter.credentials SET password_hash = %s
WHERE tenant_id = %s AND person_id = %s AND password_hash = %s
"""
_REMOVE = b"DELETE FROM defter.credentials WHERE tenant_id = %s AND person_id = %s"

_STREAM = stream_of(Account.CATEGORY, "")
_PREFIX = len(_STREAM) + 1


class Credentials(NamedTuple):
    """Who logs in, and what is kept of their password; None for who has not chosen one."""

    person_id: str
    password_hash: str | None


async def of_login(connection: Connection, tenant_id: UUID, login_key: str) -> Credentials | None:
    """Find who logs in with an address."""
    asked = (_PREFIX, tenant_id, LOGIN_CLAIM, login_key)
    row = await (await connection.execute(_OF_LOGIN, asked)).fetchone()
    return None if row is None else Credentials(row[0].removeprefix(_STREAM), row[1])


async def of_person(connection: Connection, tenant_id: UUID, person_id: str) -> str | None:
    """Give what is kept of a person's password."""
    row = await (await connection.execute(_OF_PERSON, (tenant_id, person_id))).fetchone()
    return None if row is None else row[0]


async def keep(connection: Connection, tenant_id: UUID, person_id: str, hashed: str) -> None:
    """Keep a new password instead of the one before."""
    await connection.execute(_SET, (tenant_id, person_id, hashed))


async def renew(
    connection: Connection, tenant_id: UUID, person_id: str, *, old: str, new: str
) -> None:
    """Keep the same password in another way, unless it was changed meanwhile."""
    await connection.execute(_RENEW, (new, tenant_id, person_id, old))


async def remove(connection: Connection, tenant_id: UUID, person_id: str) -> None:
    """Forget a person's password."""
    await connection.execute(_REMOVE, (tenant_id, person_id))
