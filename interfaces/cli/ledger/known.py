"""What was asked of the books, in words: on which day, and as it was known when."""

import calendar
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any


def in_words(what: str, body: Mapping[str, Any], *, as_of: str | None, known_at: str | None) -> str:
    """Say what an answer holds: `Balance on 31 October 2026, as known at position 7 (…)`."""
    day = "" if as_of is None else f" on {_day(date.fromisoformat(as_of))}"
    now = "" if known_at is not None else "now, "
    return f"{what}{day}, as known {now}{_position(body['known'])}"


def _position(known: Mapping[str, Any]) -> str:
    if known["recorded_at"] is None:
        return "before anything was recorded"
    recorded = datetime.fromisoformat(known["recorded_at"])
    return f"at position {known['position']:,} ({recorded:%Y-%m-%d %H:%M:%S} UTC)"


def _day(day: date) -> str:
    return f"{day.day} {calendar.month_name[day.month]} {day.year}"
