"""How far each projection of a tenant has read. A locked row is the lease to move it."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.pq.abc import PGresult
from psycopg.rows import TupleRow
from psycopg.sql import SQL

from infrastructure.event_log.codec import UnknownEvent
from infrastructure.event_log.reader import LogGap
from infrastructure.event_log.writing import statements as sql
from infrastructure.postgres.asking import NamedStatement
from infrastructure.postgres.pipelines import Call, PipelinedConnection, Statement

FAR_BEHIND_EVENTS = 20_000
"""A projection this far behind the first one is filled on its own."""

WAITING = (UnknownEvent.__name__, LogGap.__name__)
"""What a projection waits for at the log itself: it is tried again, by this release or the next."""

IDLE_SECONDS = 15
"""How long a step may fold between two statements on a busy machine. The service's own limit guards
the lock on a log; a lease keeps nobody waiting."""

_BEGIN_SNAPSHOT = Statement("", "BEGIN ISOLATION LEVEL REPEATABLE READ")
_EXPORT = b"SELECT pg_export_snapshot()"
_SCOPE = NamedStatement("""
SELECT set_config('app.tenants', %(tenants)s, true),
    set_config('idle_in_transaction_session_timeout', %(idle)s, true)
""")
_FIRST_SIGHT = b"""
INSERT INTO defter.checkpoints (tenant_id, projection)
SELECT %s, unnest(%s::text[]) ON CONFLICT DO NOTHING
"""
_NEAR = NamedStatement("""
SELECT projection, position, parked_at IS NOT NULL FROM defter.checkpoints
WHERE tenant_id = %(tenant_id)s AND projection = ANY(%(projections)s)
  AND (parked_at IS NULL OR error = ANY(%(waiting)s))
  AND (position >= %(far)s + (
    SELECT max(first.position) FROM defter.checkpoints first
    WHERE first.tenant_id = %(tenant_id)s AND first.projection = ANY(%(projections)s)
      AND first.parked_at IS NULL
  )) IS DISTINCT FROM %(filling)s
ORDER BY projection FOR UPDATE SKIP LOCKED
""")
_MOVE = NamedStatement("""
UPDATE defter.checkpoints c SET position = %(to)s, updated_at = now(),
    parked_at = NULL, parked_position = NULL,
    error = CASE WHEN c.parked_at IS NULL THEN c.error END
FROM unnest(%(projections)s::text[], %(positions)s::bigint[]) AS v(projection, position)
WHERE c.tenant_id = %(tenant_id)s AND c.projection = v.projection AND c.position = v.position
""")
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
    read: Sequence[list[TupleRow]] = ()
    """The rows of what was asked with it."""


async def begin(connection: PipelinedConnection, *tenants: UUID, snapshot: bool = False) -> None:
    """Begin a transaction that sees some tenants, all of them at one moment with `snapshot`."""
    await connection.run(*_beginning(*tenants, snapshot=snapshot))


async def begin_beside(
    connection: PipelinedConnection, other: AsyncConnection[Any], tenant_id: UUID
) -> None:
    """Begin a transaction that sees what another one's snapshot sees, but for its own changes."""
    cursor = await other.execute(_EXPORT)
    exported = await cursor.fetchone()
    assert exported is not None
    await connection.run(_BEGIN_SNAPSHOT())
    await connection.execute(SQL("SET TRANSACTION SNAPSHOT {}").format(exported[0]))
    await connection.run(_scope(tenant_id))


async def first_sight(
    connection: PipelinedConnection, tenant_id: UUID, keys: Collection[str]
) -> None:
    """File the checkpoints of a tenant that is met for the first time."""
    await begin(connection, tenant_id)
    await connection.execute(_FIRST_SIGHT, (tenant_id, list(keys)))
    await connection.execute(b"COMMIT")


async def lease(  # noqa: PLR0913 - whose, which, and how they are looked at
    connection: PipelinedConnection,
    tenant_id: UUID,
    followers: Collection[Filed],
    *,
    filling: bool,
    snapshot: bool = False,
    asking: Sequence[Call] = (),
) -> Lease:
    """Begin a transaction and lock what nobody else moves: the live ones, or the far ones.

    With `snapshot` all that it sees is of one moment. `asking` is asked in the same round trip,
    behind the locks. Where nothing was locked the transaction is over.
    """
    near = _NEAR.with_values(
        {
            "tenant_id": tenant_id,
            "projections": [follower.key for follower in followers],
            "waiting": list(WAITING),
            "far": -FAR_BEHIND_EVENTS,
            "filling": filling,
        }
    )
    beginning = _beginning(tenant_id, snapshot=snapshot)
    _, _, locked, *asked = await connection.run(*beginning, near, *asking)
    rows = connection.rows(locked)
    if not rows:
        await connection.run(sql.ROLLBACK())
    positions = {row[0]: row[1] for row in rows}
    return Lease(positions, any(row[2] for row in rows), [*map(connection.rows, asked)])


async def commit(connection: PipelinedConnection) -> None:
    """Commit; raises `CommitFailed` where the transaction had failed before."""
    (committed,) = await connection.run(sql.COMMIT())
    if committed.command_status != b"COMMIT":
        raise CommitFailed("the transaction had failed")


async def move(
    connection: PipelinedConnection, tenant_id: UUID, old: Mapping[str, int], *, to: int
) -> None:
    """Move checkpoints on; each names its old position and must be there."""
    (result,) = await connection.run(moving(tenant_id, old, to=to))
    must_have_moved(old, result)


def moving(tenant_id: UUID, old: Mapping[str, int], *, to: int) -> Call:
    """Give the statement that moves checkpoints on."""
    projections, positions = list(old), list(old.values())
    values = {"to": to, "projections": projections, "positions": positions, "tenant_id": tenant_id}
    return _MOVE.with_values(values)


def must_have_moved(old: Mapping[str, int], result: PGresult) -> None:
    """Raise `CheckpointMoved` unless all of them were where they had been locked."""
    if result.command_tuples != len(old):
        raise CheckpointMoved(f"{len(old)} checkpoints to move, {result.command_tuples} were there")


async def park(
    connection: PipelinedConnection,
    tenant_id: UUID,
    projections: Collection[str],
    *,
    position: int,
    error: str,
) -> None:
    """Stop projections before a position; `error` is a class and a code, never data."""
    values = (position, error, tenant_id, list(projections), position)
    await connection.execute(_PARK, values)


def _beginning(*tenants: UUID, snapshot: bool) -> tuple[Call, Call]:
    return (_BEGIN_SNAPSHOT() if snapshot else sql.BEGIN()), _scope(*tenants)


def _scope(*tenants: UUID) -> Call:
    seen = "{" + ",".join(map(str, tenants)) + "}"
    return _SCOPE.with_values({"tenants": seen, "idle": f"{IDLE_SECONDS}s"})
