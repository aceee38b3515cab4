"""Which event last set each field of a stream's state."""

from typing import Any, NamedTuple
from uuid import UUID

from infrastructure.audit.differences import ABSENT, Path, differences
from infrastructure.audit.states import NOTHING, check_length, steps
from infrastructure.event_log.reader import StoredEvent
from projections.query import Connection

_BY_VERSION = b"""
SELECT position, event_id, stream, version, type, schema, data, meta, recorded_at
FROM defter.events WHERE tenant_id = %s AND stream = %s AND version = ANY(%s)
"""


class LastSet(NamedTuple):
    """The version whose event last set a field, and what stood there before and after."""

    version: int
    before: Any
    after: Any


async def last_set(
    connection: Connection, tenant_id: UUID, stream: str, version: int, *, within: Path = ()
) -> dict[Path, LastSet]:
    """Give who set what, by field, in the order of the state at a version.

    Every event is folded, whatever is kept; raises `StreamTooLong`. `within` narrows it to a field
    and its parts, and then those are told too that were taken away, with `ABSENT` after.
    """
    check_length(version)
    found: dict[Path, LastSet] = {}
    state: Any = ABSENT
    async for step in steps(connection, tenant_id, stream, begin=NOTHING, until=version):
        for path, before, after in differences(state, step.after):
            found[path] = LastSet(step.version, before, after)
        state = step.after
    wanted = [path for path, _, _ in differences(ABSENT, state)]
    if within:
        wanted += sorted(path for path, kept in found.items() if kept.after is ABSENT)
    return {path: found[path] for path in wanted if path[: len(within)] == within}


async def events_of(
    connection: Connection, tenant_id: UUID, stream: str, versions: set[int]
) -> dict[int, StoredEvent]:
    """Read single events of a stream, by version."""
    async with connection.cursor(binary=True) as cursor:
        await cursor.execute(_BY_VERSION, (tenant_id, stream, sorted(versions)))
        return {event.version: event for event in map(StoredEvent._make, await cursor.fetchall())}
