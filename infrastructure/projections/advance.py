"""One step of a tenant's projections: read the log once, fold, merge, write, move, commit."""

import asyncio
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import AsyncConnection, DataError, Error, IntegrityError

from domain.kernel.events import Event, Recorded
from infrastructure.event_log.reader import CHUNK_EVENTS, Chunk, read_chunk
from infrastructure.projections import checkpoints
from infrastructure.projections.merging import Batch
from infrastructure.projections.writing import write
from projections.read_model import Fold, ReadModel

EVENTS_PER_COMMIT = 40_000
"""A commit every second or so while filling: many changes of a row become one write."""

SPLIT_PARTS = 8
"""How a batch that fails is split to find the event that it fails at."""

FOLDS_BETWEEN_BREATHS = 500
"""After so many events others on the event loop get a turn."""


class CommitFailed(checkpoints.TryAgain):
    """COMMIT answered something else."""


class Step(NamedTuple):
    """Where a step left a tenant. `position` is the last one read, or None if all was leased."""

    position: int | None
    more: bool
    parked: tuple[str, ...] = ()


class Lane(NamedTuple):
    """One projection in a step: it has read up to `after`, and its changes gather in `batch`."""

    read_model: ReadModel
    after: int
    batch: Batch


async def advance(
    connection: AsyncConnection[Any],
    tenant_id: UUID,
    read_models: Collection[ReadModel],
    *,
    filling: bool = False,
) -> Step:
    """Move a tenant's projections on by one commit; an event that can not be folded parks its own.

    `filling` takes the projections that are far behind instead of the live ones. Errors of the
    connection or the server are raised; then nothing was written.
    """
    try:
        return await _attempt(
            connection, tenant_id, read_models, EVENTS_PER_COMMIT, filling=filling
        )
    except Exception as error:  # noqa: BLE001 - whatever a fold or the database says no with
        await _abandon(connection)
        _raise_unless_poison(error)
    steps = [
        await _isolate(connection, tenant_id, read_model, filling=filling)
        for read_model in read_models
    ]
    read = [step.position for step in steps if step.position is not None]
    parked = tuple(name for step in steps for name in step.parked)
    return Step(min(read, default=None), any(step.more for step in steps), parked)


async def _isolate(
    connection: AsyncConnection[Any], tenant_id: UUID, read_model: ReadModel, *, filling: bool
) -> Step:
    """Move one projection as far as it goes, halving until the poison event stands alone."""
    limit = suspect = EVENTS_PER_COMMIT
    passed = 0
    while True:
        try:
            step = await _attempt(connection, tenant_id, (read_model,), limit, filling=filling)
        except Exception as error:  # noqa: BLE001 - as above
            await _abandon(connection)
            _raise_unless_poison(error)
            if limit == 1:
                return await _park(connection, tenant_id, read_model, error, filling=filling)
            suspect, passed, limit = limit, 0, max(1, limit // SPLIT_PARTS)
            continue
        passed += limit
        if passed >= suspect or not step.more:
            return step


async def _park(
    connection: AsyncConnection[Any],
    tenant_id: UUID,
    read_model: ReadModel,
    error: Exception,
    *,
    filling: bool,
) -> Step:
    lease = await checkpoints.lease(connection, tenant_id, (read_model,), filling=filling)
    for name, position in lease.positions.items():
        poison = position + 1
        told = _told(error)
        await checkpoints.park(connection, tenant_id, (name,), position=poison, error=told)
    await connection.execute(b"COMMIT")
    return Step(None, more=False, parked=tuple(lease.positions))


def _raise_unless_poison(error: Exception) -> None:
    """Raise what is no event's fault: a lost connection, a full disk, a table that is not there."""
    faults = (Error, OSError, MemoryError, checkpoints.TryAgain)
    if isinstance(error, faults) and not isinstance(error, (DataError, IntegrityError)):
        raise error


def _told(error: Exception) -> str:
    """Name an error without its text, which may quote an event."""
    name = type(error).__name__
    return f"{name} {error.sqlstate}" if isinstance(error, Error) and error.sqlstate else name


async def _attempt(
    connection: AsyncConnection[Any],
    tenant_id: UUID,
    read_models: Collection[ReadModel],
    limit: int,
    *,
    filling: bool,
) -> Step:
    lease = await checkpoints.lease(connection, tenant_id, read_models, filling=filling)
    if not lease.positions:
        await connection.execute(b"ROLLBACK")
        return Step(None, more=False)
    lanes = [
        Lane(read_model, lease.positions[read_model.key], Batch(read_model.tables))
        for read_model in read_models
        if read_model.key in lease.positions
    ]
    start = min(lease.positions.values())
    chunk = await fold_log(connection, tenant_id, lanes, after=start, limit=limit)
    moved = {name: old for name, old in lease.positions.items() if old < chunk.last}
    parked: tuple[str, ...] = ()
    for lane in lanes:
        await write(connection, tenant_id, lane.batch)
    if moved:
        await checkpoints.move(connection, tenant_id, moved, to=chunk.last)
    if chunk.stopped is not None:
        parked = tuple(name for name, old in lease.positions.items() if old <= chunk.last)
        error = type(chunk.stopped).__name__
        place = chunk.last + 1
        await checkpoints.park(connection, tenant_id, parked, position=place, error=error)
    if (await connection.execute(b"COMMIT")).statusmessage != "COMMIT":
        raise CommitFailed("the transaction had failed")
    return Step(chunk.last, more=chunk.full, parked=parked)


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
    last = after
    while True:
        size = min(CHUNK_EVENTS, limit - (last - after))
        chunk = await read_chunk(connection, tenant_id, after=last, limit=size, wanted=wanted)
        for start in range(0, len(chunk.events), FOLDS_BETWEEN_BREATHS):
            fold_events(folds, chunk.events[start : start + FOLDS_BETWEEN_BREATHS])
            await asyncio.sleep(0)
        last = chunk.last
        if not chunk.full or last - after >= limit:
            return Chunk([], last, full=chunk.full, stopped=chunk.stopped)


_Dispatch = Mapping[type[Event], list[tuple[Lane, Fold]]]


def _dispatch(lanes: Iterable[Lane]) -> _Dispatch:
    folds: dict[type[Event], list[tuple[Lane, Fold]]] = {}
    for lane in lanes:
        for kind, fold in lane.read_model.folds.items():
            folds.setdefault(kind, []).append((lane, fold))
    return folds


def fold_events(folds: _Dispatch, events: Iterable[Recorded]) -> None:
    """Fold events into the batches of the lanes that have not read them yet."""
    for recorded in events:
        position = recorded.position
        for lane, fold in folds[type(recorded.event)]:
            if position > lane.after:
                lane.batch.add(fold(recorded))


async def _abandon(connection: AsyncConnection[Any]) -> None:
    """Roll back what is open; a connection that is gone has done so itself."""
    if not connection.closed:
        with suppress(Error):
            await connection.execute(b"ROLLBACK")
