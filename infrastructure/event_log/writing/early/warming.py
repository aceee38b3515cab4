"""Read what the ends of the logs touched, while a process that has just started begins to serve.

It knows no stream, and a command that meets one waits until it is read and folded. What was written
last is asked for next, mostly; so that is read, some at a time, between the batches.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from uuid import UUID

import structlog
from psycopg import Error
from psycopg.rows import TupleRow

from application.aggregates import AGGREGATES
from infrastructure.event_log.codec import UnknownEvent
from infrastructure.event_log.writing import statements as sql
from infrastructure.event_log.writing.catching_up import catch_up, start_anew
from infrastructure.event_log.writing.channel import Channel
from infrastructure.event_log.writing.needs import Fetched, Needs, StreamTorn, category_of, fetch
from infrastructure.event_log.writing.parts import Log
from infrastructure.event_log.writing.queues import Queues
from infrastructure.postgres.pipelines import Call, PipelinedConnection

WARM_EVENTS_MAX = 50_000
"""So many events at the end of each log say what is read."""

STREAMS_AT_ONCE = 100
"""Commands of the tenant wait for so many to be folded, some 15 ms."""

log = structlog.get_logger()


async def warm_up(channel: Channel, shared: Log, queues: Queues) -> None:
    """Fill the memory to half at most, with the log that was written last first.

    What goes wrong is told and does no harm: a command reads what it lacks.
    """
    began, streams = time.monotonic(), 0
    try:
        reading = _Reading(channel, await channel.open(), shared, queues)
        for tenant_id, end in await reading.ends():
            streams += await reading.warm(tenant_id, await reading.touched(tenant_id, end))
            if reading.is_over:
                break
    except (Error, OSError, TimeoutError) as error:
        log.warning("not_warmed_up", error=type(error).__name__)
    except Exception:
        log.exception("not_warmed_up")
    else:
        log.info("warmed_up", streams=streams, seconds=round(time.monotonic() - began, 2))
    finally:
        await channel.close()


@dataclass(frozen=True, slots=True)
class _Reading:
    channel: Channel
    connection: PipelinedConnection
    shared: Log
    queues: Queues

    @property
    def is_over(self) -> bool:
        return self.queues.closing or self.shared.memory.half_full

    async def ends(self) -> list[tuple[UUID, int]]:
        """Give the tenants whose logs have events, with their last positions, the newest first."""
        with self.channel.watched():
            (ends,) = await self.connection.run(sql.LOG_ENDS())
        written = [tenant_id for tenant_id, position in self.connection.rows(ends) if position]
        lasts = await self._ask(written, sql.LAST_EVENTS(written))
        by_moment = sorted(lasts, key=lambda last: last[3], reverse=True)
        return [(tenant_id, position) for tenant_id, position, _, _ in by_moment]

    async def touched(self, tenant_id: UUID, end: int) -> list[str]:
        """Name the streams that a log touched last, the last one first."""
        asked = sql.LATELY_TOUCHED([tenant_id], [end - WARM_EVENTS_MAX])
        names = [name for (name,) in await self._ask([tenant_id], asked)]
        return [name for name in names if category_of(name) in AGGREGATES]

    async def warm(self, tenant_id: UUID, names: Sequence[str]) -> int:
        """Read streams into the memory, some at a time; give how many."""
        memory, left, streams = self.shared.memory, iter(names), 0
        known = memory.tenant(tenant_id)
        while not self.is_over:
            lacking = (name for name in left if name not in known.streams)
            some = list(islice(lacking, STREAMS_AT_ONCE))
            if not some:
                break
            await self.queues.borrow(tenant_id)
            try:
                with self.channel.watched():
                    await self._read(tenant_id, some)
            except (StreamTorn, UnknownEvent) as unreadable:
                log.warning("log_not_warmed_up", tenant=str(tenant_id), error=str(unreadable))
                memory.forget(tenant_id)
                await self.channel.reset()
                break
            finally:
                self.queues.give_back(tenant_id, ())
            streams += len(some)
            memory.trim([tenant_id])
            await asyncio.sleep(0)
        return streams

    async def _read(self, tenant_id: UUID, names: Sequence[str]) -> None:
        """Bring the memory of a tenant to one moment, and streams that it lacks as they were then.

        So a log that was taken back by a fail-over is found out by the next batch, as always:
        nothing in memory is newer than the position that is known.
        """
        connection, memory = self.connection, self.shared.memory
        known = memory.tenant(tenant_id)
        begin = sql.BEGIN_AT_ONE_MOMENT(), sql.of_tenants([tenant_id])
        asks = [sql.EVENTS_SINCE([tenant_id], [known.end.position])] if known.end else []
        _, _, lasts, *since = await connection.run(*begin, sql.LAST_EVENTS([tenant_id]), *asks)
        for result in since:
            catch_up(memory, Fetched(), [tenant_id], connection.rows(result))
        if known.end is None:
            start_anew(memory, [tenant_id], connection.rows(lasts))
        needs, keys = Needs(streams={(tenant_id, name) for name in names}), self.shared.master_keys
        await fetch(connection, needs, memory, Fetched(), keys, run=connection.run)
        await connection.run(sql.COMMIT())

    async def _ask(self, tenants: Sequence[UUID], call: Call) -> list[TupleRow]:
        """Ask about some tenants, in a transaction of its own."""
        scope = sql.of_tenants(tenants)
        with self.channel.watched():
            _, _, found, _ = await self.connection.run(sql.BEGIN(), scope, call, sql.COMMIT())
        return self.connection.rows(found)
