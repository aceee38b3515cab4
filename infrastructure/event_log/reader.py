"""Reading a tenant's log by position; a missing number stops the reader."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from domain.kernel.events import Recorded
from infrastructure.event_log.codec import UnknownEvent, decode
from infrastructure.event_log.event_types import EVENT_TYPES
from infrastructure.postgres.arrays import Bigint, Uuid
from infrastructure.postgres.pipelines import PipelinedConnection, Statement

CHUNK_EVENTS = 4_000
"""How many events one read brings at most: a few megabytes."""

_NO_END = 2**63 - 1

_CHUNK = """
SELECT position, event_id, stream, version, type, schema, data, meta, recorded_at
FROM defter.events WHERE tenant_id = $1 AND position > $2
ORDER BY position LIMIT $3
"""
_END = b"""
SELECT position, recorded_at FROM defter.events WHERE tenant_id = %s
ORDER BY position DESC LIMIT 1
"""
_HALVE = b"""
WITH RECURSIVE halving (low, high, middle) AS (
    SELECT 0::bigint, ends.high, ends.high / 2 FROM (
        SELECT 1 + coalesce((
            SELECT position FROM defter.events WHERE tenant_id = %(tenant_id)s
            ORDER BY position DESC LIMIT 1
        ), 0) AS high
    ) ends
    UNION ALL
    SELECT half.low, half.high, (half.low + half.high) / 2 FROM (
        SELECT CASE WHEN event.recorded_at < %(at)s THEN middle ELSE low END AS low,
            CASE WHEN event.recorded_at < %(at)s THEN high ELSE middle END AS high
        FROM halving CROSS JOIN LATERAL (
            SELECT recorded_at FROM defter.events
            WHERE tenant_id = %(tenant_id)s AND position = middle LIMIT 1
        ) event WHERE high - low > 1
    ) half
)
SELECT low FROM halving ORDER BY high - low LIMIT 1
"""
# The middle is a column, for under row-level security an index takes no comparison with a division.
_HALVE_STREAM = _HALVE.replace(b"position", b"version").replace(
    b"tenant_id = %(tenant_id)s", b"tenant_id = %(tenant_id)s AND stream = %(stream)s"
)
_HALVE_TO_POSITION = _HALVE_STREAM.replace(b"recorded_at", b"position").replace(
    b"event.position < %(at)s", b"event.position <= %(at)s"
)
_STREAMS = b"""
SELECT position, event_id, stream, version, type, schema, data, meta, recorded_at
FROM defter.events WHERE tenant_id = %s AND stream = ANY(%s) AND position > %s
ORDER BY position LIMIT %s
"""
_CHUNK_WITHOUT_META = _CHUNK.replace("meta", "''::bytea")
_CHUNK_WITH_NEW_META = """
SELECT * FROM (
    SELECT position, event_id, stream, version, type, schema, data,
        CASE WHEN meta = lag(meta) OVER (ORDER BY position) THEN ''::bytea ELSE meta END,
        recorded_at
    FROM (SELECT * FROM defter.events WHERE tenant_id = $1 AND position >= $2
          ORDER BY position LIMIT $3 + ($2 > 0)::int) some_events
) told WHERE position > $2 ORDER BY position
"""
_OF_A_CHUNK = (Uuid, Bigint, Bigint)


class Meta(Enum):
    """How much of `meta` is read: it is a third of the bytes, and most folds read none of it."""

    EACH = Statement("chunk", _CHUNK, *_OF_A_CHUNK)
    NEW = Statement("chunk_with_new_meta", _CHUNK_WITH_NEW_META, *_OF_A_CHUNK)
    """Only where it is another than that of the event before; a command's events have the same."""
    NONE = Statement("chunk_without_meta", _CHUNK_WITHOUT_META, *_OF_A_CHUNK)


class LogGap(RuntimeError):
    """A position is missing, which no rollback explains: the log was tampered with."""

    def __init__(self, tenant_id: UUID, *, expected: int, found: int) -> None:
        super().__init__(f"log of {tenant_id}: position {expected} is missing, found {found}")
        self.expected = expected
        self.found = found


@dataclass(frozen=True, slots=True)
class Chunk:
    """Wanted events in order, and the last position that was read.

    `stopped` says why reading ended before a position, if it did: what stands there is unknown to
    this release, or missing.
    """

    events: list[Recorded]
    last: int
    full: bool
    stopped: UnknownEvent | LogGap | None = None


class StoredEvent(NamedTuple):
    """An event as its row stands: the exact bytes."""

    position: int
    event_id: UUID
    stream: str
    version: int
    type: str
    schema: int
    data: bytes
    meta: bytes
    recorded_at: datetime


async def read_chunk(  # noqa: PLR0913 - where, how much, and what of it
    connection: PipelinedConnection,
    tenant_id: UUID,
    *,
    after: int,
    limit: int = CHUNK_EVENTS,
    wanted: Collection[str] | None = None,
    meta: Meta = Meta.EACH,
) -> Chunk:
    """Read the events after a position. Types outside `wanted` are checked but not decoded."""
    (result,) = await connection.run(meta.value(tenant_id, after, limit))
    return chunk_of(tenant_id, connection.rows(result), after=after, limit=limit, wanted=wanted)


def chunk_of(
    tenant_id: UUID,
    rows: Sequence[TupleRow],
    *,
    after: int,
    limit: int,
    wanted: Collection[str] | None,
) -> Chunk:
    """Decode the rows that were read."""
    names = EVENT_TYPES.keys() if wanted is None else wanted
    events: list[Recorded] = []
    expected = after
    for position, event_id, stream, version, name, schema, data, told, recorded_at in rows:
        expected += 1
        if position != expected:
            gap = LogGap(tenant_id, expected=expected, found=position)
            return Chunk(events, expected - 1, full=False, stopped=gap)
        if name in names:
            try:
                event = decode(name, schema, data)
            except UnknownEvent as unknown:
                return Chunk(events, position - 1, full=False, stopped=unknown)
            events.append(
                Recorded(tenant_id, position, event_id, stream, version, recorded_at, event, told)
            )
        elif name not in EVENT_TYPES or schema > EVENT_TYPES[name].SCHEMA:
            unknown = UnknownEvent(f"this release does not know {name} of schema {schema}")
            return Chunk(events, position - 1, full=False, stopped=unknown)
    return Chunk(events, expected, full=len(rows) == limit)


async def log_end(connection: AsyncConnection[Any], tenant_id: UUID) -> tuple[int, datetime | None]:
    """Give position and time of the last event; 0 and None for an empty log."""
    cursor = await connection.execute(_END, (tenant_id,))
    return await cursor.fetchone() or (0, None)


async def read_streams(
    connection: AsyncConnection[Any],
    tenant_id: UUID,
    streams: Collection[str],
    *,
    after: int,
    limit: int,
) -> list[StoredEvent]:
    """Read rows of some streams as they stand, in the order of the log."""
    async with connection.cursor(binary=True) as cursor:
        await cursor.execute(_STREAMS, (tenant_id, list(streams), after, limit))
        return [StoredEvent(*row) for row in await cursor.fetchall()]


async def read_feed(  # noqa: PLR0913 - the filters of a feed
    connection: AsyncConnection[Any],
    tenant_id: UUID,
    *,
    after: int,
    limit: int,
    stream: str | None = None,
    types: Collection[str] = (),
    actor: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> list[StoredEvent]:
    """Read rows as they stand, of one stream or all. With a stream, `after` is its version.

    `since` is the first moment that counts and `until` the first that does not; both are found by
    halving. `types` and `actor` filter while it reads, so a rare one may scan far; callers bound it
    by `limit` and a statement timeout.
    """
    by = b"version" if stream is not None else b"position"
    if since is not None:
        after = max(after, await last_before(connection, tenant_id, stream, since))
    last = _NO_END
    if until is not None:
        last = await last_before(connection, tenant_id, stream, until)
    query = (
        b"SELECT position, event_id, stream, version, type, schema, data, meta, recorded_at"
        b" FROM defter.events WHERE tenant_id = %(tenant_id)s AND "
        + by
        + b" > %(after)s AND "
        + by
        + b" <= %(last)s"
        + (b" AND stream = %(stream)s" if stream is not None else b"")
        + (b" AND type = ANY(%(types)s)" if types else b"")
        + (b" AND substring(meta, 1, length(%(actor)s)) = %(actor)s" if actor else b"")
        + b" ORDER BY "
        + by
        + b" LIMIT %(limit)s"
    )
    async with connection.cursor(binary=True) as cursor:
        await cursor.execute(
            query,
            {
                "tenant_id": tenant_id,
                "after": after,
                "last": last,
                "actor": b'{"actor":' + msgspec.json.encode(actor) + b",",
                "limit": limit,
                "stream": stream,
                "types": list(types),
            },
        )
        return [StoredEvent(*row) for row in await cursor.fetchall()]


async def version_at(
    connection: AsyncConnection[Any], tenant_id: UUID, stream: str, position: int
) -> int:
    """Give the version that a stream had reached at a position of the log, else 0."""
    given = {"tenant_id": tenant_id, "stream": stream, "at": position}
    row = await (await connection.execute(_HALVE_TO_POSITION, given)).fetchone()
    assert row is not None
    return row[0]


async def last_before(
    connection: AsyncConnection[Any], tenant_id: UUID, stream: str | None, at: datetime
) -> int:
    """Give the position, or with a stream the version, of the last event before a moment, else 0.

    The time of recording never goes back along a log, so halving finds it by the keys there are.
    """
    query = _HALVE if stream is None else _HALVE_STREAM
    given = {"tenant_id": tenant_id, "stream": stream, "at": at}
    row = await (await connection.execute(query, given)).fetchone()
    assert row is not None
    return row[0]
