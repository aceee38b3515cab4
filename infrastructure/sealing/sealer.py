"""The sealer follows every log, extends the tree over it, and signs what it has become.

It goes by a lease like everything that follows logs, and writes roots, checkpoint and its position
in one transaction, so several sealers share the tenants and none can sign what another did not
see. With a synchronous standby the COMMIT waits for it, and with it for every event before: what
is told as sealed is confirmed.
"""

import asyncio
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from domain.audit.merkle import Frontier
from infrastructure.event_log.keyring import MasterKeys
from infrastructure.event_log.reader import LogGap
from infrastructure.identity.signing_keys import SigningKeys, Use
from infrastructure.postgres.pipelines import PipelinedConnection
from infrastructure.projections import checkpoints as leases
from infrastructure.projections.engine import Step
from infrastructure.projections.following import follow
from infrastructure.sealing import checkpoints, notes, roots
from infrastructure.sealing.leaves import position_of, read_leaves
from infrastructure.witnesses.filing import Filing

SEALER = "sealer"
EVENTS_PER_STEP = 16_384
PACE_SECONDS = 0.7
"""A tenant rests so long between two checkpoints: an event waits at most about that long for its
seal, and a busy tenant has not hundreds of them a minute."""

FRONTIERS_MAX = 10_000

_log = structlog.get_logger(__name__)


class LogChanged(RuntimeError):
    """What was sealed is no longer what the log says: nothing more is signed for it."""


class _Filed(NamedTuple):
    key: str = SEALER


class Sealer:
    """Seals all tenants' logs, as what follows them."""

    def __init__(self, keys: SigningKeys, filing: Filing | None = None) -> None:
        self.keys = [SEALER]
        self._signing = keys
        self._filing = filing
        self._frontiers: dict[UUID, Frontier] = {}

    async def advance(
        self,
        connection: PipelinedConnection,
        tenant_id: UUID,
        *,
        filling: bool = False,
        reader: PipelinedConnection | None = None,  # noqa: ARG002 - a step is short
    ) -> Step:
        """Seal the next events with one checkpoint."""
        signing = [key for _, key in await self._signing.signing_all()]
        frontier = self._frontiers.pop(tenant_id, None)
        lease = await leases.lease(connection, tenant_id, [_Filed()], filling=filling)
        if not lease.positions:
            return Step(None, more=False)
        size = lease.positions[SEALER]
        try:
            if frontier is None or frontier.size != size:
                frontier = await _begun(connection, tenant_id, size)
            sealed = await self._seal(connection, tenant_id, frontier, signing)
        except (LogChanged, LogGap, roots.LogShort) as broken:
            return await self._stop(connection, tenant_id, size, broken)
        if sealed:
            await leases.move(connection, tenant_id, lease.positions, to=frontier.size)
        await leases.commit(connection)
        if len(self._frontiers) < FRONTIERS_MAX:
            self._frontiers[tenant_id] = frontier
        return Step(frontier.size, more=sealed == EVENTS_PER_STEP)

    async def _seal(
        self,
        connection: PipelinedConnection,
        tenant_id: UUID,
        frontier: Frontier,
        signing: Sequence[Ed25519PrivateKey],
    ) -> int:
        size = frontier.size
        last = size + EVENTS_PER_STEP
        leaves = await read_leaves(connection, tenant_id, after=size, last=last)
        for expected, leaf in enumerate(leaves, size + 1):
            if position_of(leaf) != expected:
                raise LogGap(tenant_id, expected=expected, found=position_of(leaf))
        if leaves:
            await roots.keep(connection, tenant_id, roots.extend(frontier, leaves))
            root = frontier.root()
            note = notes.Checkpoint(notes.origin_of(tenant_id), frontier.size, root)
            signed = notes.signed(note, signing)
            await checkpoints.keep(connection, tenant_id, frontier.size, root, signed)
            if self._filing is not None:
                await self._filing.file(connection, tenant_id, leaves)
        return len(leaves)

    async def _stop(
        self, connection: PipelinedConnection, tenant_id: UUID, size: int, broken: Exception
    ) -> Step:
        """Park before what can not be sealed; the log itself is left for `audit verify`."""
        _log.error("sealing_stopped", tenant_id=str(tenant_id), error=str(broken))
        await connection.execute(b"ROLLBACK")
        lease = await leases.lease(connection, tenant_id, [_Filed()], filling=False)
        if lease.positions.get(SEALER) == size:
            told = type(broken).__name__
            await leases.park(connection, tenant_id, [SEALER], position=size + 1, error=told)
        if lease.positions:
            await leases.commit(connection)
        return Step(None, more=False, parked=(SEALER,))


async def run_sealer(
    database_url: str,
    redis_url: str,
    master_keys: MasterKeys,
    stop: asyncio.Event,
    *,
    filing: Filing | None = None,
) -> None:
    """Seal all logs until `stop` is set; `filing` files checkpoints for witnesses."""
    keys = SigningKeys(database_url, master_keys, use=Use.CHECKPOINT)
    await follow(database_url, redis_url, Sealer(keys, filing), stop, pace_seconds=PACE_SECONDS)


async def _begun(connection: PipelinedConnection, tenant_id: UUID, size: int) -> Frontier:
    """Take up the tree where it was left, if the log still says what was signed."""
    frontier = await roots.frontier_at(connection, tenant_id, size)
    newest = await checkpoints.latest(connection, tenant_id)
    if (size, frontier.root()) != (newest.size if newest else 0, _root(newest)):
        raise LogChanged(f"the log is not what was sealed at {size}")
    return frontier


def _root(newest: checkpoints.Sealed | None) -> bytes:
    return Frontier().root() if newest is None else newest.root
