"""Refresh tokens: each is used once, for the next one (RFC 9700, 4.14).

Whoever uses one again is either a thief or was robbed, and nobody can tell which: every token of
the session is spent in the same transaction that notices it, and the session ends. But who asks
again at once, before the next token was used, may only have lost the answer, and gets it again
(docs/decisions/0024).
"""

from datetime import datetime
from enum import Enum
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import AsyncConnection

from infrastructure.identity.vault import kept_of, new_secret

PREFIX = "drt"

GRACE_SECONDS = 10
"""So long a lost answer is given again."""

Connection = AsyncConnection[Any]

_BEGIN = b"""
INSERT INTO defter.refresh_tokens (tenant_id, token_hash, person_id, session_id, expires_at)
SELECT known.tenant_id, %s, known.person_id, %s, %s FROM defter.credentials known
WHERE known.tenant_id = %s AND known.person_id = %s AND known.password_hash = %s
FOR SHARE
"""
_EXPIRED = b"""
DELETE FROM defter.refresh_tokens
WHERE tenant_id = %s AND person_id = %s AND expires_at < now()
"""
_FIND = b"""
SELECT person_id, session_id, expires_at, expires_at <= now(), used_at IS NOT NULL,
    coalesce(used_at > now() - make_interval(secs => %s), false)
FROM defter.refresh_tokens WHERE tenant_id = %s AND token_hash = %s FOR UPDATE
"""
_USE = b"""
UPDATE defter.refresh_tokens SET used_at = now() WHERE tenant_id = %s AND token_hash = %s
"""
_UNUSED = b"""
SELECT FROM defter.refresh_tokens WHERE tenant_id = %s AND token_hash = %s AND used_at IS NULL
"""
_NEXT = b"""
INSERT INTO defter.refresh_tokens (tenant_id, token_hash, person_id, session_id, expires_at)
VALUES (%s, %s, %s, %s, %s)
"""
_SPEND = b"""
UPDATE defter.refresh_tokens SET used_at = now()
WHERE tenant_id = %s AND session_id = %s AND used_at IS NULL
"""
_LAST = b"""
SELECT session_id, max(issued_at) FROM defter.refresh_tokens
WHERE tenant_id = %s AND person_id = %s GROUP BY session_id
"""


class Use(Enum):
    """What using a token led to."""

    ROTATED = "rotated"
    TOLD_AGAIN = "told_again"
    WRONG = "wrong"
    REUSED = "reused"


class Used(NamedTuple):
    """Whose session it was; the next token, if there is one."""

    use: Use
    person_id: str = ""
    session_id: str = ""
    expires_at: datetime | None = None
    following: str | None = None


async def begin(  # noqa: PLR0913 - what is kept of a token
    connection: Connection,
    tenant_id: UUID,
    person_id: str,
    session_id: str,
    *,
    expires_at: datetime,
    proven_by: str,
) -> str | None:
    """Give the first token of a session, unless the password that began it was changed since."""
    secret = new_secret(PREFIX)
    await connection.execute(_EXPIRED, (tenant_id, person_id))
    given = (secret.kept, session_id, expires_at, tenant_id, person_id, proven_by)
    cursor = await connection.execute(_BEGIN, given)
    return secret.text if cursor.rowcount == 1 else None


async def use(connection: Connection, tenant_id: UUID, token: str, *, following: str) -> Used:
    """Use a token for the `following` one, in the transaction that is open.

    `following` is always the same for a token, and nobody can guess it who lacks a key.
    """
    kept, secret = kept_of(token), f"{PREFIX}_{following}"
    row = await (await connection.execute(_FIND, (GRACE_SECONDS, tenant_id, kept))).fetchone()
    if row is None:
        return Used(Use.WRONG)
    person_id, session_id, expires_at, expired, used, just_used = row
    if just_used and not expired:
        unused = await connection.execute(_UNUSED, (tenant_id, kept_of(secret)))
        if unused.rowcount == 1:
            return Used(Use.TOLD_AGAIN, person_id, session_id, expires_at, secret)
    if used:
        await connection.execute(_SPEND, (tenant_id, session_id))
        return Used(Use.REUSED, person_id, session_id)
    if expired:
        return Used(Use.WRONG)
    await connection.execute(_USE, (tenant_id, kept))
    given = (tenant_id, kept_of(secret), person_id, session_id, expires_at)
    await connection.execute(_NEXT, given)
    return Used(Use.ROTATED, person_id, session_id, expires_at, secret)


async def last_issued(
    connection: Connection, tenant_id: UUID, person_id: str
) -> dict[str, datetime]:
    """Tell when each session of a person last got a token."""
    cursor = await connection.execute(_LAST, (tenant_id, person_id))
    return dict(await cursor.fetchall())
