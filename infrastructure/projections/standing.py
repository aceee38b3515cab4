"""How far each projection and process is, and what an operator does about one that is parked."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from application.processes.registry import PROCESSES
from projections.read_models import READ_MODELS

FOLLOWERS = tuple(follower.key for follower in (*READ_MODELS, *PROCESSES))
"""What the checkpoints of everything that follows the logs are filed under."""

_BEHIND = b"SELECT * FROM read_models.behind(%s) ORDER BY projection, tenant_id"
_SCOPE = b"SELECT set_config('app.tenants', %s, true)"
_RETRY = b"""
UPDATE defter.checkpoints SET parked_at = NULL, parked_position = NULL, error = NULL
WHERE tenant_id = %s AND projection = %s AND parked_at IS NOT NULL
RETURNING position
"""
_SKIP = b"""
UPDATE defter.checkpoints SET position = parked_position, parked_at = NULL, parked_position = NULL,
    error = left('skipped ' || parked_position || ': ' || error, 400), updated_at = now()
WHERE tenant_id = %s AND projection = %s AND parked_at IS NOT NULL
  AND parked_position = position + 1
RETURNING position
"""


class NotParked(LookupError):
    """This projection of this tenant is not parked."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One projection of one tenant that is behind, parked, or has skipped an event.

    `error` is a class name and a code, or `skipped <position>: …`.
    """

    tenant_id: UUID
    projection: str
    position: int
    log_end: int
    parked_at: datetime | None
    parked_position: int | None
    error: str | None
    waiting_since: datetime | None


@dataclass(frozen=True, slots=True)
class Lag:
    """One projection over all tenants: the worst tenant's events and seconds, and how many."""

    projection: str
    positions: int
    seconds: float
    tenants_behind: int
    tenants_parked: int


async def standings(
    connection: AsyncConnection[Any], keys: Collection[str] = FOLLOWERS
) -> list[Standing]:
    """Give what is behind, parked or has skipped; an empty list means that all is well."""
    cursor = await connection.execute(_BEHIND, (list(keys),))
    return [Standing(*row) for row in await cursor.fetchall()]


async def lags(connection: AsyncConnection[Any], keys: Collection[str] = FOLLOWERS) -> list[Lag]:
    """Give each one's lag; seconds count since the first unread event was recorded."""
    found = await standings(connection, keys)
    now = datetime.now(UTC)
    result: list[Lag] = []
    for key in keys:
        own = [standing for standing in found if standing.projection == key]
        waits = [
            (now - standing.waiting_since).total_seconds()
            for standing in own
            if standing.waiting_since is not None
        ]
        result.append(
            Lag(
                projection=key,
                positions=max((s.log_end - s.position for s in own), default=0),
                seconds=max(0.0, *waits, 0.0),
                tenants_behind=len(waits),
                tenants_parked=sum(s.parked_at is not None for s in own),
            )
        )
    return result


async def retry(connection: AsyncConnection[Any], tenant_id: UUID, name: str) -> int:
    """Un-park a projection of a tenant; gives the position it goes on from."""
    return await _change(connection, _RETRY, tenant_id, name)


async def skip(connection: AsyncConnection[Any], tenant_id: UUID, name: str) -> int:
    """Step over the event a projection is parked at, and keep a note of it on the checkpoint."""
    return await _change(connection, _SKIP, tenant_id, name)


async def _change(
    connection: AsyncConnection[Any], statement: bytes, tenant_id: UUID, name: str
) -> int:
    key = next((model.key for model in READ_MODELS if name in {model.name, model.key}), name)
    async with connection.transaction():
        await connection.execute(_SCOPE, (f"{{{tenant_id}}}",))
        cursor = await connection.execute(statement, (tenant_id, key))
        row = await cursor.fetchone()
    if row is None:
        raise NotParked(f"{key} of {tenant_id} is not parked")
    return row[0]
