"""Proofs about a log, for whoever holds one of its checkpoints."""

from typing import Any, NamedTuple
from uuid import UUID

from psycopg import AsyncConnection

from domain.audit.merkle import consistency_path, inclusion_path
from infrastructure.sealing import checkpoints
from infrastructure.sealing.leaves import read_leaves
from infrastructure.sealing.roots import LogShort, range_roots


class NotSealed(Exception):
    """No checkpoint holds this yet; `sealed` says up to where there is one."""

    def __init__(self, sealed: int) -> None:
        super().__init__(f"the log is sealed up to position {sealed}")
        self.sealed = sealed


class Inclusion(NamedTuple):
    """That an event stands at its position in the log of a checkpoint."""

    position: int
    leaf: bytes
    checkpoint: checkpoints.Sealed
    path: list[bytes]


class Consistency(NamedTuple):
    """That the log of a checkpoint begins with the log of an older one."""

    old: checkpoints.Sealed
    new: checkpoints.Sealed
    path: list[bytes]


async def prove_inclusion(
    connection: AsyncConnection[Any], tenant_id: UUID, position: int, *, size: int | None = None
) -> Inclusion:
    """Prove that an event is in the newest checkpoint, or in the first with `size` events.

    Raises `NotSealed`, or `LogShort` where the log lacks what was sealed.
    """
    checkpoint = await _sealed(connection, tenant_id, size or position, newest=size is None)
    path = await range_roots(connection, tenant_id, inclusion_path(position - 1, checkpoint.size))
    leaves = await read_leaves(connection, tenant_id, after=position - 1, last=position)
    if not leaves:
        raise LogShort(f"event {position} is not there")
    return Inclusion(position, leaves[0], checkpoint, path)


async def prove_consistency(
    connection: AsyncConnection[Any], tenant_id: UUID, old: int, new: int | None = None
) -> Consistency:
    """Prove that one checkpoint's log begins with that of another.

    Sizes without a checkpoint stand for the first one that holds as many events. Raises
    `NotSealed` or `LogShort`.
    """
    older = await _sealed(connection, tenant_id, old, newest=False)
    newer = await _sealed(connection, tenant_id, new or old, newest=new is None)
    path = await range_roots(connection, tenant_id, consistency_path(older.size, newer.size))
    return Consistency(older, newer, path)


async def _sealed(
    connection: AsyncConnection[Any], tenant_id: UUID, size: int, *, newest: bool
) -> checkpoints.Sealed:
    last = await checkpoints.latest(connection, tenant_id)
    if last is None or last.size < size:
        raise NotSealed(last.size if last else 0)
    if newest:
        return last
    found = await checkpoints.first_with(connection, tenant_id, size)
    assert found is not None, "the newest one has as many"
    return found
