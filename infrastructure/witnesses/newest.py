"""The checkpoint that a witness is sent, and what it says of one that the witness has already."""

from typing import Any, NamedTuple
from uuid import UUID

from psycopg import AsyncConnection

from domain.audit.merkle import consistency_path
from infrastructure.effects.effect import Alarm, Effect
from infrastructure.sealing import checkpoints, roots
from infrastructure.sealing.checkpoints import Sealed


class Confirmed(NamedTuple):
    """So many events a witness knows of now; `line` is what it signed, if it signs."""

    size: int
    line: str | None = None


async def newest_for(connection: AsyncConnection[Any], effect: Effect) -> Sealed:
    """Give the newest checkpoint: it holds at least what the effect was filed for."""
    newest = await checkpoints.latest(connection, effect.tenant_id)
    if newest is None or newest.size < effect.position:
        raise Alarm(f"the checkpoint of {effect.position} events is gone")
    return newest


async def proof_from(
    connection: AsyncConnection[Any], tenant_id: UUID, known: int, newest: Sealed
) -> list[bytes]:
    """Prove that the log only grew since it had `known` events."""
    check_not_lost(known, newest)
    if not known:
        return []
    return await roots.range_roots(connection, tenant_id, consistency_path(known, newest.size))


async def check_root(
    connection: AsyncConnection[Any], tenant_id: UUID, known: int, root: bytes, newest: Sealed
) -> None:
    """Raise `Alarm` unless the log begins with the one that a witness knows."""
    check_not_lost(known, newest)
    frontier = await roots.frontier_at(connection, tenant_id, known)
    if frontier.root() != root:
        raise Alarm(f"its checkpoint of {known} events is not of this log")


def check_not_lost(known: int, newest: Sealed) -> None:
    """Raise `Alarm` where a witness knows of more events than there are."""
    if known > newest.size:
        raise Alarm(f"it knows of {known} events, the log has {newest.size}")
