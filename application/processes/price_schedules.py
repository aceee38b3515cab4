"""A scheduled price gets a timer for its beginning and, if it has one, for its end (INV-06)."""

from collections.abc import Iterable
from typing import Any

from application.process import ClearTimer, Process, Reaction, SetTimer
from domain.kernel.events import Recorded
from domain.pricing.events import PriceEnded, PriceScheduled, ScheduleCancelled

PRICE_BEGIN = "pricing.price_begin"
PRICE_END = "pricing.price_end"


def _scheduled(recorded: Recorded) -> Iterable[Reaction]:
    event: Any = recorded.event
    yield SetTimer(PRICE_BEGIN, _key(event), event.begins_at)
    if event.ends_at is not None:
        yield SetTimer(PRICE_END, _key(event), event.ends_at)


def _over(recorded: Recorded) -> Iterable[Reaction]:
    key = _key(recorded.event)
    return ClearTimer(PRICE_BEGIN, key), ClearTimer(PRICE_END, key)


def _key(event: Any) -> str:  # noqa: ANN401 - an event of a schedule
    return f"{event.variant_id}/{event.schedule_id}"


PRICE_SCHEDULES = Process(
    "price_schedules",
    {PriceScheduled: _scheduled, PriceEnded: _over, ScheduleCancelled: _over},
)
