"""How a stream once stood: its events folded, from the newest kept state before on.

Kept states are a cache that the writer fills and nothing verifies here: an answer says on which one
it rests, and whoever trusts none has all events folded.
"""

import asyncio
from collections.abc import AsyncGenerator, Generator
from contextlib import contextmanager
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from application.aggregates import AGGREGATES
from domain.kernel.refusals import Invalid, RuleBroken
from infrastructure.event_log.codec import decode
from infrastructure.event_log.reader import StoredEvent, read_feed
from projections.query import Connection

EVENTS_FOLDED_MAX = 100_000
"""So many events are folded for somebody who waits."""

CHUNK_EVENTS = 2_000
EVENTS_BETWEEN_BREATHS = 200
"""After so many events others on the event loop get a turn."""

_KEPT = b"""
SELECT version, state FROM (
    SELECT version, state FROM defter.snapshots
    WHERE tenant_id = %(tenant_id)s AND stream = %(stream)s AND fold_version = %(fold_version)s
      AND version <= %(version)s
    UNION ALL
    (SELECT version, state FROM defter.milestones
    WHERE tenant_id = %(tenant_id)s AND stream = %(stream)s AND fold_version = %(fold_version)s
      AND version <= %(version)s
    ORDER BY version DESC LIMIT 1)
) kept ORDER BY version DESC LIMIT 1
"""
_EVENTS = b"""
SELECT version, type, schema, data FROM defter.events
WHERE tenant_id = %s AND stream = %s AND version > %s ORDER BY version LIMIT %s
"""
_BY_ID = b"""
SELECT position FROM defter.events WHERE tenant_id = %s AND event_id = %s LIMIT 1
"""


class StreamTooLong(Invalid):
    """More events than somebody waits for would have to be folded."""

    code = "audit.stream_too_long"


class StreamTorn(RuleBroken):
    """A stream lacks a version, which no rollback explains: the log was tampered with."""

    code = "audit.stream_torn"


class EventImpossible(RuleBroken):
    """An event is not one that could have been written: the log was tampered with."""

    code = "audit.event_impossible"


class Standing(NamedTuple):
    """A stream at a version. `kept_version` names the kept state that it rests on, if any."""

    version: int
    state: Any
    kept_version: int | None = None


NOTHING = Standing(0, None)
"""How every stream begins."""


class Step(NamedTuple):
    """A state before and after one event."""

    version: int
    before: Any
    after: Any


@contextmanager
def possible(stream: str, version: int) -> Generator[None]:
    """Tell what an event can not be, in place of what reading or folding it came upon."""
    try:
        yield
    except (AssertionError, AttributeError, LookupError, TypeError, ValueError) as wrong:
        what = str(wrong).partition("\n")[0] or type(wrong).__name__
        raise EventImpossible(
            f"version {version} of {stream} can not have been written: {what}",
            stream=stream,
            version=version,
        ) from wrong


async def event_at(connection: Connection, tenant_id: UUID, position: int) -> StoredEvent | None:
    """Give the event at a position."""
    found = await read_feed(connection, tenant_id, after=position - 1, limit=1)
    return found[0] if found and found[0].position == position else None


async def position_of_event(connection: Connection, tenant_id: UUID, event_id: UUID) -> int | None:
    """Give where an event stands; ids are no index of the log, so this reads through it."""
    row = await (await connection.execute(_BY_ID, (tenant_id, event_id))).fetchone()
    return None if row is None else row[0]


async def standing_at(  # noqa: PLR0913 - which state, and what it may rest on
    connection: Connection,
    tenant_id: UUID,
    stream: str,
    version: int,
    *,
    begin: Standing | None = None,
    events_max: int = EVENTS_FOLDED_MAX,
) -> Standing:
    """Fold a stream up to a version, from `begin` or from the newest kept state on.

    Raises `StreamTooLong` where that takes more than `events_max` events, `StreamTorn` and
    `EventImpossible` where the log was tampered with.
    """
    standing = begin or await _kept(connection, tenant_id, stream, version)
    state = standing.state
    check_length(version - standing.version, events_max=events_max)
    async for step in steps(connection, tenant_id, stream, begin=standing, until=version):
        state = step.after
    return Standing(version, state, standing.kept_version)


def check_length(events: int, *, events_max: int = EVENTS_FOLDED_MAX) -> None:
    """Refuse to fold more than somebody waits for."""
    if events > events_max:
        raise StreamTooLong(
            f"{events} events would have to be folded; {events_max} is the most", most=events_max
        )


async def steps(
    connection: Connection, tenant_id: UUID, stream: str, *, begin: Standing, until: int
) -> AsyncGenerator[Step]:
    """Fold a stream event by event, from after `begin` up to a version."""
    kind = AGGREGATES[stream.partition("-")[0]]
    after, state = begin.version, begin.state
    while after < until:
        async with connection.cursor(binary=True) as cursor:
            limit = min(CHUNK_EVENTS, until - after)
            await cursor.execute(_EVENTS, (tenant_id, stream, after, limit))
            rows = await cursor.fetchall()
        if not rows:
            raise StreamTorn(f"{stream} ends at version {after}")
        for version, name, schema, data in rows:
            if version != after + 1:
                raise StreamTorn(f"{stream} has version {version} after {after}")
            before = state
            with possible(stream, version):
                state = kind.evolve(state, decode(name, schema, data))
            after = version
            yield Step(version, before, state)
            if version % EVENTS_BETWEEN_BREATHS == 0:
                await asyncio.sleep(0)


async def _kept(connection: Connection, tenant_id: UUID, stream: str, version: int) -> Standing:
    kind = AGGREGATES[stream.partition("-")[0]]
    async with connection.cursor(binary=True) as cursor:
        given = {
            "tenant_id": tenant_id,
            "stream": stream,
            "fold_version": kind.FOLD_VERSION,
            "version": version,
        }
        await cursor.execute(_KEPT, given)
        row = await cursor.fetchone()
    if row is None:
        return NOTHING
    return Standing(row[0], msgspec.json.decode(row[1], type=kind), row[0])
