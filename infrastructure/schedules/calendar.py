"""Runs what is due by the calendar: each time once, however many schedulers look."""

import asyncio
from collections.abc import Callable, Collection
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import structlog
from psycopg import AsyncConnection, Error

from infrastructure.postgres.connections import connect
from infrastructure.schedules.claims import Claim, claim, file, release, settle
from infrastructure.schedules.registry import SCHEDULES
from infrastructure.schedules.schedule import Missed, Schedule

LOOK_SECONDS = 5.0
RUN_SECONDS_MAX = 240.0
"""A run ends before its claim does, so that no other begins beside it."""

STATEMENT_SECONDS = 60
MISSED_AFTER = timedelta(minutes=1)
"""A time is missed when nobody looked for so long after it."""

TRY_AGAIN_AFTER = timedelta(minutes=5)
"""When a run that failed is tried again, unless its next time comes first."""

Clock = Callable[[], datetime]

_log = structlog.get_logger("schedules")


class BeingRun(RuntimeError):
    """Somebody runs it at present."""


class Calendar:
    """Several share the schedules by claims, which a run has until it ends or is given up."""

    def __init__(
        self,
        database_url: str,
        *,
        schedules: Collection[Schedule] = SCHEDULES,
        clock: Clock = lambda: datetime.now(UTC),
    ) -> None:
        self._database_url = database_url
        self._schedules = {schedule.name: schedule for schedule in schedules}
        self._clock = clock

    async def run(self, stop: asyncio.Event) -> None:
        """Look for what is due until `stop` is set; what is under way then is broken off."""
        async with asyncio.TaskGroup() as running:
            runs: set[asyncio.Task[None]] = set()
            while not stop.is_set():
                try:
                    await self._look(stop, running, runs)
                except (Error, OSError) as fault:
                    _log.warning("schedules_not_looked_at", error=type(fault).__name__)
                    await _pause(stop)
            for run in runs:
                run.cancel()

    async def run_now(self, name: str) -> str:
        """Run a schedule at once and give what it told; raises `BeingRun` and what it fails with.

        Its next time stays what it is.
        """
        async with await self._connect() as connection:
            await file(connection, self._schedules.values(), self._clock())
            claimed = await claim(connection, [name], None, uuid4())
            if claimed is None:
                raise BeingRun(f"{name} is being run")
            return await self._carry_out(connection, claimed)

    async def _look(
        self,
        stop: asyncio.Event,
        running: asyncio.TaskGroup,
        runs: set[asyncio.Task[None]],
    ) -> None:
        async with await self._connect() as connection:
            await file(connection, self._schedules.values(), self._clock())
            while not stop.is_set():
                claimed = await claim(connection, self._schedules, self._clock(), uuid4())
                if claimed is None:
                    await _pause(stop)
                    continue
                run = running.create_task(self._run(claimed))
                runs.add(run)
                run.add_done_callback(runs.discard)

    async def _run(self, claimed: Claim) -> None:
        schedule, now = self._schedules[claimed.name], self._clock()
        try:
            async with await self._connect() as connection:
                if schedule.missed is Missed.SKIP and now - claimed.due_at > MISSED_AFTER:
                    await settle(connection, claimed, schedule.after(now))
                    return
                told = await self._carry_out(connection, claimed)
                _log.info("schedule_run", schedule=claimed.name, told=told)
        except Exception as error:  # noqa: BLE001 - it is told, and tried again
            _log.exception("schedule_failed", schedule=claimed.name, error=type(error).__name__)

    async def _carry_out(self, connection: AsyncConnection[Any], claimed: Claim) -> str:
        schedule, began = self._schedules[claimed.name], self._clock()
        try:
            async with asyncio.timeout(RUN_SECONDS_MAX):
                told = await schedule.work(connection)
        except asyncio.CancelledError:
            await self._apart(release, claimed)
            raise
        except Exception as error:
            again = min(self._next(schedule, claimed), self._clock() + TRY_AGAIN_AFTER)
            await self._apart(settle, claimed, again, ran_at=began, error=type(error).__name__)
            raise
        await settle(connection, claimed, self._next(schedule, claimed), ran_at=began, told=told)
        return told

    def _next(self, schedule: Schedule, claimed: Claim) -> datetime:
        now = self._clock()
        return claimed.due_at if claimed.due_at > now else schedule.after(now)

    async def _apart(self, do: Callable[..., Any], *given: object, **more: object) -> None:
        """Write on another connection: the work may have left its own in any state."""
        async with await self._connect() as connection:
            await do(connection, *given, **more)

    async def _connect(self) -> AsyncConnection[Any]:
        return await connect(self._database_url, statement_seconds=STATEMENT_SECONDS)


async def _pause(stop: asyncio.Event) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(LOOK_SECONDS):
            await stop.wait()
