"""Where in the log: a position, or the moment that somebody names instead of one."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from domain.kernel.refusals import Invalid
from infrastructure.audit.states import event_at
from infrastructure.event_log.reader import last_before, log_end
from projections.ledger.chart import books
from projections.query import Connection

NOW = "now"
TIME_MARK = "@"
DAY_LENGTH = len("2026-10-31")
PLACE_PATTERN = (
    r"^(now|0|[1-9][0-9]{0,17}|@[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"(T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})?)?)$"
)
_INSTANT = timedelta(microseconds=1)


class PlaceInvalid(Invalid):
    """A place is a position, `now`, `@2026-10-31` or `@2026-10-31T12:00+03:00`."""

    code = "audit.place_invalid"


class PlaceAhead(Invalid):
    """The log has not come so far yet."""

    code = "audit.place_ahead"


class Place(NamedTuple):
    """A position, and when its event was recorded; 0 and None before the first."""

    position: int
    recorded_at: datetime | None

    def told(self) -> dict[str, Any]:
        """Tell it."""
        return {"position": self.position, "recorded_at": self.recorded_at}


async def place_of(
    connection: Connection, tenant_id: UUID, text: str, *, reached: int | None = None
) -> Place:
    """Find the last event at or before what was named; raises `PlaceInvalid` and `PlaceAhead`.

    A day counts as a whole, as it ends in the tenant's time zone; a moment counts itself, in that
    zone where it names none. To a read model `now` is as far as it has `reached`.
    """
    end, _ = await log_end(connection, tenant_id)
    if text == NOW:
        position = end if reached is None else reached
    elif text.startswith(TIME_MARK):
        books_kept = await books(connection, tenant_id)
        zone = ZoneInfo(books_kept["time_zone"]) if books_kept else UTC
        until = _first_moment_after(text.removeprefix(TIME_MARK), zone)
        position = await last_before(connection, tenant_id, None, until)
    else:
        position = int(text)
        if position > end:
            raise PlaceAhead(f"the log ends at position {end}", end=end)
    event = await event_at(connection, tenant_id, position) if position else None
    return Place(position, event.recorded_at if event else None)


def _first_moment_after(text: str, zone: Any) -> datetime:  # noqa: ANN401 - a zone of either kind
    try:
        if len(text) == DAY_LENGTH:
            day = date.fromisoformat(text) + timedelta(days=1)
            return datetime.combine(day, time(), zone)
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)) + _INSTANT
    except (ValueError, OverflowError) as wrong:
        raise PlaceInvalid("the calendar has no such day or time") from wrong
