"""JOB-02: what is due runs once, whoever looks, whatever fails, and after everyone was away."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from psycopg import AsyncConnection

from infrastructure.postgres.connections import connect
from infrastructure.schedules.calendar import (
    MISSED_AFTER,
    TRY_AGAIN_AFTER,
    BeingRun,
    Calendar,
)
from infrastructure.schedules.claims import Standing, standings
from infrastructure.schedules.schedule import Missed, Schedule
from tests.effects.performing import look
from tests.projections.stepping import until

pytestmark = pytest.mark.row("JOB-02")

NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
NAME = "test.work"


class Work:
    """Something to do at every full hour, and a clock that tests set."""

    def __init__(self, database_url: str) -> None:
        self.database_url = database_url
        self.now = NOON - HOUR / 2
        self.runs = 0
        self.at_once = 0
        self.go_on = asyncio.Event()
        self.go_on.set()
        self.before: Callable[[], None] = lambda: None

    async def work(self, connection: AsyncConnection[Any]) -> str:
        self.at_once += 1
        assert self.at_once == 1
        self.runs += 1
        try:
            await connection.execute("SELECT 1")
            self.before()
            await self.go_on.wait()
        finally:
            self.at_once -= 1
        return f"run {self.runs}"

    def calendar(self, missed: Missed = Missed.ONCE, expression: str = "0 * * * *") -> Calendar:
        schedule = Schedule(NAME, expression, self.work, missed=missed)
        return Calendar(self.database_url, schedules=[schedule], clock=lambda: self.now)

    async def standing(self) -> Standing:
        async with await connect(self.database_url) as connection:
            return (await standings(connection, [NAME]))[NAME]


class Running:
    """Calendars that run until the end of a block."""

    def __init__(self, *calendars: Calendar) -> None:
        self.calendars = calendars
        self.stop = asyncio.Event()

    async def __aenter__(self) -> None:
        self.tasks = [asyncio.create_task(one.run(self.stop)) for one in self.calendars]

    async def __aexit__(self, *_: object) -> None:
        self.stop.set()
        await asyncio.gather(*self.tasks)


@pytest.fixture
def work(database_url: str) -> Work:
    return Work(database_url)


def seen(work: Work) -> bool:
    return look(work.database_url, "SELECT 1 FROM defter.schedules") != []


def free(work: Work) -> bool:
    """Whether nobody has it, and it is due no more."""
    query = "SELECT 1 FROM defter.schedules WHERE claim IS NULL AND next_at > %s"
    return look(work.database_url, query, work.now) != []


async def test_a_new_schedule_waits_for_its_first_time(work: Work) -> None:
    async with Running(work.calendar()):
        await until(lambda: seen(work))
    assert await work.standing() == Standing(NAME, NOON, None, None, None, running=False)
    assert work.runs == 0


async def test_of_many_schedulers_one_runs_what_is_due_and_once(work: Work) -> None:
    async with Running(work.calendar()):
        await until(lambda: seen(work))
    work.now = NOON
    async with Running(*(work.calendar() for _ in range(5))):
        await until(lambda: work.runs == 1 and free(work))
    told = Standing(NAME, NOON + HOUR, NOON, "run 1", None, running=False)
    assert await work.standing() == told
    async with Running(*(work.calendar() for _ in range(5))):
        await until(lambda: free(work))
    assert work.runs == 1


@pytest.mark.parametrize(("missed", "runs"), [(Missed.ONCE, 1), (Missed.SKIP, 0)])
async def test_times_that_all_schedulers_missed_are_run_once_or_skipped(
    work: Work, missed: Missed, runs: int
) -> None:
    async with Running(work.calendar(missed)):
        await until(lambda: seen(work))
    work.now = NOON + 5 * HOUR + MISSED_AFTER
    async with Running(work.calendar(missed)):
        await until(lambda: free(work))
    assert work.runs == runs
    assert (await work.standing()).next_at == NOON + 6 * HOUR


async def test_a_time_that_is_only_just_over_is_not_missed(work: Work) -> None:
    async with Running(work.calendar(Missed.SKIP)):
        await until(lambda: seen(work))
    work.now = NOON + MISSED_AFTER
    async with Running(work.calendar(Missed.SKIP)):
        await until(lambda: free(work))
    assert work.runs == 1


async def test_what_fails_tells_why_and_is_tried_again_soon(work: Work) -> None:
    async with Running(work.calendar()):
        await until(lambda: seen(work))
    work.now = NOON

    def fail() -> None:
        raise ConnectionError("a word that is not kept")

    work.before = fail
    async with Running(work.calendar()):
        await until(lambda: free(work))
    again = NOON + TRY_AGAIN_AFTER
    failed = Standing(NAME, again, NOON, None, "ConnectionError", running=False)
    assert await work.standing() == failed
    work.now, work.before = again, lambda: None
    async with Running(work.calendar()):
        await until(lambda: free(work))
    assert await work.standing() == Standing(NAME, NOON + HOUR, again, "run 2", None, running=False)


async def test_what_is_broken_off_is_free_for_another_at_once(work: Work) -> None:
    async with Running(work.calendar()):
        await until(lambda: seen(work))
    work.now = NOON
    work.go_on.clear()
    async with Running(work.calendar()):
        await until(lambda: work.runs == 1)
        assert (await work.standing()).running
    assert not (await work.standing()).running
    work.go_on.set()
    async with Running(work.calendar()):
        await until(lambda: work.runs == 2 and free(work))


async def test_a_claim_whose_scheduler_is_gone_lapses(work: Work) -> None:
    async with Running(work.calendar()):
        await until(lambda: seen(work))
    work.now = NOON
    held = "UPDATE defter.schedules SET claim = gen_random_uuid(), claimed_until = now() + %s"
    look(work.database_url, held, timedelta(minutes=1))
    with pytest.raises(BeingRun):
        await work.calendar().run_now(NAME)
    look(work.database_url, held, -timedelta(minutes=1))
    async with Running(work.calendar()):
        await until(lambda: work.runs == 1 and free(work))


async def test_an_operator_runs_it_now_and_its_next_time_stays(work: Work) -> None:
    assert await work.calendar().run_now(NAME) == "run 1"
    assert await work.standing() == Standing(NAME, NOON, work.now, "run 1", None, running=False)
    work.now = NOON + HOUR / 2
    assert await work.calendar(Missed.SKIP).run_now(NAME) == "run 2"
    assert (await work.standing()).next_at == NOON + HOUR
    work.before = lambda: (_ for _ in ()).throw(ConnectionError())
    with pytest.raises(ConnectionError):
        await work.calendar().run_now(NAME)
    assert (await work.standing()).error == "ConnectionError"


async def test_a_release_with_another_rule_gives_it_another_time(work: Work) -> None:
    async with Running(work.calendar()):
        await until(lambda: seen(work))
    half_past = NOON + HOUR / 2
    async with Running(work.calendar(expression="30 * * * *")):
        await until(
            lambda: look(work.database_url, "SELECT next_at FROM defter.schedules") != [(NOON,)]
        )
    assert (await work.standing()).next_at == half_past
