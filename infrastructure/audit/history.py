"""What a stream's state was before an event, and after it."""

from typing import Any, NamedTuple
from uuid import UUID

from application.aggregates import AGGREGATES
from infrastructure.event_log.codec import decode
from infrastructure.event_log.reader import StoredEvent, read_feed
from projections.query import Connection

EVENTS_FOLDED_MAX = 10_000
"""The states of a longer stream are not folded for somebody who waits."""


class States(NamedTuple):
    """A state before and after one event; None where there was none."""

    before: Any
    after: Any


async def event_at(connection: Connection, tenant_id: UUID, position: int) -> StoredEvent | None:
    """Give the event at a position."""
    found = await read_feed(connection, tenant_id, after=position - 1, limit=1)
    return found[0] if found and found[0].position == position else None


async def states_around(
    connection: Connection, tenant_id: UUID, event: StoredEvent
) -> States | None:
    """Fold an event's stream to it; None where the stream is too long by then."""
    if event.version > EVENTS_FOLDED_MAX:
        return None
    history = await read_feed(
        connection, tenant_id, after=0, limit=event.version, stream=event.stream
    )
    kind = AGGREGATES[event.stream.partition("-")[0]]
    before = after = None
    for one in history:
        before, after = after, kind.evolve(after, decode(one.type, one.schema, one.data))
    return States(before, after)
