"""Puts the parts of a process together from its settings."""

import asyncio
import os
import signal
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from uuid import UUID

import structlog

from infrastructure.event_log.keyring import MasterKeys
from infrastructure.event_log.opening import Opener
from infrastructure.event_log.writing.writer import Writer
from infrastructure.observability.logs import LineWriter, configure_logging
from infrastructure.observability.metrics import Metrics
from infrastructure.observability.watch import watch
from infrastructure.postgres.reads import Reads
from infrastructure.projections import projector
from infrastructure.redis.nudges import Nudges
from infrastructure.redis.quota import Quota
from infrastructure.settings import Settings
from infrastructure.tenants.lookup import PostgresDirectory

EXIT_WRITER_ENDED = 70

log = structlog.get_logger("process")


@dataclass(frozen=True)
class ApiParts:
    """What an API process is made of."""

    settings: Settings
    writer: Writer
    reads: Reads
    opener: Opener
    quota: Quota
    directory: PostgresDirectory
    metrics: Metrics
    lines: LineWriter
    nudges: Nudges

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Start everything, and stop it in the order that loses nothing."""
        await self.reads.open()
        await self.writer.start()
        tasks = [
            asyncio.create_task(self.lines.run()),
            asyncio.create_task(watch(self.reads, self.quota, self.metrics)),
            asyncio.create_task(_end_with(self.writer, self.lines)),
        ]
        try:
            yield
        finally:
            await self.writer.stop()
            for task in reversed(tasks):
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
            await self.nudges.close()
            await self.quota.close()
            await self.reads.close()
            self.lines.flush()


def build_api(settings: Settings) -> ApiParts:
    """Build an API process's parts; nothing connects yet."""
    lines = LineWriter()
    configure_logging(lines, level=settings.log_level)
    database_url = settings.database_url.get_secret_value()
    redis_url = settings.redis_url.get_secret_value()
    master_keys = MasterKeys(*settings.master_key_bytes)
    metrics, reads, nudges = Metrics(), Reads(database_url), Nudges(redis_url)

    def committed(tenants: Sequence[UUID]) -> None:
        nudges.publish(tenants)

    writer = Writer(database_url, master_keys, metrics=metrics, committed=committed)
    return ApiParts(
        settings,
        writer,
        reads,
        Opener(master_keys),
        Quota(redis_url),
        PostgresDirectory(reads),
        metrics,
        lines,
        nudges,
    )


async def run_projector(settings: Settings) -> None:
    """Keep read models up to date until SIGTERM or SIGINT; what has begun is finished."""
    lines = LineWriter()
    configure_logging(lines, level=settings.log_level)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    writing = asyncio.create_task(lines.run())
    log.info("projector_started")
    try:
        await projector.run_projector(
            settings.database_url.get_secret_value(), settings.redis_url.get_secret_value(), stop
        )
    finally:
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)
        lines.flush()


async def _end_with(writer: Writer, lines: LineWriter) -> None:
    """End the process when the writer ends by itself: without it the process only looks alive."""
    assert writer.ended is not None
    try:
        await asyncio.shield(writer.ended)
    except asyncio.CancelledError:
        raise
    except Exception:
        log.exception("writer_ended")
        lines.flush()
        os._exit(EXIT_WRITER_ENDED)
