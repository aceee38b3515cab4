"""Reading a log for processes: what they want is decoded, what only passes is not even fetched."""

from collections.abc import Collection
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import AsyncConnection

from application.process import Passing
from domain.kernel.events import Event, Recorded
from infrastructure.event_log.codec import UnknownEvent, decode
from infrastructure.event_log.event_types import EVENT_TYPES

WINDOW_EVENTS = 20_000
"""How far one step looks."""

READ_EVENTS_MAX = 2_000
"""How many events one step answers at most."""

_END = b"""
SELECT least(%(after)s::bigint + %(window)s::bigint, position) FROM defter.events
WHERE tenant_id = %(tenant_id)s ORDER BY position DESC LIMIT 1
"""
_READ = b"""
SELECT position, event_id, stream, version, type, recorded_at, schema,
    CASE WHEN type = ANY(%(wanted)s) THEN data END
FROM defter.events
WHERE tenant_id = %(tenant_id)s AND position > %(after)s AND position <= %(end)s
  AND (%(all)s OR type = ANY(%(wanted)s) OR type <> ALL(%(known)s))
ORDER BY position LIMIT %(limit)s
"""
_STREAM = b"""
SELECT type, schema, data FROM defter.events
WHERE tenant_id = %s AND stream = %s AND position <= %s ORDER BY version
"""

_KNOWN_TYPES = list(EVENT_TYPES)


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
    connection: AsyncConnection[Any],
    tenant_id: UUID,
    *,
    after: int,
    wanted: Collection[str],
    everything: bool,
) -> Stretch:
    """Read on from a position, only the wanted types or with `everything` all that passes."""
    given: dict[str, Any] = {
        "tenant_id": tenant_id,
        "after": after,
        "window": WINDOW_EVENTS,
        "wanted": list(wanted),
        "known": _KNOWN_TYPES,
        "all": everything,
        "limit": READ_EVENTS_MAX,
    }
    row = await (await connection.execute(_END, given, prepare=True)).fetchone()
    end = row[0] if row else after
    if end <= after:
        return Stretch([], after, more=False)
    rows = await (await connection.execute(_READ, {**given, "end": end}, prepare=True)).fetchall()
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
    full = len(rows) == READ_EVENTS_MAX
    last = events[-1][0].position if full else end
    return Stretch(events, last, more=full or end - after == WINDOW_EVENTS)


async def read_stream(
    connection: AsyncConnection[Any], tenant_id: UUID, stream: str, *, until: int
) -> list[Event]:
    """Read one stream as it was at a position of the log."""
    cursor = await connection.execute(_STREAM, (tenant_id, stream, until), prepare=True)
    return [decode(name, schema, bytes(data)) for name, schema, data in await cursor.fetchall()]
