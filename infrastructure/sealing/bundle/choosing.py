"""Which events and which checkpoints go into a bundle."""

from collections.abc import Collection, Iterable
from itertools import pairwise
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from domain.audit.merkle import Range
from infrastructure.sealing import checkpoints
from infrastructure.sealing.checkpoints import Sealed
from infrastructure.sealing.proofs import Consistency, NotSealed, prove_consistency

EVENTS_MAX = 10_000_000
"""So many events go into one bundle."""

SPANS_MAX = 10_000
"""In so many places of the log they may stand; each brings its own hashes."""

CHECKPOINTS_MAX = 16
"""So many older checkpoints go with them, from all over their time."""

_OF_STREAMS = b"""
SELECT min(position), max(position) FROM (
    SELECT position, position - row_number() OVER (ORDER BY position) AS together
    FROM defter.events
    WHERE tenant_id = %s AND stream = ANY(%s) AND position > %s AND position <= %s
) events GROUP BY together ORDER BY 1 LIMIT %s
"""


class NoCheckpoint(Exception):
    """No checkpoint was signed at this size; `nearest` is the next one that was."""

    def __init__(self, size: int, nearest: int) -> None:
        super().__init__(f"no checkpoint has {size} events; the next one has {nearest}")
        self.nearest = nearest


async def checkpoint_at(
    connection: AsyncConnection[Any], tenant_id: UUID, size: int | None
) -> Sealed:
    """Give the checkpoint of this size, or the newest; raises `NoCheckpoint` or `NotSealed`."""
    last = await checkpoints.latest(connection, tenant_id)
    if last is None or last.size < (size or 1):
        raise NotSealed(last.size if last else 0)
    if size is None:
        return last
    found = await checkpoints.first_with(connection, tenant_id, size)
    assert found is not None, "the newest one has as many"
    if found.size != size:
        raise NoCheckpoint(size, found.size)
    return found


async def older_checkpoints(
    connection: AsyncConnection[Any],
    tenant_id: UUID,
    span: Range,
    newest: Sealed,
    also: int | None,
) -> list[Consistency]:
    """Prove checkpoints of the time of a span, and the one of `also` events, each in the next."""
    step = max((span.high - span.low) // CHECKPOINTS_MAX, 1)
    sizes = {newest.size}
    for position in range(span.low + 1, span.high + 1, step):
        found = await checkpoints.first_with(connection, tenant_id, position)
        sizes |= {found.size} if found and found.size < newest.size else set()
    if also is not None and also < newest.size:
        sizes.add((await checkpoint_at(connection, tenant_id, also)).size)
    ordered = sorted(sizes)
    return [
        await prove_consistency(connection, tenant_id, old, new) for old, new in pairwise(ordered)
    ]


async def places_of(
    connection: AsyncConnection[Any], tenant_id: UUID, streams: Collection[str], within: Range
) -> list[tuple[int, int]]:
    """Give from where to where events of some streams stand; one place too many at most."""
    asked = (tenant_id, list(streams), within.low, within.high, SPANS_MAX + 1)
    cursor = await connection.execute(_OF_STREAMS, asked)
    return [(first, last) for first, last in await cursor.fetchall()]


def spans_of(parts: Iterable[tuple[int, int]], within: Range) -> list[Range]:
    """Join what stands side by side, of parts from a first to a last position, in order."""
    spans: list[Range] = []
    for first, last in parts:
        low, high = max(first - 1, within.low), min(last, within.high)
        if low >= high:
            continue
        if spans and spans[-1].high == low:
            spans[-1] = Range(spans[-1].low, high)
        else:
            spans.append(Range(low, high))
    return spans
