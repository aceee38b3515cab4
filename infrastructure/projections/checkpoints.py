"""How far each projection of a tenant has read. A locked row is the lease to move it."""

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.sql import SQL

from infrastructure.event_log.codec import UnknownEvent
from infrastructure.event_log.reader import LogGap

FAR_BEHIND_EVENTS = 20_000
"""A projection this far behind the first one is filled on its own."""

WAITING = (UnknownEvent.__name__, LogGap.__name__)
"""What a projection waits for at the log itself: it is tried again, by this release or the next."""

IDLE_SECONDS = 15
"""How long a step may fold between two statements on a busy machine. The service's own limit guards
the lock on a log; a lease keeps nobody waiting."""

_BEGIN = b"BEGIN ISOLATION LEVEL READ COMMITTED"
_BEGIN_SNAPSHOT = b"BEGIN ISOLATION LEVEL REPEATABLE READ"
_EXPORT = b"SELECT pg_export_snapshot()"
_SCOPE = b"""
SELECT set_config('app.tenants', %s, true),
    set_config('idle_in_transaction_session_timeout', %s, true)
"""
_FIRST_SIGHT = b"""
INSERT INTO defter.checkpoints (tenant_id, projection)
SELECT %s, unnest(%s::text[]) ON CONFLICT DO NOTHING
"""
_NEAR = b"""
SELECT projection, position, parked_at IS NOT NULL FROM defter.checkpoints
WHERE tenant_id = %(tenant_id)s AND projection = ANY(%(projections)s)
  AND (parked_at IS NULL OR error = ANY(%(waiting)s))
  AND (position >= %(far)s + (
    SELECT max(first.position) FROM defter.checkpoints first
    WHERE first.tenant_id = %(tenant_id)s AND first.projection = ANY(%(projections)s)
      AND first.parked_at IS NULL
  )) IS DISTINCT FROM %(filling)s
ORDER BY projection FOR UPDATE SKIP LOCKED
"""
_MOVE = b"""
UPDATE defter.checkpoints c SET position = %s, updated_at = now(),
    parked_at = NULL, parked_position = NULL,
    error = CASE WHEN c.parked_at IS NULL THEN c.error END
FROM unnest(%s::text[], %s::bigint[]) AS v(projection, position)
WHERE c.tenant_id = %s AND c.projection = v.projection AND c.position = v.position
"""
_PARK = b"""
UPDATE defter.checkpoints SET parked_at = now(), parked_position = %s, error = %s,
    updated_at = now()
WHERE tenant_id = %s AND projection = ANY(%s) AND (parked_position IS DISTINCT FROM %s)
"""


class TryAgain(RuntimeError):
    """A step came to nothing through no event's fault; nothing was written."""


class CheckpointMoved(TryAgain):
    """A checkpoint was not where it had been locked."""


class CommitFailed(TryAgain):
    """COMMIT answered something else."""


class Filed(Protocol):
    """What has checkpoints: a read model or a process."""

    @property
    def key(self) -> str:
        """What they are filed under."""
        ...


class Lease(NamedTuple):
    """The projections that were locked, with their positions."""

    positions: Mapping[str, int]
    waiting: bool


async def begin(connection: AsyncConnection[Any], *tenants: UUID, snapshot: bool = False) -> None:
    """Begin a transaction that sees some tenants, all of them at one moment with `snapshot`."""
    async with connection.pipeline():
        await connection.execute(_BEGIN_SNAPSHOT if snapshot else _BEGIN)
        await connection.execute(_SCOPE, _scope(*tenants))


async def begin_beside(
    connection: AsyncConnection[Any], other: AsyncConnection[Any], tenant_id: UUID
) -> None:
    """Begin a transaction that sees what another one's snapshot sees, but for its own changes."""
    cursor = await other.execute(_EXPORT)
    exported = await cursor.fetchone()
    assert exported is not None
    await connection.execute(_BEGIN_SNAPSHOT)
    await connection.execute(SQL("SET TRANSACTION SNAPSHOT {}").format(exported[0]))
    await connection.execute(_SCOPE, _scope(tenant_id))


async def first_sight(
    connection: AsyncConnection[Any], tenant_id: UUID, keys: Collection[str]
) -> None:
    """File the checkpoints of a tenant that is met for the first time."""
    await begin(connection, tenant_id)
    await connection.execute(_FIRST_SIGHT, (tenant_id, list(keys)))
    await connection.execute(b"COMMIT")


async def lease(
    connection: AsyncConnection[Any],
    tenant_id: UUID,
    followers: Collection[Filed],
    *,
    filling: bool,
    snapshot: bool = False,
) -> Lease:
    """Begin a transaction and lock what nobody else moves: the live ones, or the far ones.

    With `snapshot` all that it sees is of one moment.
    """
    given = {
        "tenant_id": tenant_id,
        "projections": [follower.key for follower in followers],
        "waiting": list(WAITING),
        "far": -FAR_BEHIND_EVENTS,
        "filling": filling,
    }
    async with connection.pipeline():
        await connection.execute(_BEGIN_SNAPSHOT if snapshot else _BEGIN)
        await connection.execute(_SCOPE, _scope(tenant_id))
        cursor = await connection.execute(_NEAR, given, prepare=True)
    rows = await cursor.fetchall()
    return Lease({row[0]: row[1] for row in rows}, any(row[2] for row in rows))


async def commit(connection: AsyncConnection[Any]) -> None:
    """Commit; raises `CommitFailed` where the transaction had failed before."""
    if (await connection.execute(b"COMMIT")).statusmessage != "COMMIT":
        raise CommitFailed("the transaction had failed")


async def move(
    connection: AsyncConnection[Any], tenant_id: UUID, old: Mapping[str, int], *, to: int
) -> None:
    """Move checkpoints on; each names its old position and must be there."""
    values = (to, list(old), list(old.values()), tenant_id)
    cursor = await connection.execute(_MOVE, values, prepare=True)
    if cursor.rowcount != len(old):
        raise CheckpointMoved(f"{len(old)} checkpoints to move, {cursor.rowcount} were there")


async def park(
    connection: AsyncConnection[Any],
    tenant_id: UUID,
    projections: Collection[str],
    *,
    position: int,
    error: str,
) -> None:
    """Stop projections before a position; `error` is a class and a code, never data."""
    values = (position, error, tenant_id, list(projections), position)
    await connection.execute(_PARK, values)


def _scope(*tenants: UUID) -> tuple[str, str]:
    return "{" + ",".join(map(str, tenants)) + "}", f"{IDLE_SECONDS}s"
