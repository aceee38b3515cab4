"""One step of a tenant's projections: read the log once, fold, merge, write, move, commit."""

from collections.abc import Collection, Mapping
from uuid import UUID

import structlog
from psycopg import DataError, Error, IntegrityError

from infrastructure.event_log.reader import Chunk
from infrastructure.postgres.pipelines import PipelinedConnection
from infrastructure.projections import checkpoints
from infrastructure.projections.engine import Step
from infrastructure.projections.filling import abandon, fill
from infrastructure.projections.folding import Begun, Lane, asking_for_beginning, fold_log
from infrastructure.projections.merging import Batch
from infrastructure.projections.writing import write
from projections.read_model import ReadModel

EVENTS_PER_COMMIT = 80_000
"""A commit every few seconds while filling."""

SPLIT_PARTS = 8
"""How a batch that fails is split to find the event that it fails at."""

_log = structlog.get_logger("projections")


async def advance(  # noqa: PLR0913 - two connections, and what to do
    connection: PipelinedConnection,
    tenant_id: UUID,
    read_models: Collection[ReadModel],
    *,
    filling: bool = False,
    reader: PipelinedConnection | None = None,
    stood: int | None = None,
) -> Step:
    """Move a tenant's projections on by one commit; an event that can not be folded parks its own.

    `filling` takes the projections that are far behind instead of the live ones. A second
    connection, `reader`, lets reading and writing overlap. Where they `stood` last is where they
    stand, mostly: what follows it is asked for before that is known. Errors of a connection or the
    server are raised; then nothing was written.
    """
    try:
        if reader is None:
            return await _attempt(
                connection,
                tenant_id,
                read_models,
                EVENTS_PER_COMMIT,
                filling=filling,
                stood=stood,
            )
        return await _long(connection, reader, tenant_id, read_models, filling=filling)
    except Exception as error:  # noqa: BLE001 - whatever a fold or the database says no with
        await abandon(connection)
        raise_unless_poison(error)
    steps = [
        await _isolate(connection, tenant_id, read_model, filling=filling)
        for read_model in read_models
    ]
    read = [step.position for step in steps if step.position is not None]
    parked = tuple(name for step in steps for name in step.parked)
    return Step(min(read, default=None), any(step.more for step in steps), parked)


async def _isolate(
    connection: PipelinedConnection, tenant_id: UUID, read_model: ReadModel, *, filling: bool
) -> Step:
    """Move one projection as far as it goes, halving until the poison event stands alone."""
    limit = suspect = EVENTS_PER_COMMIT
    passed = 0
    while True:
        try:
            step = await _attempt(connection, tenant_id, (read_model,), limit, filling=filling)
        except Exception as error:  # noqa: BLE001 - as above
            await abandon(connection)
            raise_unless_poison(error)
            if limit == 1:
                return await _park(connection, tenant_id, read_model, error, filling=filling)
            suspect, passed, limit = limit, 0, max(1, limit // SPLIT_PARTS)
            continue
        passed += limit
        if passed >= suspect or not step.more:
            return step


async def _park(
    connection: PipelinedConnection,
    tenant_id: UUID,
    read_model: ReadModel,
    error: Exception,
    *,
    filling: bool,
) -> Step:
    lease = await checkpoints.lease(connection, tenant_id, (read_model,), filling=filling)
    for name, position in lease.positions.items():
        poison = position + 1
        await checkpoints.park(connection, tenant_id, (name,), position=poison, error=told(error))
        _log.error("fold_failed", projection=name, tenant_id=str(tenant_id), exc_info=error)
    if lease.positions:
        await checkpoints.commit(connection)
    return Step(None, more=False, parked=tuple(lease.positions))


def raise_unless_poison(error: Exception) -> None:
    """Raise what is no event's fault: a lost connection, a full disk, a table that is not there."""
    faults = (Error, OSError, MemoryError, checkpoints.TryAgain)
    if isinstance(error, faults) and not isinstance(error, (DataError, IntegrityError)):
        raise error


def told(error: Exception) -> str:
    """Name an error without its text, which may quote an event."""
    name = type(error).__name__
    return f"{name} {error.sqlstate}" if isinstance(error, Error) and error.sqlstate else name


async def _attempt(  # noqa: PLR0913 - whose, which, how far, and from where on
    connection: PipelinedConnection,
    tenant_id: UUID,
    read_models: Collection[ReadModel],
    limit: int,
    *,
    filling: bool,
    stood: int | None = None,
) -> Step:
    """Take a step in three round trips: look, write, commit."""
    asking = [] if stood is None else [asking_for_beginning(tenant_id, read_models, after=stood)]
    lease = await checkpoints.lease(
        connection, tenant_id, read_models, filling=filling, asking=asking
    )
    if not lease.positions:
        return Step(None, more=False)
    lanes = _lanes(read_models, lease)
    begun = None if stood is None else Begun(stood, lease.read[0])
    after = min(lease.positions.values())
    chunk = await fold_log(connection, tenant_id, lanes, after=after, limit=limit, begun=begun)
    moved = _moved(lease, chunk)
    batches = (lane.batch for lane in lanes)
    await write(connection, tenant_id, batches, moved=moved, to=chunk.last)
    return await _end(connection, tenant_id, lease, chunk)


async def _long(
    connection: PipelinedConnection,
    reader: PipelinedConnection,
    tenant_id: UUID,
    read_models: Collection[ReadModel],
    *,
    filling: bool,
) -> Step:
    """Take a step over many events, of which some are written while the next are read."""
    lease = await checkpoints.lease(connection, tenant_id, read_models, filling=filling)
    if not lease.positions:
        return Step(None, more=False)

    async def keep(part: Collection[Lane], _last: int) -> None:
        await write(connection, tenant_id, (lane.batch for lane in part))

    chunk = await fill(
        keep,
        reader,
        tenant_id,
        _lanes(read_models, lease),
        after=min(lease.positions.values()),
        limit=EVENTS_PER_COMMIT,
        ahead=True,
    )
    moved = _moved(lease, chunk)
    if moved:
        await checkpoints.move(connection, tenant_id, moved, to=chunk.last)
    return await _end(connection, tenant_id, lease, chunk)


def _lanes(read_models: Collection[ReadModel], lease: checkpoints.Lease) -> list[Lane]:
    return [
        Lane(read_model, lease.positions[read_model.key], Batch(read_model))
        for read_model in read_models
        if read_model.key in lease.positions
    ]


def _moved(lease: checkpoints.Lease, chunk: Chunk) -> Mapping[str, int]:
    return {name: old for name, old in lease.positions.items() if old < chunk.last}


async def _end(
    connection: PipelinedConnection, tenant_id: UUID, lease: checkpoints.Lease, chunk: Chunk
) -> Step:
    """Park what stands before an event that can not be read, and commit."""
    parked: tuple[str, ...] = ()
    if chunk.stopped is not None:
        parked = tuple(name for name, old in lease.positions.items() if old <= chunk.last)
        error = type(chunk.stopped).__name__
        place = chunk.last + 1
        await checkpoints.park(connection, tenant_id, parked, position=place, error=error)
    await checkpoints.commit(connection)
    return Step(chunk.last, more=chunk.full, parked=parked)
