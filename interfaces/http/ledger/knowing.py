"""As it was known when: by a day, a moment, or a position of the log."""

import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from pydantic import BaseModel, Field, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from domain.kernel.refusals import Invalid
from infrastructure.event_log.moments import position_at, recorded_at
from infrastructure.event_log.reader import log_end
from interfaces.http.parts import View
from interfaces.http.routing.query import Params, Question
from projections.ledger.chart import books
from projections.ledger.known import Known

_POSITION = re.compile("[0-9]{1,18}")
_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
INSTANT = timedelta(microseconds=1)
"""What times are counted in: a day is known until the last one before the next begins."""


class NotKnownYet(Invalid):
    """The log does not reach so far."""

    code = "ledger.not_known_yet"


def _known_at(given: Any) -> int | date | datetime:  # noqa: ANN401 - whatever a client sends
    text = given if isinstance(given, str) else ""
    try:
        if _POSITION.fullmatch(text):
            return int(text)
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
        if _DAY.match(text):
            moment = datetime.fromisoformat(text)
            return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    except ValueError:
        pass
    raise PydanticCustomError(
        "field.not_a_moment",
        "written as a position such as 1234, a day as 2026-01-31, or a moment as"
        " 2026-01-31T12:00:00Z",
    )


KnownAt = Annotated[
    int | date | datetime | None,
    PlainValidator(_known_at),
    WithJsonSchema({"type": "string", "pattern": "^([0-9]{1,18}|[0-9]{4}-[0-9]{2}-[0-9]{2}.*)$"}),
    Field(
        description="As it was known at a position of the log, at the end of a day in the books'"
        " time zone, or at a moment (UTC if it names no offset)",
        examples=["1234", "2026-01-31", "2026-01-31T12:00:00Z"],
    ),
]


class KnownView(BaseModel):
    """How far the log was known: its last event that counts, and when that was recorded."""

    position: int
    recorded_at: datetime | None


class Knowing(NamedTuple):
    """A view, and what of it counts; `known` is None where everything does."""

    view: View
    known: Known | None
    told: dict[str, Any]


P = TypeVar("P", bound=Params)


@asynccontextmanager
async def at_known(
    question: Question[P], asked: int | date | datetime | None, *read_models: str
) -> AsyncGenerator[Knowing]:
    """Look as it was known then; raises `NotKnownYet` where the log ends before a position."""
    exchange = question.exchange
    async with question.view(*read_models) as view:
        known = await _known(view, exchange.principal.tenant_id, asked)
        if known.position <= view.position:
            yield _knowing(view, asked, known)
            return
    # What was known then is not read yet, and an answer without it would change later.
    async with exchange.services.reads.tenant(
        exchange.principal.tenant_id,
        projections=read_models,
        min_position=known.position,
        deadline_seconds=exchange.services.settings.read_deadline_seconds,
    ) as view:
        yield _knowing(view, asked, known)


def _knowing(view: View, asked: object, known: Known) -> Knowing:
    told = {"position": known.position, "recorded_at": known.recorded_at}
    reached = known._replace(reached=view.position)
    return Knowing(view, None if asked is None else reached, told)


async def _known(view: View, tenant_id: Any, asked: int | date | datetime | None) -> Known:  # noqa: ANN401 - a UUID
    connection, position = view.connection, view.position
    if isinstance(asked, int):
        end, _ = await log_end(connection, tenant_id)
        if asked > end:
            raise NotKnownYet(f"the log ends at position {end}", position=end)
        position = asked
    elif asked is not None:
        end, _ = await log_end(connection, tenant_id)
        moment = asked if isinstance(asked, datetime) else await _end_of(view, tenant_id, asked)
        position = await position_at(connection, tenant_id, moment, end=end)
    return Known(position, await recorded_at(connection, tenant_id, position), view.position)


async def _end_of(view: View, tenant_id: object, day: date) -> datetime:
    kept = await books(view.connection, tenant_id)
    zone = ZoneInfo(kept["time_zone"]) if kept else UTC
    if day == date.max:
        return datetime.max.replace(tzinfo=UTC)
    begins = datetime.combine(day + timedelta(days=1), time.min, zone)
    return begins.astimezone(UTC) - INSTANT
