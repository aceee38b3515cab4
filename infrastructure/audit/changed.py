"""What changed between two positions: the streams that have events there, before and after."""

from typing import Any, NamedTuple
from uuid import UUID

from domain.kernel.refusals import Invalid
from infrastructure.audit.states import EVENTS_FOLDED_MAX, Standing, standing_at
from infrastructure.event_log.reader import version_at
from projections.query import Connection

SPAN_EVENTS_MAX = 100_000
"""So far apart are two positions at most, where all streams between them are asked for."""

_STREAMS = b"""
SELECT stream, min(version) - 1, max(version) FROM defter.events
WHERE tenant_id = %(tenant_id)s AND position > %(first)s AND position <= %(last)s
GROUP BY stream HAVING stream > %(after)s ORDER BY stream LIMIT %(limit)s
"""


class SpanTooWide(Invalid):
    """Too much happened between the two positions to list all of it."""

    code = "audit.span_too_wide"


class SpanBackwards(Invalid):
    """What changed is told from the earlier to the later."""

    code = "audit.span_backwards"


class ChangedStream(NamedTuple):
    """A stream before and after; it came into being where `before` has version 0."""

    stream: str
    before: Standing
    after: Standing


def check_span(first: int, last: int) -> None:
    """Refuse a span that ends before it begins."""
    if first > last:
        raise SpanBackwards("the first place comes after the second")


async def changed_streams(  # noqa: PLR0913 - between where and where, and which part of it
    connection: Connection,
    tenant_id: UUID,
    *,
    first: int,
    last: int,
    stream: str | None = None,
    after: str = "",
    limit: int,
    events_max: int = EVENTS_FOLDED_MAX,
) -> tuple[list[ChangedStream], bool]:
    """Give the streams that changed after `first` up to `last`, by name, and whether more follow.

    A page ends early where more than `events_max` events would be folded for it.
    """
    if stream is not None:
        versions = [await version_at(connection, tenant_id, stream, at) for at in (first, last)]
        found: list[tuple[Any, ...]] = [(stream, *versions)] if versions[0] < versions[1] else []
    elif last - first > SPAN_EVENTS_MAX:
        raise SpanTooWide(
            f"{SPAN_EVENTS_MAX} events may lie between; take nearer places, or name a stream",
            most=SPAN_EVENTS_MAX,
        )
    else:
        given = {"tenant_id": tenant_id, "first": first, "last": last, "after": after}
        cursor = await connection.execute(_STREAMS, {**given, "limit": limit + 1})
        found = await cursor.fetchall()
    changed: list[ChangedStream] = []
    folded = 0
    for name, old, new in found[:limit]:
        if changed and folded + new - old > events_max:
            break
        before = await standing_at(connection, tenant_id, name, old)
        standing = await standing_at(connection, tenant_id, name, new, begin=before)
        changed.append(ChangedStream(name, before, standing))
        folded += new - (before.kept_version or 0)
    return changed, len(changed) < len(found)
