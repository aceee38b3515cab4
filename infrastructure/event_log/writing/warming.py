"""Read what the ends of the logs touched, before the first command comes.

A process that has just started knows no stream, and a command that meets one waits until it is read
and folded. What was written last is asked for next, mostly; so that is read, much of it at once.
"""

import time
from itertools import islice
from uuid import UUID

import structlog
from psycopg import Error

from application.aggregates import AGGREGATES
from infrastructure.event_log.codec import UnknownEvent
from infrastructure.event_log.writing import statements as sql
from infrastructure.event_log.writing.batch import Log
from infrastructure.event_log.writing.channel import Channel
from infrastructure.event_log.writing.needs import Fetched, MemoryTorn, Needs, category_of, fetch
from infrastructure.postgres.pipelines import PipelinedConnection

WARM_SECONDS_MAX = 2.0
WARM_EVENTS_MAX = 50_000
"""So many events at the end of each log say what is read."""

STREAMS_AT_ONCE = 500

log = structlog.get_logger()


async def warm_up(channel: Channel, shared: Log) -> None:
    """Fill the memory to half at most, with the log that was written last first.

    Nobody may decide by this memory meanwhile. All that is read of a log is of one moment, so what
    others write later is folded in by the first batch, or the log is found to be another one.
    Without a database nothing is read, and the first commands tell.
    """
    began = time.monotonic()
    until, streams = began + WARM_SECONDS_MAX, 0
    try:
        connection = await channel.open()
        with channel.watched():
            for tenant_id, position in await _ends(connection):
                if shared.memory.half_full or time.monotonic() > until:
                    break
                streams += await _warm(connection, shared, tenant_id, position, until=until)
    except (Error, OSError, TimeoutError) as error:
        log.warning("not_warmed_up", error=type(error).__name__)
    else:
        log.info("warmed_up", streams=streams, seconds=round(time.monotonic() - began, 2))


async def _ends(connection: PipelinedConnection) -> list[tuple[UUID, int]]:
    """Give the tenants whose logs have events, with their last positions, the newest first."""
    (ends,) = await connection.run(sql.LOG_ENDS())
    written = [tenant_id for tenant_id, position in connection.rows(ends) if position]
    scope = sql.SET_TENANTS(sql.tenants(written))
    _, _, lasts, _ = await connection.run(
        sql.BEGIN(), scope, sql.LAST_EVENTS(written), sql.COMMIT()
    )
    by_moment = sorted(connection.rows(lasts), key=lambda last: last[3], reverse=True)
    return [(tenant_id, position) for tenant_id, position, _, _ in by_moment]


async def _warm(
    connection: PipelinedConnection, shared: Log, tenant_id: UUID, end: int, *, until: float
) -> int:
    """Read the streams that a log touched last, as they are at one moment; give how many."""
    _, _, lasts, touched = await connection.run(
        sql.BEGIN_AT_ONE_MOMENT(),
        sql.SET_TENANTS(sql.tenants([tenant_id])),
        sql.LAST_EVENTS([tenant_id]),
        sql.LATELY_TOUCHED([tenant_id], [end - WARM_EVENTS_MAX]),
    )
    known = shared.memory.tenant(tenant_id)
    for _, position, event_id, _ in connection.rows(lasts):
        known.position, known.event_id = position, event_id
    names = (name for (name,) in connection.rows(touched) if category_of(name) in AGGREGATES)
    streams = 0
    while some := list(islice(names, STREAMS_AT_ONCE)):
        if shared.memory.half_full or time.monotonic() > until:
            break
        needs = Needs(streams={(tenant_id, name) for name in some})
        try:
            await fetch(
                connection, needs, shared.memory, Fetched(), shared.master_keys, run=connection.run
            )
        except (MemoryTorn, UnknownEvent) as unreadable:
            log.warning("log_not_warmed_up", tenant=str(tenant_id), error=str(unreadable))
            shared.memory.forget(tenant_id)
            break
        streams += len(some)
        shared.memory.trim([tenant_id])
    await connection.run(sql.COMMIT())
    return streams
