"""The effects of one tenant, page by page, with every attempt at one of them."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import dict_row

STATES = ("waiting", "done", "dead", "discarded")

_FIELDS = """effect_id, effect, target, event_id, position, state, attempts AS attempts_made, told,
    filed_at, settled_at, CASE WHEN state = 'waiting' THEN next_at END AS next_at"""
# Each state is a stretch of one index, so what is asked for rarely is not searched for among all.
_PAGE = f"""
SELECT page.* FROM unnest(%(states)s::text[]) AS asked (state) CROSS JOIN LATERAL (
    SELECT {_FIELDS} FROM defter.effects
    WHERE tenant_id = %(tenant_id)s AND state = asked.state
      AND (position, effect_id) < (%(position)s, %(effect_id)s)
      AND (%(effect)s::text IS NULL OR effect = %(effect)s)
    ORDER BY position DESC, effect_id DESC LIMIT %(limit)s
) page ORDER BY position DESC, effect_id DESC LIMIT %(limit)s
""".encode()  # noqa: S608 - our own columns
_ONE = f"""
SELECT {_FIELDS} FROM defter.effects WHERE tenant_id = %(tenant_id)s AND effect_id = %(effect_id)s
""".encode()  # noqa: S608 - our own columns
_ATTEMPTS = b"""
SELECT attempt, succeeded, told, milliseconds, ended_at FROM defter.effect_attempts
WHERE tenant_id = %(tenant_id)s AND effect_id = %(effect_id)s ORDER BY attempt
"""


async def effects(  # noqa: PLR0913 - the parts of a page
    connection: AsyncConnection[Any],
    tenant_id: UUID,
    *,
    states: Collection[str],
    effect: str | None,
    before: tuple[int, UUID],
    limit: int,
) -> list[dict[str, Any]]:
    """Give a page of effects, those of the latest events first."""
    given = {
        "tenant_id": tenant_id,
        "states": list(states),
        "effect": effect,
        "position": before[0],
        "effect_id": before[1],
        "limit": limit,
    }
    return await _rows(connection, _PAGE, given)


async def effect(
    connection: AsyncConnection[Any], tenant_id: UUID, effect_id: UUID
) -> dict[str, Any] | None:
    """Give one effect with its `attempts`, or None where the tenant has no such effect."""
    given = {"tenant_id": tenant_id, "effect_id": effect_id}
    found = await _rows(connection, _ONE, given)
    return {**found[0], "attempts": await _rows(connection, _ATTEMPTS, given)} if found else None


async def _rows(
    connection: AsyncConnection[Any], query: bytes, given: Mapping[str, Any]
) -> list[dict[str, Any]]:
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(query, given)
        return await cursor.fetchall()
