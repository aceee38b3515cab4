"""What runs by the calendar, and when it runs next."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from cronsim import CronSim
from psycopg import AsyncConnection


class Missed(StrEnum):
    """What becomes of runs for which nobody was there: one for all of them, or none."""

    ONCE = "once"
    SKIP = "skip"


@dataclass(frozen=True, slots=True)
class Schedule:
    """Work and its time: a cron expression of five fields, read in an IANA time zone.

    A time of day that a change of the clocks leaves out runs at once after it, and one that it
    brings twice runs the first time (cron's rules; a `*` in minute or hour goes by real time).
    `work` is given a connection outside any transaction and answers with what is to be kept of its
    success. It may run again after it had succeeded or been broken off, never twice at a time.
    """

    name: str
    expression: str
    work: Callable[[AsyncConnection[Any]], Awaitable[str]]
    zone: str = "UTC"
    missed: Missed = Missed.ONCE

    @property
    def rule(self) -> str:
        """When it runs, in words that change when that does."""
        return f"{self.expression} {self.zone}"

    def after(self, moment: datetime) -> datetime:
        """Give the first time after a moment."""
        return next(CronSim(self.expression, moment.astimezone(ZoneInfo(self.zone)))).astimezone(
            UTC
        )
