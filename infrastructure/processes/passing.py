"""Reading a log for processes: what they want is decoded, what only passes is not even fetched."""

from collections.abc import Collection
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import AsyncConnection

from application.process import Passing
from domain.kernel.events import Event, Recorded
from infrastructure.event_log.codec import UnknownEvent, decode
from infrastructure.event_log.event_types import EVENT_TYPES
from infrastructure.postgres.arrays import Bigint, Texts, Uuid
from infrastructure.postgres.pipelines import PipelinedConnection, Statement

WINDOW_EVENTS = 20_000
"""How far one step looks."""

READ_EVENTS_MAX = 2_000
"""How many events one step answers at most."""

_END = Statement(
    "passing_end",
    """
SELECT position FROM defter.events WHERE tenant_id = $1 ORDER BY position DESC LIMIT 1""",
    Uuid,
)
_READ = """
SELECT position, event_id, stream, version, type, recorded_at, schema,
    CASE WHEN type = ANY($4) THEN data END
FROM defter.events
WHERE tenant_id = $1 AND position > $2 AND position <= $3 {that_matter}
ORDER BY position LIMIT $5"""
_READ_PARAMETERS = Uuid, Bigint, Bigint, Texts, Bigint
_KNOWN_TYPES = ", ".join(f"'{name}'" for name in EVENT_TYPES)
_READ_ALL = Statement("passing_all", _READ.format(that_matter=""), *_READ_PARAMETERS)
_READ_WANTED = Statement(
    "passing_wanted",
    _READ.format(that_matter=f"AND (type = ANY($4) OR type NOT IN ({_KNOWN_TYPES}))"),
    *_READ_PARAMETERS,
)
_STREAM = b"""
SELECT type, schema, data FROM defter.events
WHERE tenant_id = %s AND stream = %s AND position <= %s ORDER BY version
"""


class Stretch(NamedTuple):
    """A stretch of a log: what passed, decoded where it was wanted, and the last position seen."""

    events: list[tuple[Passing, Event | None]]
    last: int
    more: bool
    stopped: Exception | None = None
    """Why the next event can not be read."""


def recorded(tenant_id: UUID, passing: Passing, event: Event) -> Recorded:
    """Give an event that passed as it was recorded; who did it is not read."""
    position, event_id, stream, version, _, recorded_at = passing
    return Recorded(tenant_id, position, event_id, stream, version, recorded_at, event, b"")


async def read_stretch(
    connection: PipelinedConnection,
    tenant_id: UUID,
    *,
    after: int,
    wanted: Collection[str],
    everything: bool,
) -> Stretch:
    """Read on from a position, only the wanted types or with `everything` all that passes."""
    read, last = (_READ_ALL if everything else _READ_WANTED), after + WINDOW_EVENTS
    asked = read(tenant_id, after, last, wanted, READ_EVENTS_MAX)
    ends, found = map(connection.rows, await connection.run(_END(tenant_id), asked))
    end = min(ends[0][0], last) if ends else after
    # The log may have grown between the two: what is beyond the end that was seen comes next time.
    rows = [row for row in found if row[0] <= end]
    events: list[tuple[Passing, Event | None]] = []
    for *fields, schema, data in rows:
        passing = Passing(*fields)
        kind = EVENT_TYPES.get(passing.type)
        if kind is None or schema > kind.SCHEMA:
            unknown = UnknownEvent(f"this release does not know {passing.type}")
            return Stretch(events, passing.position - 1, more=False, stopped=unknown)
        try:
            event = decode(passing.type, schema, data) if data is not None else None
        except Exception as error:  # noqa: BLE001 - whatever a decoder or an upcaster fails with
            return Stretch(events, passing.position - 1, more=False, stopped=error)
        events.append((passing, event))
    full = len(found) == READ_EVENTS_MAX
    last = min(found[-1][0], end) if full else end
    return Stretch(events, last, more=full or end - after == WINDOW_EVENTS)


async def read_stream(
    connection: AsyncConnection[Any], tenant_id: UUID, stream: str, *, until: int
) -> list[Event]:
    """Read one stream as it was at a position of the log."""
    cursor = await connection.execute(_STREAM, (tenant_id, stream, until), prepare=True)
    return [decode(name, schema, bytes(data)) for name, schema, data in await cursor.fetchall()]
