"""The delivery log: what was sent to an endpoint, how often, and what came of it."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import dict_row

from application.processes.webhooks import WEBHOOK

_PAGE = b"""
SELECT delivery.effect_id AS delivery_id, delivery.position, delivery.event_id, event.type,
    delivery.state, delivery.attempts AS attempts_made, delivery.filed_at, delivery.settled_at,
    CASE WHEN delivery.state = 'waiting' THEN delivery.next_at END AS next_at
FROM defter.effects delivery
JOIN defter.events event
    ON event.tenant_id = delivery.tenant_id AND event.position = delivery.position
WHERE delivery.tenant_id = %(tenant_id)s AND delivery.effect = %(effect)s
  AND delivery.target = %(target)s AND delivery.position < %(before)s
  AND (%(state)s::text IS NULL OR delivery.state = %(state)s)
ORDER BY delivery.position DESC LIMIT %(limit)s
"""
_ATTEMPTS = b"""
SELECT effect_id, attempt, succeeded, told, milliseconds, ended_at FROM defter.effect_attempts
WHERE tenant_id = %s AND effect_id = ANY(%s) ORDER BY effect_id, attempt
"""
_POSITION = b"""
SELECT position FROM defter.effects
WHERE tenant_id = %s AND effect_id = %s AND effect = %s AND target = %s
"""


async def deliveries(  # noqa: PLR0913 - the parts of a page
    connection: AsyncConnection[Any],
    tenant_id: UUID,
    endpoint_id: str,
    *,
    before: int,
    state: str | None,
    limit: int,
) -> list[dict[str, Any]]:
    """Give a page of deliveries, the latest position first, each with its `attempts`."""
    given = {
        "tenant_id": tenant_id,
        "effect": WEBHOOK,
        "target": endpoint_id,
        "before": before,
        "state": state,
        "limit": limit,
    }
    page = await _rows(connection, _PAGE, given)
    made = await _rows(connection, _ATTEMPTS, (tenant_id, [row["delivery_id"] for row in page]))
    attempts: dict[UUID, list[dict[str, Any]]] = {row["delivery_id"]: [] for row in page}
    for attempt in made:
        attempts[attempt.pop("effect_id")].append(attempt)
    return [{**row, "attempts": attempts[row["delivery_id"]]} for row in page]


async def position_of(
    connection: AsyncConnection[Any], tenant_id: UUID, endpoint_id: str, delivery_id: UUID
) -> int | None:
    """Tell which position a delivery is of; None where the endpoint has no such delivery."""
    given = (tenant_id, delivery_id, WEBHOOK, endpoint_id)
    row = await (await connection.execute(_POSITION, given)).fetchone()
    return row[0] if row else None


async def _rows(
    connection: AsyncConnection[Any], query: bytes, given: dict[str, Any] | Sequence[Any]
) -> list[dict[str, Any]]:
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(query, given)
        return await cursor.fetchall()
