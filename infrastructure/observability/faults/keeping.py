"""Takes what a process noticed to PostgreSQL, and to Sentry where there is one."""

import asyncio
from collections.abc import Sequence
from typing import Protocol

import structlog
from psycopg import DataError

from infrastructure.observability.faults.groups import keep
from infrastructure.observability.faults.noticing import Fault, Faults
from infrastructure.postgres.connections import connect

KEEP_SECONDS = 2.0
PAUSE_SECONDS_MAX = 60.0
WRITE_SECONDS_MAX = 4.0
LAST_SECONDS_MAX = 3.0

_log = structlog.get_logger("faults")


class Tracker(Protocol):
    """Somebody else who is told of faults."""

    def post(self, fault: Fault) -> None:
        """Hand a fault over; must neither wait nor fail."""
        ...

    def close(self) -> None:
        """Send what was handed over, within a moment."""
        ...


class FaultKeeper:
    """Writes groups together, beside all other work; a database that is away is left in peace.

    What can not be written is kept while there is room, and counted where there is none. Where the
    answer to a COMMIT is lost, faults are counted twice; none is lost.
    """

    def __init__(self, database_url: str, faults: Faults, tracker: Tracker | None = None) -> None:
        self._database_url = database_url
        self._noticed = faults
        self._waiting = Faults(faults.role)
        """What the tracker knows and the database does not."""
        self._tracker = tracker
        self._told_dropped = 0

    async def run(self) -> None:
        """Write every now and then, and once more when cancelled."""
        pause = KEEP_SECONDS
        try:
            while True:
                await asyncio.sleep(pause)
                kept = await self.keep()
                pause = KEEP_SECONDS if kept else min(2 * pause, PAUSE_SECONDS_MAX)
        finally:
            await self._close()

    async def keep(self) -> bool:
        """Write what was noticed; gives whether nothing waits any more."""
        noticed = self._noticed.take()
        if self._tracker is not None:
            await asyncio.to_thread(_post_all, self._tracker, noticed)
        self._waiting.give_back(noticed)
        waiting = self._waiting.take()
        if not waiting:
            return True
        try:
            async with (
                asyncio.timeout(WRITE_SECONDS_MAX),
                await connect(self._database_url) as connection,
            ):
                await keep(connection, waiting)
        except DataError as unwritable:  # trying it again would keep all others waiting
            _log.warning("faults_lost", groups=len(waiting), error=type(unwritable).__name__)
        except Exception as fault:  # noqa: BLE001 - whatever it is, nobody else waits for this
            self._waiting.give_back(waiting)
            _log.warning("faults_not_kept", groups=len(waiting), error=type(fault).__name__)
            return False
        dropped = self._noticed.dropped + self._waiting.dropped
        if dropped > self._told_dropped:
            _log.warning("faults_dropped", faults=dropped - self._told_dropped)
            self._told_dropped = dropped
        return True

    async def _close(self) -> None:
        try:
            async with asyncio.timeout(LAST_SECONDS_MAX):
                await self.keep()
        except TimeoutError:
            _log.warning("faults_not_kept", error=TimeoutError.__name__)
        if self._tracker is not None:
            await asyncio.to_thread(self._tracker.close)


def _post_all(tracker: Tracker, faults: Sequence[Fault]) -> None:
    for fault in faults:
        tracker.post(fault)
