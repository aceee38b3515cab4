"""What witnesses confirmed, kept as long as the log itself."""

from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

_CONFIRMED = b"""
SELECT size FROM defter.log_cosignatures WHERE tenant_id = %s AND witness = %s
ORDER BY size DESC LIMIT 1
"""
_KEEP = b"""
INSERT INTO defter.log_cosignatures (tenant_id, witness, size, line) VALUES (%s, %s, %s, %s)
ON CONFLICT DO NOTHING
"""


async def confirmed(connection: AsyncConnection[Any], tenant_id: UUID, witness: str) -> int:
    """Give the size of the newest checkpoint that a witness confirmed, 0 where it has none."""
    row = await (await connection.execute(_CONFIRMED, (tenant_id, witness))).fetchone()
    return 0 if row is None else row[0]


async def keep(
    connection: AsyncConnection[Any],
    tenant_id: UUID,
    witness: str,
    size: int,
    line: str | None = None,
) -> None:
    """Keep that a witness has a checkpoint; `line` is its signature, to stand below the note."""
    await connection.execute(_KEEP, (tenant_id, witness, size, line))
