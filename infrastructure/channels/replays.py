"""Replay: deliveries are made again under their ids, and those that were missed are made at all."""

from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from application.process import Perform
from application.processes.webhooks import WEBHOOK
from domain.channels.endpoints import Endpoint, Endpoints
from domain.channels.events import ReplayAsked
from infrastructure.channels.receivers import STREAM
from infrastructure.effects.effect import Effect, Hopeless, Kind, Needless, World
from infrastructure.processes.filing import Filed, file
from infrastructure.processes.passing import read_stream

POSITIONS_AT_ONCE = 5_000

_EVENTS = b"""
SELECT position, event_id, type FROM defter.events
WHERE tenant_id = %s AND position BETWEEN %s AND %s ORDER BY position
"""
_AGAIN = b"""
UPDATE defter.effects SET state = 'waiting', next_at = now(), forgiven = attempts,
    leased_until = NULL, settled_at = NULL, bulk = true
WHERE tenant_id = %(tenant_id)s AND effect = %(effect)s AND target = %(target)s
  AND position BETWEEN %(first)s AND %(last)s
  AND (settled_at < (SELECT filed_at FROM defter.effects
                     WHERE tenant_id = %(tenant_id)s AND effect_id = %(replay)s)
       OR state = 'waiting' AND (leased_until IS NULL OR leased_until <= now()))
"""


async def perform(world: World, effect: Effect) -> str:
    """Let the deliveries of some positions be due; those made since it was asked for stay made."""
    async with world.look(effect.tenant_id) as connection:
        events = await read_stream(connection, effect.tenant_id, STREAM, until=effect.position)
    endpoints: Endpoints | None = None
    for event in events:
        endpoints = Endpoints.evolve(endpoints, event)  # type: ignore[arg-type] - of its stream
    asked = events[-1] if events else None
    if endpoints is None or not isinstance(asked, ReplayAsked):
        raise Hopeless("the event stands in the log no more")
    endpoint = endpoints.by_id.get(effect.target)
    if endpoint is None:
        raise Needless("the endpoint was removed")
    total, first, end = 0, asked.from_position, min(asked.to_position, effect.position - 1)
    while first <= end:
        last = min(first + POSITIONS_AT_ONCE - 1, end)
        async with world.look(effect.tenant_id) as connection:
            total += await _due_again(connection, effect, first, last)
            total += await _file_missed(connection, effect, endpoint, first, last)
        first = last + 1
    return f"{total} deliveries"


REPLAYS = Kind(perform)


async def _due_again(
    connection: AsyncConnection[Any], effect: Effect, first: int, last: int
) -> int:
    given = {
        "tenant_id": effect.tenant_id,
        "effect": WEBHOOK,
        "target": effect.target,
        "first": first,
        "last": last,
        "replay": effect.effect_id,
    }
    return (await connection.execute(_AGAIN, given)).rowcount


async def _file_missed(
    connection: AsyncConnection[Any], effect: Effect, endpoint: Endpoint, first: int, last: int
) -> int:
    rows: list[tuple[int, UUID, str]] = await (
        await connection.execute(_EVENTS, (effect.tenant_id, first, last))
    ).fetchall()
    wanted = [
        Filed(position, event_id, Perform(WEBHOOK, effect.target, bulk=True))
        for position, event_id, name in rows
        if endpoint.wants(name)
    ]
    return await file(connection, effect.tenant_id, wanted)
