"""What a process tells of itself while it runs: its log lines, its faults, its traces."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from infrastructure.observability.faults.keeping import FaultKeeper, Tracker
from infrastructure.observability.faults.noticing import Faults
from infrastructure.observability.log_file import LogFile, Rotation
from infrastructure.observability.logs import LineWriter, configure_logging
from infrastructure.observability.telemetry.tracing import Tracer
from infrastructure.settings import Settings

if TYPE_CHECKING:
    from infrastructure.observability.telemetry.otlp import Otlp

_log = structlog.get_logger("process")


@dataclass(frozen=True)
class Telling:
    """Where lines go, who keeps faults, and who takes spans, if somebody does."""

    lines: LineWriter
    keeper: FaultKeeper
    otlp: "Otlp | None"

    @property
    def tracer(self) -> Tracer | None:
        """Who takes spans."""
        return self.otlp

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Write and send meanwhile; at the end, what is left."""
        tasks = [asyncio.create_task(self.lines.run()), asyncio.create_task(self.keeper.run())]
        try:
            yield
        except Exception:
            _log.exception("role_ended")
            raise
        finally:
            for task in reversed(tasks):
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
            self.lines.flush()
            if self.otlp is not None:
                await asyncio.to_thread(self.otlp.close)


def telling(settings: Settings, role: str) -> Telling:
    """Let a role's lines, faults and traces go where the settings say."""
    file = None
    if settings.log_file is not None:
        rotation = Rotation(settings.log_file_bytes_max, settings.log_files_kept)
        file = LogFile(settings.log_file, role, rotation)
    otlp = _otlp(settings, role)
    lines = LineWriter(file=file) if otlp is None else LineWriter(file=file, ship=otlp.ship)
    faults = Faults(role)
    configure_logging(lines, level=settings.log_level, notice=faults.notice)
    keeper = FaultKeeper(settings.database_url.get_secret_value(), faults, _tracker(settings))
    return Telling(lines, keeper, otlp)


def _otlp(settings: Settings, role: str) -> "Otlp | None":
    if settings.otel_endpoint is None:
        return None
    from infrastructure.observability.telemetry.otlp import Otlp  # noqa: PLC0415 - slow to load

    return Otlp(settings.otel_endpoint, role)


def _tracker(settings: Settings) -> Tracker | None:
    if settings.sentry_dsn is None:
        return None
    from infrastructure.observability.faults.sentry import Sentry  # noqa: PLC0415 - as above

    return Sentry(settings.sentry_dsn.get_secret_value())
