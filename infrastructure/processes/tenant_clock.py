"""Move a test tenant's clock, and let all that becomes due on the way happen in its order."""

import asyncio
import time
from collections.abc import Collection
from datetime import UTC, datetime
from uuid import UUID

from application.envelope import Envelope
from application.process import Process
from application.processes.registry import PROCESSES
from application.sending import BulkSender, NotDecided, Outcome
from application.tenants.clock import AdvanceClock
from application.timers import TIMERS
from domain.kernel.ids import derived_uuid
from infrastructure.postgres.connections import connect
from infrastructure.postgres.pipelines import PipelinedConnection
from infrastructure.processes.follower import Processes
from infrastructure.processes.timers import Timers, fire, next_due
from infrastructure.projections.checkpoints import begin, first_sight

ADVANCE_SECONDS_MAX = 30.0
LEASED_PAUSE_SECONDS = 0.02

_STANDS = b"""
SELECT coalesce(last.recorded_at, %(now)s),
    (SELECT count(*) FROM unnest(%(keys)s::text[]) AS v (projection)
     LEFT JOIN defter.checkpoints c ON c.tenant_id = %(tenant_id)s AND c.projection = v.projection
     WHERE coalesce(c.position, 0) < last.position AND c.parked_at IS NULL)
FROM (SELECT 1) AS one LEFT JOIN (
    SELECT position, recorded_at FROM defter.events WHERE tenant_id = %(tenant_id)s
    ORDER BY position DESC LIMIT 1
) AS last ON true
"""


class ClockUnderWay(NotDecided):
    """So much became due that the clock is not there yet; the same request goes on with it."""

    code = "tenants.clock_under_way"


class TenantClock:
    """Does by itself what scheduler processes would do, so that nobody has to wait for them."""

    def __init__(
        self,
        database_url: str,
        sender: BulkSender,
        *,
        processes: Collection[Process] = PROCESSES,
        timers: Timers = TIMERS,
    ) -> None:
        self._database_url = database_url
        self._sender = sender
        self._timers = timers
        self._processes = Processes(sender, processes=processes)

    async def advance(self, asked: Envelope) -> tuple[Outcome, int]:
        """Carry out an `AdvanceClock` by way of every timer before it; also tell how many fired.

        Raises `ClockUnderWay` after `ADVANCE_SECONDS_MAX`; what fired until then stays fired.
        """
        to: datetime = asked.command.to
        tenant_id, fired = asked.tenant_id, 0
        deadline = time.monotonic() + ADVANCE_SECONDS_MAX
        async with await connect(self._database_url) as connection:
            await first_sight(connection, tenant_id, self._processes.keys)
            while True:
                fired += await self._settle(connection, tenant_id, deadline)
                due = await self._next(connection, tenant_id)
                if due is None or due >= to:
                    break
                step = UUID(bytes=derived_uuid(asked.command_id, due.isoformat()))
                await self._send(asked._replace(command_id=step, command=AdvanceClock(due)))
            outcome = await self._send(asked)
            fired += await self._settle(connection, tenant_id, deadline)
        return outcome, fired

    async def _send(self, envelope: Envelope) -> Outcome:
        (outcome,) = await self._sender.send_many([envelope])
        if not isinstance(outcome, Outcome):
            raise outcome
        return outcome

    async def _settle(
        self, connection: PipelinedConnection, tenant_id: UUID, deadline: float
    ) -> int:
        """Let processes reach the log's end and fire what is due, until there is nothing left."""
        total, filling = 0, False
        while True:
            if time.monotonic() > deadline:
                raise ClockUnderWay("much became due; send the same request again")
            now, behind = await self._stands(connection, tenant_id)
            if behind:
                step = await self._processes.advance(connection, tenant_id, filling=filling)
                if step.position is None:  # a scheduler is at it
                    await asyncio.sleep(LEASED_PAUSE_SECONDS)
                filling = not filling
                continue
            fired = await fire(connection, tenant_id, now, sender=self._sender, timers=self._timers)
            total += fired
            if fired:
                continue
            due = await self._next(connection, tenant_id)
            if due is None or due > now:
                return total
            await asyncio.sleep(LEASED_PAUSE_SECONDS)  # a scheduler fires it, or it was not decided

    async def _stands(
        self, connection: PipelinedConnection, tenant_id: UUID
    ) -> tuple[datetime, int]:
        """Tell what time it is for the tenant, and how many processes are behind its log."""
        now = datetime.now(UTC)
        await begin(connection, tenant_id)
        given = {"tenant_id": tenant_id, "keys": self._processes.keys, "now": now}
        row = await (await connection.execute(_STANDS, given, prepare=True)).fetchone()
        await connection.execute(b"COMMIT")
        assert row is not None
        return max(row[0], now), row[1]

    async def _next(self, connection: PipelinedConnection, tenant_id: UUID) -> datetime | None:
        await begin(connection, tenant_id)
        due = await next_due(connection, tenant_id, self._timers)
        await connection.execute(b"COMMIT")
        return due
