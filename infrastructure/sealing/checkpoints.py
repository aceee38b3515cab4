"""The checkpoints that were signed, and the public keys that signed them, retired ones too."""

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from jwt.utils import base64url_decode
from psycopg import AsyncConnection

_FIELDS = "size, root, note, sealed_at"
_KEEP = b"""
INSERT INTO defter.log_checkpoints (tenant_id, size, root, note) VALUES (%s, %s, %s, %s)
"""
_LATEST = f"""
SELECT {_FIELDS} FROM defter.log_checkpoints WHERE tenant_id = %s AND size <= %s
ORDER BY size DESC LIMIT 1
""".encode()  # noqa: S608 - our own columns
_FIRST_WITH = f"""
SELECT {_FIELDS} FROM defter.log_checkpoints WHERE tenant_id = %s AND size >= %s
ORDER BY size LIMIT 1
""".encode()  # noqa: S608 - our own columns
_AFTER = f"""
SELECT {_FIELDS} FROM defter.log_checkpoints WHERE tenant_id = %s AND size > %s
ORDER BY size LIMIT %s
""".encode()  # noqa: S608 - our own columns
_BEFORE = f"""
SELECT {_FIELDS} FROM defter.log_checkpoints WHERE tenant_id = %s AND size < %s
ORDER BY size DESC LIMIT %s
""".encode()  # noqa: S608 - our own columns
_KEYS = b"""
SELECT kid, public_key, made_at, retired_at FROM defter.signing_keys
WHERE use = 'checkpoint' ORDER BY made_at, kid
"""
_NO_END = 2**63 - 1


class Sealed(NamedTuple):
    """A checkpoint as it is kept; `note` is what was signed and by whom."""

    size: int
    root: bytes
    note: str
    sealed_at: datetime


class PublicKey(NamedTuple):
    """A key that signs checkpoints, or did."""

    kid: str
    public: bytes
    made_at: datetime
    retired_at: datetime | None


async def keep(
    connection: AsyncConnection[Any], tenant_id: UUID, size: int, root: bytes, note: str
) -> None:
    """Keep a checkpoint; a size has but one."""
    await connection.execute(_KEEP, (tenant_id, size, root, note))


async def latest(
    connection: AsyncConnection[Any], tenant_id: UUID, *, at_most: int = _NO_END
) -> Sealed | None:
    """Give the newest checkpoint, of those with at most so many events."""
    return await _one(connection, _LATEST, tenant_id, at_most)


async def first_with(
    connection: AsyncConnection[Any], tenant_id: UUID, position: int
) -> Sealed | None:
    """Give the oldest checkpoint that holds an event."""
    return await _one(connection, _FIRST_WITH, tenant_id, position)


async def before(
    connection: AsyncConnection[Any], tenant_id: UUID, size: int, *, limit: int
) -> list[Sealed]:
    """Give the checkpoints before a size, newest first."""
    cursor = await connection.execute(_BEFORE, (tenant_id, size, limit))
    return [_sealed(row) for row in await cursor.fetchall()]


async def after(
    connection: AsyncConnection[Any], tenant_id: UUID, size: int, *, limit: int
) -> list[Sealed]:
    """Give the checkpoints after a size, in order."""
    cursor = await connection.execute(_AFTER, (tenant_id, size, limit))
    return [_sealed(row) for row in await cursor.fetchall()]


async def public_keys(connection: AsyncConnection[Any]) -> list[PublicKey]:
    """Give every key that ever signed checkpoints; the connection sees the platform."""
    cursor = await connection.execute(_KEYS)
    return [
        PublicKey(kid, base64url_decode(public), made_at, retired_at)
        for kid, public, made_at, retired_at in await cursor.fetchall()
    ]


async def _one(
    connection: AsyncConnection[Any], query: bytes, tenant_id: UUID, size: int
) -> Sealed | None:
    row = await (await connection.execute(query, (tenant_id, size))).fetchone()
    return None if row is None else _sealed(row)


def _sealed(row: Any) -> Sealed:  # noqa: ANN401 - a row of the table
    size, root, note, sealed_at = row
    return Sealed(size, bytes(root), note, sealed_at)
