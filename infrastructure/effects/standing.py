"""What is still to be done outside, and what was given up, as an operator sees all tenants."""

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
_NAMED = b"""
SELECT tenant_id, effect_id, effect, target, position, state, attempts, next_at, told, filed_at
FROM defter.effects WHERE tenant_id = ANY((SELECT current_setting('app.tenants'))::uuid[])
  AND effect_id = ANY(%s) ORDER BY filed_at
"""


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


async def named(connection: AsyncConnection[Any], effects: Collection[UUID]) -> list[Listed]:
    """Give effects by their ids, whosever they are."""
    async with connection.transaction():
        await _scope(connection, None)
        cursor = await connection.execute(_NAMED, (list(effects),))
        return [Listed(*row) for row in await cursor.fetchall()]


async def _scope(connection: AsyncConnection[Any], tenant_id: UUID | None) -> None:
    tenants = [tenant_id]
    if tenant_id is None:
        tenants = [row[0] for row in await (await connection.execute(_TENANTS)).fetchall()]
    await connection.execute(_SCOPE, ("{" + ",".join(map(str, tenants)) + "}",))
