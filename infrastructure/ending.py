"""How processes end: when they are told to, and when they only look alive."""

import asyncio
import os
import signal

import structlog

from infrastructure.event_log.writing.writer import Writer
from infrastructure.observability.telling import Telling

EXIT_WRITER_ENDED = 70

log = structlog.get_logger("process")


def stopped_by_signals() -> asyncio.Event:
    """Give what SIGTERM and SIGINT set."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop


async def end_with(writer: Writer, told: Telling) -> None:
    """End the process when the writer ends by itself: without it the process only looks alive."""
    assert writer.ended is not None
    try:
        await asyncio.shield(writer.ended)
    except asyncio.CancelledError:
        raise
    except Exception:
        log.exception("writer_ended")
        await told.keeper.keep()
        told.lines.flush()
        os._exit(EXIT_WRITER_ENDED)
