"""Reading a log once and folding it for several projections, each from its own checkpoint."""

import asyncio
from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple
from uuid import UUID

from psycopg.rows import TupleRow

from domain.kernel.events import Event, Recorded
from infrastructure.event_log.reader import (
    CHUNK_EVENTS,
    Chunk,
    Meta,
    chunk_of,
    read_chunk,
)
from infrastructure.postgres.pipelines import Call, PipelinedConnection
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
        return Lane(self.read_model, self.after, Batch(self.read_model))


Dispatch = Mapping[type[Event], list[tuple[Lane, Fold]]]


class Begun(NamedTuple):
    """The first rows of a log after a position, which were asked for before they were wanted."""

    after: int
    rows: list[TupleRow]


def asking_for_beginning(
    tenant_id: UUID, read_models: Collection[ReadModel], *, after: int
) -> Call:
    """Give the statement that reads what any of these read models would fold first."""
    return _meta_for(read_models).value(tenant_id, after, CHUNK_EVENTS)


async def fold_log(  # noqa: PLR0913 - where, from where on, and what is known of it
    connection: PipelinedConnection,
    tenant_id: UUID,
    lanes: Collection[Lane],
    *,
    after: int,
    limit: int,
    begun: Begun | None = None,
) -> Chunk:
    """Read and fold up to `limit` events into the lanes' batches; the answer holds no events.

    What has `begun` is not read again, if it begins there.
    """
    folds = _dispatch(lanes)
    of_commands = [
        (lane, lane.read_model.of_commands) for lane in lanes if lane.read_model.of_commands
    ]
    wanted = None if of_commands else {kind.NAME for kind in folds}
    meta = _meta_for(lane.read_model for lane in lanes)
    last = after
    while True:
        size = min(CHUNK_EVENTS, limit - (last - after))
        if begun is not None and (begun.after, CHUNK_EVENTS) == (last, size):
            chunk = chunk_of(tenant_id, begun.rows, after=last, limit=size, wanted=wanted)
        else:
            chunk = await read_chunk(
                connection, tenant_id, after=last, limit=size, wanted=wanted, meta=meta
            )
        for start in range(0, len(chunk.events), FOLDS_BETWEEN_BREATHS):
            _fold(folds, of_commands, chunk.events[start : start + FOLDS_BETWEEN_BREATHS])
            await asyncio.sleep(0)
        last = chunk.last
        if not chunk.full or last - after >= limit:
            return Chunk([], last, full=chunk.full, stopped=chunk.stopped)


def _meta_for(read_models: Iterable[ReadModel]) -> Meta:
    return Meta.NEW if any(model.of_commands for model in read_models) else Meta.NONE


def _dispatch(lanes: Iterable[Lane]) -> Dispatch:
    folds: dict[type[Event], list[tuple[Lane, Fold]]] = {}
    for lane in lanes:
        for kind, fold in lane.read_model.folds.items():
            folds.setdefault(kind, []).append((lane, fold))
    return folds


def _fold(
    folds: Dispatch, of_commands: Collection[tuple[Lane, Fold]], events: Iterable[Recorded]
) -> None:
    for recorded in events:
        position = recorded.position
        for lane, fold in folds.get(type(recorded.event), ()):
            if position > lane.after:
                lane.batch.add(fold(recorded))
        if recorded.meta:
            for lane, fold in of_commands:
                if position > lane.after:
                    lane.batch.add(fold(recorded))
