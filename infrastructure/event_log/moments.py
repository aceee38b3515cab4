"""How far a log had come at a moment: positions and times rise together, so it is looked up."""

from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from infrastructure.event_log.reader import LogGap

# Halves the log until two neighbours are left, by the primary key: 24 steps for 10,000,000 events.
_POSITION = b"""
WITH RECURSIVE search (low, high) AS (
    SELECT 0::bigint, %(end)s::bigint + 1
    UNION ALL
    SELECT CASE WHEN middle.known THEN middle.position ELSE search.low END,
           CASE WHEN middle.known THEN search.high ELSE middle.position END
    FROM search CROSS JOIN LATERAL (
        SELECT event.position, event.recorded_at <= %(moment)s AS known FROM defter.events event
        WHERE event.tenant_id = %(tenant_id)s AND event.position = (search.low + search.high) / 2
    ) middle
    WHERE search.high - search.low > 1
)
SELECT low, high FROM search ORDER BY high - low LIMIT 1
"""
_RECORDED_AT = b"SELECT recorded_at FROM defter.events WHERE tenant_id = %s AND position = %s"


async def position_at(
    connection: AsyncConnection[Any], tenant_id: UUID, moment: datetime, *, end: int
) -> int:
    """Give the last position, of those up to `end`, recorded at a moment or before; 0 for none.

    Raises `LogGap` where a position is missing on the way.
    """
    given = {"tenant_id": tenant_id, "moment": moment, "end": end}
    row = await (await connection.execute(_POSITION, given)).fetchone()
    assert row is not None
    low, high = row
    if high - low != 1:
        raise LogGap(tenant_id, expected=(low + high) // 2, found=high)
    return low


async def recorded_at(
    connection: AsyncConnection[Any], tenant_id: UUID, position: int
) -> datetime | None:
    """Give when a position was recorded; None where nothing stands there."""
    row = await (await connection.execute(_RECORDED_AT, (tenant_id, position))).fetchone()
    return row[0] if row else None
