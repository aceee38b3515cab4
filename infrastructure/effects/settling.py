"""Write down how attempts ended: once each, and only by whoever made the attempt."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import AsyncConnection

from infrastructure.effects.effect import Effect

_SCOPE = b"SELECT set_config('app.tenants', %s, true)"
_SETTLE = b"""
WITH ended AS (
    SELECT * FROM unnest(%s::uuid[], %s::uuid[], %s::int[], %s::text[], %s::timestamptz[],
        %s::text[], %s::int[], %s::boolean[])
        AS ended (tenant_id, effect_id, attempt, state, next_at, told, milliseconds, onward)
), moved AS (
    UPDATE defter.effects effect SET state = ended.state, next_at = ended.next_at,
        leased_until = NULL, told = ended.told,
        forgiven = CASE WHEN ended.onward THEN effect.attempts ELSE effect.forgiven END,
        settled_at = CASE WHEN ended.state <> 'waiting' THEN now() END
    FROM ended
    WHERE effect.tenant_id = ended.tenant_id AND effect.effect_id = ended.effect_id
      AND effect.state = 'waiting' AND effect.attempts = ended.attempt
    RETURNING effect.tenant_id, effect.effect_id, ended.attempt, ended.state
), noted AS (
    INSERT INTO defter.effect_attempts
        (tenant_id, effect_id, attempt, succeeded, told, milliseconds, ended_at)
    SELECT tenant_id, effect_id, attempt, ended.state = 'done' OR ended.onward, ended.told,
        milliseconds, now()
    FROM ended JOIN moved USING (tenant_id, effect_id, attempt)
)
SELECT tenant_id, effect_id FROM moved WHERE state = 'dead'
"""


@dataclass(frozen=True, slots=True)
class Ended:
    """How an attempt ended."""

    effect: Effect
    state: str
    next_at: datetime
    told: str
    milliseconds: int
    onward: bool = False
    """Whether a part of it was done, so that its tries begin anew."""


async def settle(connection: AsyncConnection[Any], ended: Sequence[Ended]) -> set[Effect]:
    """Settle attempts in the transaction that is open; gives the effects that are dead now."""
    if not ended:
        return set()
    tenants = {str(one.effect.tenant_id) for one in ended}
    columns = [
        [one.effect.tenant_id for one in ended],
        [one.effect.effect_id for one in ended],
        [one.effect.attempt for one in ended],
        [one.state for one in ended],
        [one.next_at for one in ended],
        [one.told for one in ended],
        [one.milliseconds for one in ended],
        [one.onward for one in ended],
    ]
    await connection.execute(_SCOPE, ("{" + ",".join(tenants) + "}",))
    rows = await (await connection.execute(_SETTLE, columns, prepare=True)).fetchall()
    dead = {(tenant_id, effect_id) for tenant_id, effect_id in rows}
    return {one.effect for one in ended if (one.effect.tenant_id, one.effect.effect_id) in dead}


def storable(told: str) -> str:
    """Give words from outside without what PostgreSQL keeps in no text."""
    return told.replace("\0", "?").encode(errors="replace").decode()
