"""Puts the parts of a process together from its settings."""

import asyncio
import os
import signal
import threading
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from uuid import UUID

import structlog

from infrastructure.effects.performing import Performer
from infrastructure.effects.worker import HANDOVER, take_until_told
from infrastructure.event_log.keyring import MasterKeys
from infrastructure.event_log.opening import Opener
from infrastructure.event_log.writing.writer import Writer
from infrastructure.observability.logs import LineWriter, configure_logging
from infrastructure.observability.metrics import Metrics
from infrastructure.observability.watch import watch
from infrastructure.postgres.reads import Reads
from infrastructure.processes.scheduler import Scheduler
from infrastructure.processes.tenant_clock import TenantClock
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
    clock: TenantClock

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
        TenantClock(database_url, writer),
    )


async def run_projector(settings: Settings) -> None:
    """Keep read models up to date until SIGTERM or SIGINT; what has begun is finished."""
    async with _logging(settings) as lines:
        log.info("projector_started")
        await projector.run_projector(
            settings.database_url.get_secret_value(),
            settings.redis_url.get_secret_value(),
            _stopped_by_signals(),
        )
        lines.flush()


async def run_scheduler(settings: Settings) -> None:
    """Run processes, timers and the queue of effects until SIGTERM or SIGINT."""
    async with _logging(settings) as lines:
        stop = _stopped_by_signals()
        async with _writing(settings, lines) as writer:
            log.info("scheduler_started")
            await Scheduler(
                settings.database_url.get_secret_value(),
                settings.redis_url.get_secret_value(),
                writer,
            ).run(stop)


def run_worker(settings: Settings) -> None:
    """Perform effects until SIGTERM or SIGINT; what is under way is finished."""
    over = asyncio.Event()
    ready = threading.Event()

    async def perform() -> None:
        async with _logging(settings) as lines, _writing(settings, lines) as writer:
            database_url = settings.database_url.get_secret_value()
            opener = Opener(MasterKeys(*settings.master_key_bytes))
            async with Performer(database_url, settings, opener, writer).running() as performer:
                HANDOVER.performer = performer
                log.info("worker_started")
                ready.set()
                await over.wait()

    HANDOVER.start()
    performing = asyncio.run_coroutine_threadsafe(perform(), HANDOVER.loop)
    performing.add_done_callback(lambda _ended: ready.set())
    ready.wait()
    if not performing.done():
        take_until_told(settings.redis_url.get_secret_value())
        HANDOVER.loop.call_soon_threadsafe(over.set)
    performing.result()
    HANDOVER.end()


@asynccontextmanager
async def _logging(settings: Settings) -> AsyncGenerator[LineWriter]:
    lines = LineWriter()
    configure_logging(lines, level=settings.log_level)
    writing = asyncio.create_task(lines.run())
    try:
        yield lines
    finally:
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)
        lines.flush()


@asynccontextmanager
async def _writing(settings: Settings, lines: LineWriter) -> AsyncGenerator[Writer]:
    """Lend a writer whose hints reach the projectors; without it this process ends."""
    nudges = Nudges(settings.redis_url.get_secret_value())

    def committed(tenants: Sequence[UUID]) -> None:
        nudges.publish(tenants)

    database_url = settings.database_url.get_secret_value()
    writer = Writer(database_url, MasterKeys(*settings.master_key_bytes), committed=committed)
    await writer.start()
    ending = asyncio.create_task(_end_with(writer, lines))
    try:
        yield writer
    finally:
        await writer.stop()
        ending.cancel()
        await asyncio.gather(ending, return_exceptions=True)
        await nudges.close()


def _stopped_by_signals() -> asyncio.Event:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop


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
