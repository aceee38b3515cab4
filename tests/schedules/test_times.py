"""JOB-02: a time of day comes once a day, also on the two days on which the clocks change."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from psycopg import AsyncConnection

from infrastructure.schedules.registry import SCHEDULES
from infrastructure.schedules.schedule import Schedule

pytestmark = pytest.mark.row("JOB-02")


async def nothing(_connection: AsyncConnection) -> str:
    raise AssertionError("it is only asked for its times")


def times(expression: str, zone: str, day: str, *, days: int = 3) -> list[str]:
    """Give the times from a day's beginning on, by the clock on the wall and in its offset."""
    schedule = Schedule("test.work", expression, nothing, zone=zone)
    moment = datetime.fromisoformat(day).replace(tzinfo=ZoneInfo(zone)) - timedelta(seconds=1)
    end, found = moment + timedelta(days=days), list[str]()
    while (moment := schedule.after(moment)) <= end:
        assert moment.tzinfo is UTC
        found.append(f"{moment.astimezone(ZoneInfo(zone)):%d %H:%M %z}")
    return found


@pytest.mark.parametrize(
    ("zone", "day", "expression", "runs"),
    [
        (
            "Europe/Berlin",  # at 02:00 it is 03:00
            "2026-03-28",
            "30 2 * * *",
            ["28 02:30 +0100", "29 03:00 +0200", "30 02:30 +0200"],
        ),
        (
            "Europe/Berlin",  # at 03:00 it is 02:00 again
            "2026-10-24",
            "30 2 * * *",
            ["24 02:30 +0200", "25 02:30 +0200", "26 02:30 +0100"],
        ),
        (
            "Europe/Istanbul",  # at 03:00 it was 04:00
            "2015-03-28",
            "30 3 * * *",
            ["28 03:30 +0200", "29 04:00 +0300", "30 03:30 +0300"],
        ),
        (
            "Europe/Istanbul",  # at 04:00 it was 03:00 again
            "2015-11-07",
            "30 3 * * *",
            ["07 03:30 +0300", "08 03:30 +0300", "09 03:30 +0200"],
        ),
        (
            "Europe/Istanbul",  # the clocks are left alone since
            "2026-10-24",
            "30 3 * * *",
            ["24 03:30 +0300", "25 03:30 +0300", "26 03:30 +0300"],
        ),
    ],
)
def test_a_time_of_day_comes_once_a_day(
    zone: str, day: str, expression: str, runs: list[str]
) -> None:
    assert times(expression, zone, day) == runs


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25)])
def test_an_hourly_time_comes_as_often_as_the_day_has_hours(day: str, hours: int) -> None:
    schedule = Schedule("test.work", "17 * * * *", nothing, zone="Europe/Berlin")
    zone = ZoneInfo("Europe/Berlin")
    moment = datetime.fromisoformat(day).replace(tzinfo=zone).astimezone(UTC)
    end = (datetime.fromisoformat(day) + timedelta(days=1)).replace(tzinfo=zone)
    runs = [moment := schedule.after(moment) for _ in range(30)]
    assert sum(run < end for run in runs) == hours
    assert {later - earlier for earlier, later in pairwise(runs)} == {timedelta(hours=1)}


def test_the_next_time_is_after_the_moment_itself() -> None:
    schedule = Schedule("test.work", "*/5 * * * *", nothing)
    noon = datetime(2026, 3, 5, 12, tzinfo=UTC)
    assert schedule.after(noon) == noon + timedelta(minutes=5)
    assert schedule.after(noon - timedelta(microseconds=1)) == noon


def test_every_schedule_has_a_name_of_its_own_a_zone_and_a_next_time() -> None:
    now = datetime(2026, 3, 5, 12, tzinfo=UTC)
    assert len({schedule.name for schedule in SCHEDULES}) == len(SCHEDULES) >= 2
    for schedule in SCHEDULES:
        assert now < schedule.after(now) < now + timedelta(days=400)
