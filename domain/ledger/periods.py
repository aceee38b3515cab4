"""Periods are calendar months, written as 2026-02, in the tenant's time zone; since 1900."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from domain.kernel.refusals import Invalid, RuleBroken

PERIOD_PATTERN = re.compile(r"(?:19|[2-9][0-9])[0-9]{2}-(?:0[1-9]|1[0-2])")


class PeriodInvalid(Invalid):
    """A period is a calendar month."""

    code = "ledger.period_invalid"


class InSealedPeriod(RuleBroken):
    """What lies in a sealed month does not change any more."""

    code = "ledger.period_sealed"


class InClosingPeriod(RuleBroken):
    """A month is being closed, and nothing gets into it or before it."""

    code = "ledger.period_closing"


class Late(StrEnum):
    """What becomes of a fact whose day lies in a sealed or closing month."""

    REFUSE = "refuse"
    ADJUST = "adjust"
    """It is booked today, as an adjustment of the month in which it should have been."""


@dataclass(frozen=True, slots=True)
class Total:
    """Debits and credits of one account of the chart in one currency, in minor units."""

    code: str
    currency: str
    debit: int
    credit: int


@dataclass(frozen=True, slots=True)
class Closing:
    """The month that ends with `until` is being closed; `closing_id` names this attempt at it."""

    until: date
    closing_id: str


@dataclass(frozen=True, slots=True)
class Reopening:
    """Someone asked to reopen the month that ends with `until`."""

    until: date
    requested_by: str


def period_of(day: date) -> str:
    """Name the month of a day."""
    return day.isoformat()[:7]


def last_day(period: str) -> date:
    """Give the last day of a month; raises `PeriodInvalid` for what is none."""
    if PERIOD_PATTERN.fullmatch(period) is None:
        raise PeriodInvalid("a period is a month, written as 2026-02")
    year, month = int(period[:4]), int(period[5:])
    return date(year, month, monthrange(year, month)[1])


def end_before(until: date) -> date:
    """Give the last day of the month before the one that ends with `until`."""
    return until.replace(day=1) - timedelta(days=1)


def end_after(until: date) -> date:
    """Give the last day of the month after the one that ends with `until`."""
    return last_day(period_of(until + timedelta(days=1)))
