"""What is still to be done outside, what was given up, and what an operator does about it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

LISTED_MAX = 500

_SCOPE = b"SELECT set_config('app.tenants', %s, true)"
_TENANTS = b"SELECT tenant_id FROM defter.log_ends()"
_COUNTS = b"""
SELECT tenant_id, effect, state, count(*), min(filed_at) FROM (
    SELECT tenant_id, effect, state, filed_at FROM defter.effects WHERE state = 'waiting'
    UNION ALL
    SELECT tenant_id, effect, state, filed_at FROM defter.effects WHERE state = 'dead'
) AS open GROUP BY tenant_id, effect, state ORDER BY 1, 2, 3
"""
_LIST = b"""
SELECT tenant_id, effect_id, effect, target, position, state, attempts, next_at, told, filed_at
FROM (
    SELECT * FROM defter.effects WHERE state = 'waiting' AND 'waiting' = ANY(%(states)s)
    UNION ALL
    SELECT * FROM defter.effects WHERE state = 'dead' AND 'dead' = ANY(%(states)s)
) AS open WHERE %(effect)s::text IS NULL OR effect = %(effect)s
ORDER BY filed_at LIMIT %(most)s
"""
_CHANGE = b"""
UPDATE defter.effects SET state = %s, next_at = now(), forgiven = attempts,
    settled_at = CASE WHEN %s = 'discarded' THEN now() END
WHERE effect_id = ANY(%s) AND state = ANY(%s)
RETURNING effect_id
"""


class NoSuchEffect(LookupError):
    """There is no such effect in a state that allows it."""


@dataclass(frozen=True, slots=True)
class Counted:
    """How many effects of a kind a tenant has in a state, and since when the oldest."""

    tenant_id: UUID
    effect: str
    state: str
    count: int
    oldest: datetime


@dataclass(frozen=True, slots=True)
class Listed:
    """An effect as it stands; `told` is what its last attempt said."""

    tenant_id: UUID
    effect_id: UUID
    effect: str
    target: str
    position: int
    state: str
    attempts: int
    next_at: datetime
    told: str | None
    filed_at: datetime


async def counts(connection: AsyncConnection[Any], tenant_id: UUID | None = None) -> list[Counted]:
    """Count what waits and what is dead, of one tenant or of all."""
    async with connection.transaction():
        await _scope(connection, tenant_id)
        cursor = await connection.execute(_COUNTS)
        return [Counted(*row) for row in await cursor.fetchall()]


async def listed(
    connection: AsyncConnection[Any],
    *,
    tenant_id: UUID | None = None,
    states: Collection[str],
    effect: str | None = None,
) -> list[Listed]:
    """Give the oldest effects in some states, `LISTED_MAX` at most."""
    async with connection.transaction():
        await _scope(connection, tenant_id)
        given = {"states": list(states), "effect": effect, "most": LISTED_MAX}
        cursor = await connection.execute(_LIST, given)
        return [Listed(*row) for row in await cursor.fetchall()]


async def retry(connection: AsyncConnection[Any], effects: Collection[UUID]) -> list[UUID]:
    """Let dead effects, and waiting ones at once, be tried from the beginning."""
    return await _change(connection, "waiting", effects, ["dead", "waiting"])


async def discard(connection: AsyncConnection[Any], effects: Collection[UUID]) -> list[UUID]:
    """Give effects up for good; they stay on record."""
    return await _change(connection, "discarded", effects, ["dead", "waiting"])


async def _change(
    connection: AsyncConnection[Any],
    state: str,
    effects: Collection[UUID],
    states: Collection[str],
) -> list[UUID]:
    async with connection.transaction():
        await _scope(connection, None)
        given = (state, state, list(effects), list(states))
        changed = [row[0] for row in await (await connection.execute(_CHANGE, given)).fetchall()]
    unknown = set(effects) - set(changed)
    if unknown and not changed:
        raise NoSuchEffect(f"no effect {min(map(str, unknown))} waits or is dead")
    return changed


async def _scope(connection: AsyncConnection[Any], tenant_id: UUID | None) -> None:
    tenants = [tenant_id]
    if tenant_id is None:
        tenants = [row[0] for row in await (await connection.execute(_TENANTS)).fetchall()]
    await connection.execute(_SCOPE, ("{" + ",".join(map(str, tenants)) + "}",))
