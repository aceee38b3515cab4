"""What processes answered, written with their checkpoints: effects, timers, whom to forget."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import AsyncConnection

from application.process import ClearTimer, Forget, GiveUp, Perform, Reaction, Revive, SetTimer
from domain.kernel.ids import derived_uuid
from infrastructure.users.forgetting import Forgotten, forget

_FILE = b"""
INSERT INTO defter.effects (tenant_id, effect_id, effect, target, event_id, position, bulk)
SELECT %s, * FROM unnest(
    %s::uuid[], %s::text[], %s::text[], %s::uuid[], %s::bigint[], %s::boolean[]
)
ON CONFLICT (tenant_id, effect_id) DO NOTHING
"""
_CHANGE = b"""
UPDATE defter.effects effect SET state = asked.state, next_at = now(), forgiven = attempts,
    settled_at = CASE WHEN asked.state = 'discarded' THEN now() END
FROM unnest(%s::uuid[], %s::text[]) AS asked (effect_id, state)
WHERE effect.tenant_id = %s AND effect.effect_id = asked.effect_id
  AND effect.state IN ('waiting', 'dead')
"""
_SET = b"""
INSERT INTO defter.timers (tenant_id, timer, key, due_at, try_at, event_id)
SELECT %s, timer, key, due_at, due_at, event_id
FROM unnest(%s::text[], %s::text[], %s::timestamptz[], %s::uuid[])
    AS new (timer, key, due_at, event_id)
ON CONFLICT (tenant_id, timer, key) DO UPDATE
SET due_at = excluded.due_at, try_at = excluded.try_at, event_id = excluded.event_id, error = NULL
"""
_CLEAR = b"""
DELETE FROM defter.timers timer USING unnest(%s::text[], %s::text[]) AS gone (timer, key)
WHERE timer.tenant_id = %s AND timer.timer = gone.timer AND timer.key = gone.key
"""

_Row = tuple[UUID, str, str, UUID, int, bool]


class Filed(NamedTuple):
    """A reaction with the event it answers."""

    position: int
    event_id: UUID
    reaction: Reaction


def effect_id_of(event_id: UUID, effect: str, target: str) -> UUID:
    """Name an effect: the same event, effect and target is the same effect, for ever."""
    return UUID(bytes=derived_uuid(event_id, f"effect/{effect}/{target}"))


async def file(connection: AsyncConnection[Any], tenant_id: UUID, filed: Iterable[Filed]) -> int:
    """Write effects and timers, the last word on each; give how many effects may be due now.

    Whoever is to be forgotten is, after what was filed before.
    """
    effects: list[_Row] = []
    asked: dict[UUID, str] = {}
    people: list[Forgotten] = []
    timers: dict[tuple[str, str], tuple[datetime, UUID] | None] = {}
    for position, event_id, reaction in filed:
        match reaction:
            case Perform(effect, target, bulk):
                effect_id = effect_id_of(event_id, effect, target)
                effects.append((effect_id, effect, target, event_id, position, bulk))
            case Revive(effect_id):
                asked[effect_id] = "waiting"
            case GiveUp(effect_id):
                asked[effect_id] = "discarded"
            case SetTimer(timer, key, due_at):
                timers[timer, key] = due_at, event_id
            case ClearTimer(timer, key):
                timers[timer, key] = None
            case Forget(person_id, hashes):
                people.append(Forgotten(person_id, hashes))
            case _:
                raise AssertionError(reaction)
    if effects:
        columns = map(list, zip(*effects, strict=True))
        await connection.execute(_FILE, (tenant_id, *columns), prepare=True)
    if asked:
        given = (list(asked), list(asked.values()), tenant_id)
        await connection.execute(_CHANGE, given, prepare=True)
    await _write_timers(connection, tenant_id, timers)
    await forget(connection, tenant_id, people)
    return len(effects) + len(asked)


async def _write_timers(
    connection: AsyncConnection[Any],
    tenant_id: UUID,
    timers: Mapping[tuple[str, str], tuple[datetime, UUID] | None],
) -> None:
    cleared = [key for key, value in timers.items() if value is None]
    if cleared:
        names, keys = map(list, zip(*cleared, strict=True))
        await connection.execute(_CLEAR, (names, keys, tenant_id), prepare=True)
    rows = [(*key, *value) for key, value in timers.items() if value is not None]
    if rows:
        columns = map(list, zip(*rows, strict=True))
        await connection.execute(_SET, (tenant_id, *columns), prepare=True)
