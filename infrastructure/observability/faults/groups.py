"""Groups of faults as PostgreSQL keeps them, for operators: open, resolved or ignored."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import AsyncConnection

from infrastructure.observability.faults.noticing import Fault

LISTED_MAX = 500
REOPENED_TOLD_MAX = 5

_KEEP = b"""
INSERT INTO defter.faults AS kept (fault_id, role, kind, place, event, example,
    count, first_seen, last_seen, request_id, release)
SELECT * FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[],
    %s::bigint[], %s::timestamptz[], %s::timestamptz[], %s::text[], %s::text[])
ORDER BY 1
ON CONFLICT (fault_id) DO UPDATE SET
    count = kept.count + excluded.count,
    first_seen = least(kept.first_seen, excluded.first_seen),
    last_seen = greatest(kept.last_seen, excluded.last_seen),
    event = excluded.event, example = excluded.example, release = excluded.release,
    request_id = coalesce(excluded.request_id, kept.request_id),
    reopened = kept.reopened OR kept.state = 'resolved' AND excluded.last_seen > kept.changed_at,
    state = CASE
        WHEN kept.state = 'resolved' AND excluded.last_seen > kept.changed_at THEN 'open'
        ELSE kept.state
    END
"""
_COLUMNS = (
    b"SELECT fault_id, role, state, reopened, kind, place, count, first_seen, last_seen,"
    b" release, request_id, event, example FROM defter.faults"
)
_LIST = (
    _COLUMNS
    + b" WHERE state = ANY(%s) AND (%s::text IS NULL OR role = %s) ORDER BY last_seen DESC LIMIT %s"
)
_FIND = _COLUMNS + b" WHERE fault_id = %s"
_CHANGE = b"""
UPDATE defter.faults SET state = %s, reopened = false, changed_at = now()
WHERE fault_id = ANY(%s) RETURNING fault_id
"""
_STANDING = b"""
SELECT count(*), coalesce(
    (array_agg(fault_id || ' ' || kind ORDER BY last_seen DESC) FILTER (WHERE reopened))[1:%s], '{}'
) FROM defter.faults WHERE state = 'open'
"""


class NoSuchFault(LookupError):
    """There is no group with this id."""


@dataclass(frozen=True, slots=True)
class Group:
    """A group of faults. `reopened` says that it happened again after it was called resolved."""

    fault_id: str
    role: str
    state: str
    reopened: bool
    kind: str
    place: str
    count: int
    first_seen: datetime
    last_seen: datetime
    release: str
    request_id: str | None
    event: str
    example: str


@dataclass(frozen=True, slots=True)
class FaultsStanding:
    """How many groups are open, and the latest of those that were resolved before."""

    open: int = 0
    reopened: tuple[str, ...] = ()


async def keep(connection: AsyncConnection[Any], faults: Sequence[Fault]) -> None:
    """Add what happened to its groups; a resolved one that happened since is open again."""
    rows = [
        (
            fault.fault_id,
            fault.role,
            fault.chain[0].kind,
            fault.place,
            fault.event,
            fault.example(),
            fault.count,
            fault.first_seen,
            fault.last_seen,
            fault.request_id,
            fault.release,
        )
        for fault in faults
    ]
    if rows:
        await connection.execute(_KEEP, [list(column) for column in zip(*rows, strict=True)])


async def listed(
    connection: AsyncConnection[Any], *, states: Collection[str], role: str | None = None
) -> list[Group]:
    """Give the groups in some states, the latest first, `LISTED_MAX` at most."""
    given = (list(states), role, role, LISTED_MAX)
    return [Group(*row) for row in await (await connection.execute(_LIST, given)).fetchall()]


async def found(connection: AsyncConnection[Any], fault_id: str) -> Group:
    """Give one group; raises `NoSuchFault`."""
    row = await (await connection.execute(_FIND, (fault_id,))).fetchone()
    if row is None:
        raise NoSuchFault(f"there is no error {fault_id}")
    return Group(*row)


async def change(
    connection: AsyncConnection[Any], fault_ids: Collection[str], *, state: str
) -> list[str]:
    """Say of groups what an operator decided; raises `NoSuchFault` where there is none of them."""
    rows = await (await connection.execute(_CHANGE, (state, list(fault_ids)))).fetchall()
    if not rows:
        raise NoSuchFault(f"there is no error {min(fault_ids)}")
    return [row[0] for row in rows]


async def faults_standing(connection: AsyncConnection[Any]) -> FaultsStanding:
    """Count the open groups, and name those that came back."""
    row = await (await connection.execute(_STANDING, (REOPENED_TOLD_MAX,))).fetchone()
    assert row is not None
    return FaultsStanding(row[0], tuple(row[1]))
