"""Images, videos and 3D models of products, each kept under the hash of its content."""

import hashlib
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import AsyncConnection

_KEEP = b"""
INSERT INTO defter.assets (tenant_id, sha256, content_type, content) VALUES (%s, %s, %s, %b)
ON CONFLICT (tenant_id, sha256) DO NOTHING
"""
_PART = b"SELECT content_type, size, part FROM defter.asset(%s, %s, %s)"


class Part(NamedTuple):
    """A part of an asset; `size` is that of the whole."""

    content_type: str
    size: int
    content: bytes


async def keep(
    connection: AsyncConnection[Any], tenant_id: UUID, content: bytes, content_type: str
) -> str:
    """Keep an asset and give its SHA-256; one that is there already stays as it is."""
    sha256 = hashlib.sha256(content).hexdigest()
    await connection.execute(_KEEP, (tenant_id, sha256, content_type, content))
    return sha256


async def part_of(
    connection: AsyncConnection[Any], sha256: str, *, first: int = 0, most: int
) -> Part | None:
    """Give a part of an asset, whoever's it is, or None: who has the hash knows the content."""
    row = await (await connection.execute(_PART, (sha256, first, most))).fetchone()
    return None if row is None else Part(*row)
