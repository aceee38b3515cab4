"""The writer: takes all commands that wait for a tenant, and decides and writes them together.

One process has one writer. `LANES` tasks take groups of tenants whose heads are free; a tenant
whose head another process holds moves to one of the `WAITING_LANES`, which wait for it alone, so
one held tenant delays nobody. At any time one batch of a tenant is under way.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from uuid import UUID

from application.envelope import Envelope
from application.sending import LogUnavailable, Outcome, ReleaseTooOld
from infrastructure.event_log.event_types import check_upcasters
from infrastructure.event_log.keyring import MasterKeys
from infrastructure.event_log.writing import statements as sql
from infrastructure.event_log.writing.carrying import TOO_OLD, Carrier, WriterMetrics
from infrastructure.event_log.writing.channel import Channel
from infrastructure.event_log.writing.early.warming import warm_up
from infrastructure.event_log.writing.memory import LogMemory
from infrastructure.event_log.writing.parts import Log
from infrastructure.event_log.writing.queues import Queues
from infrastructure.observability.telemetry.tracing import Tracer
from infrastructure.postgres.connections import connect

LANES = 3
WAITING_LANES = 3
GROUP_TENANTS_MAX = 50
STREAM_CACHE_BYTES = 96 * 1024 * 1024
DRAIN_SECONDS_MAX = 15.0
GIVE_UP_SECONDS_MAX = 5.0


class Writer:
    """Sends commands to the event log. Start it, send, stop it: stopping finishes what waits."""

    def __init__(  # noqa: PLR0913 - what differs between processes and tests, by name
        self,
        database_url: str,
        master_keys: MasterKeys,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        metrics: WriterMetrics | None = None,
        committed: Callable[[Sequence[UUID]], None] = lambda _: None,
        tracer: Tracer | None = None,
        cache_bytes: int = STREAM_CACHE_BYTES,
        group_tenants: int = GROUP_TENANTS_MAX,
    ) -> None:
        check_upcasters()
        self._database_url = database_url
        self._metrics = metrics
        self._tracer = tracer
        self._group_tenants = group_tenants
        self._queues = Queues()
        self._log = Log(LogMemory(cache_bytes), master_keys, clock)
        self._carrier = Carrier(
            self._log,
            self._queues,
            committed=committed,
            metrics=metrics,
            tracer=tracer,
        )
        self._lanes: list[asyncio.Task[None]] = []
        self._channels: list[Channel] = []
        self.ended: asyncio.Future[None] | None = None
        """Done with an error when a lane ended by itself: then the process must end."""

    async def start(self, *, warm: bool = False) -> None:
        """Start the lanes; connections open with the first command.

        A process that is to answer many is made `warm`: it begins to read what it will be asked of.
        """
        self.ended = asyncio.get_running_loop().create_future()
        kinds = [False] * LANES + [True] * WAITING_LANES
        for waits in kinds:
            lane = asyncio.create_task(self._lane(waits=waits))
            lane.add_done_callback(self._lane_ended)
            self._lanes.append(lane)
        if warm:
            channel = Channel(self._database_url)
            self._channels.append(channel)
            self._lanes.append(asyncio.create_task(warm_up(channel, self._log, self._queues)))

    async def stop(self) -> None:
        """Take no more, finish what waits, close."""
        self._queues.closing = True
        self._queues.wake_all()
        late = await self._ended_after(DRAIN_SECONDS_MAX)
        if late:
            self._queues.giving_up = True
            for channel in self._channels:
                channel.cut()
            self._queues.wake_all()
            late = await self._ended_after(GIVE_UP_SECONDS_MAX)
        for lane in late:
            lane.cancel()
        self._queues.fail(LogUnavailable("this process stops"))

    async def send(self, envelope: Envelope) -> Outcome:
        """Decide and write one command; raises `NotDecided` and its like."""
        return await self._enqueue((envelope,))[0]

    async def send_many(self, envelopes: Sequence[Envelope]) -> list[Outcome | BaseException]:
        """Send independent commands together; the answers come in their order."""
        return await asyncio.gather(*self._enqueue(envelopes), return_exceptions=True)

    @property
    def queued(self) -> int:
        """How many commands wait."""
        return self._queues.waiting

    async def add_tenant(self, tenant_id: UUID) -> None:
        """Give a new tenant the head of its log; once is enough."""
        connection = await connect(self._database_url)
        async with connection:
            await connection.run(
                sql.BEGIN(),
                sql.of_tenants([tenant_id]),
                sql.ADD_HEAD(tenant_id),
                sql.COMMIT(),
            )

    async def _ended_after(self, seconds: float) -> set[asyncio.Task[None]]:
        """Wait for the lanes to end, and give those that did not."""
        if not self._lanes:
            return set()
        return (await asyncio.wait(self._lanes, timeout=seconds))[1]

    def _enqueue(self, envelopes: Sequence[Envelope]) -> list[asyncio.Future[Outcome]]:
        self._queues.check_room(len(envelopes))
        link = None if self._tracer is None else self._tracer.link()
        loop = asyncio.get_running_loop()
        futures: list[asyncio.Future[Outcome]] = []
        for envelope in envelopes:
            future: asyncio.Future[Outcome] = loop.create_future()
            futures.append(future)
            if envelope.tenant_id in self._carrier.unreadable:
                future.set_exception(ReleaseTooOld(TOO_OLD))
            else:
                self._queues.put(envelope, future, link)
        return futures

    async def _lane(self, *, waits: bool) -> None:
        channel = Channel(self._database_url)
        self._channels.append(channel)
        most = 1 if waits else self._group_tenants
        try:
            while (group := await self._queues.take(held=waits, tenants_max=most)) is not None:
                if self._metrics is not None:
                    self._metrics.queue(self._queues.waiting)
                try:
                    if group:
                        await self._carrier.carry_out(channel, group, wait=waits)
                except BaseException:
                    self._carrier.abandon(group)
                    raise
                # Whoever was answered goes on before the next batch is decided: answers leave
                # sooner, and what is sent in turn comes while that one is written.
                await asyncio.sleep(0)
        finally:
            await channel.close()

    def _lane_ended(self, lane: asyncio.Task[None]) -> None:
        assert self.ended is not None
        if not self._queues.closing and not self.ended.done():
            error = None if lane.cancelled() else lane.exception()
            self.ended.set_exception(error or RuntimeError("a lane of the writer ended"))
