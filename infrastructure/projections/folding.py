"""Reading a log once and folding it for several projections, each from its own checkpoint."""

import asyncio
from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import AsyncConnection

from domain.kernel.events import Event, Recorded
from infrastructure.event_log.event_types import EVENT_TYPES
from infrastructure.event_log.reader import CHUNK_EVENTS, Chunk, read_chunk
from infrastructure.projections.merging import Batch
from projections.read_model import Fold, ReadModel

FOLDS_BETWEEN_BREATHS = 500
"""After so many events others on the event loop get a turn."""


class Lane(NamedTuple):
    """One projection in a step: it has read up to `after`, and its changes gather in `batch`."""

    read_model: ReadModel
    after: int
    batch: Batch

    def emptied(self) -> "Lane":
        """Give the same lane with nothing gathered."""
        return Lane(self.read_model, self.after, Batch(self.read_model.tables))


Dispatch = Mapping[type[Event], list[tuple[Lane, Fold]]]


async def fold_log(
    connection: AsyncConnection[Any],
    tenant_id: UUID,
    lanes: Collection[Lane],
    *,
    after: int,
    limit: int,
) -> Chunk:
    """Read and fold up to `limit` events into the lanes' batches; the answer holds no events."""
    folds = _dispatch(lanes)
    wanted = {kind.NAME for kind in folds}
    with_meta = any(lane.read_model.every is not None for lane in lanes)
    last = after
    while True:
        size = min(CHUNK_EVENTS, limit - (last - after))
        chunk = await read_chunk(
            connection, tenant_id, after=last, limit=size, wanted=wanted, with_meta=with_meta
        )
        for start in range(0, len(chunk.events), FOLDS_BETWEEN_BREATHS):
            _fold(folds, chunk.events[start : start + FOLDS_BETWEEN_BREATHS])
            await asyncio.sleep(0)
        last = chunk.last
        if not chunk.full or last - after >= limit:
            return Chunk([], last, full=chunk.full, stopped=chunk.stopped)


def _dispatch(lanes: Iterable[Lane]) -> Dispatch:
    folds: dict[type[Event], list[tuple[Lane, Fold]]] = {}
    for lane in lanes:
        for kind, fold in lane.read_model.folds.items():
            folds.setdefault(kind, []).append((lane, fold))
        if lane.read_model.every is not None:
            for kind in EVENT_TYPES.values():
                folds.setdefault(kind, []).append((lane, lane.read_model.every))
    return folds


def _fold(folds: Dispatch, events: Iterable[Recorded]) -> None:
    for recorded in events:
        position = recorded.position
        for lane, fold in folds[type(recorded.event)]:
            if position > lane.after:
                lane.batch.add(fold(recorded))
