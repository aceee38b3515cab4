"""Scheduled prices: they begin and end by timers, each once."""

from datetime import datetime, timedelta

from domain.kernel.refusals import Invalid, NotFound, RuleBroken
from domain.pricing.events import PriceBegan, PriceEnded, PriceScheduled, ScheduleCancelled
from domain.pricing.price_lists import PriceList
from domain.pricing.prices import SCHEDULES_MAX, Prices, Schedule
from domain.pricing.setting import check_place, check_price

SCHEDULED_AHEAD_MAX = timedelta(days=1_096)
"""A schedule begins and ends within three years."""


class ScheduleInvalid(Invalid):
    """A schedule begins in the future, ends after that, and both within three years."""

    code = "pricing.schedule_invalid"


class ScheduleExists(RuleBroken):
    """A schedule with this id has not ended."""

    code = "pricing.schedule_exists"


class ScheduleOverlaps(RuleBroken):
    """Another schedule of this list and quantity is in the way."""

    code = "pricing.schedule_overlaps"


class TooManySchedules(RuleBroken):
    """A variant has a limited number of schedules that have not ended."""

    code = "pricing.too_many_schedules"


class ScheduleNotFound(NotFound):
    """There is no such schedule, or it has ended."""

    code = "pricing.schedule_not_found"


class ScheduleNotDue(RuleBroken):
    """The schedule does not begin or end yet."""

    code = "pricing.schedule_not_due"


def schedule(
    prices: Prices, price_list: PriceList, wanted: Schedule, *, variant_id: str, at: datetime
) -> tuple[PriceScheduled, ...]:
    """Schedule a price of a list."""
    check_place(prices, price_list.price_list_id, wanted.minimum_quantity)
    check_price(price_list, wanted.price)
    latest = at + SCHEDULED_AHEAD_MAX
    ends_at = wanted.ends_at or latest
    if not at < wanted.begins_at < ends_at <= latest:
        raise ScheduleInvalid(
            "a schedule begins in the future, ends after that, and both within three years"
        )
    if prices.schedule(wanted.schedule_id) is not None:
        raise ScheduleExists("there is a schedule with this id")
    for other in prices.schedules:
        if other.place == wanted.place and other.overlaps(wanted):
            raise ScheduleOverlaps(
                "another schedule of this list and quantity is in the way; cancel that one",
                schedule_id=other.schedule_id,
            )
    if len(prices.schedules) >= SCHEDULES_MAX:
        raise TooManySchedules(
            f"a variant has {SCHEDULES_MAX} schedules at most", limit=SCHEDULES_MAX
        )
    return (
        PriceScheduled(
            variant_id,
            wanted.price_list_id,
            wanted.minimum_quantity,
            wanted.schedule_id,
            wanted.price.amount,
            wanted.price.list_price,
            wanted.begins_at,
            wanted.ends_at,
        ),
    )


def begin(
    prices: Prices, schedule_id: str, *, variant_id: str, at: datetime
) -> tuple[PriceBegan | PriceEnded, ...]:
    """Let a scheduled price hold. One that ends in this moment, if it still runs, ends first."""
    found = _found(prices, schedule_id)
    if found.begun:
        return ()
    if at < found.begins_at:
        raise ScheduleNotDue("the schedule does not begin yet", begins=found.begins_at.isoformat())
    before = (
        ended
        for one in prices.schedules
        if one.begun and one.place == found.place
        for ended in _end(prices, one, variant_id)
    )
    return (
        *before,
        PriceBegan(
            variant_id,
            found.price_list_id,
            found.minimum_quantity,
            schedule_id,
            found.price.amount,
            found.price.list_price,
            found.ends_at,
        ),
    )


def end(
    prices: Prices, schedule_id: str, *, variant_id: str, at: datetime
) -> tuple[PriceEnded | ScheduleCancelled, ...]:
    """Let what was set last hold again; a schedule whose whole time was missed is over too."""
    found = _found(prices, schedule_id)
    if found.ends_at is None or at < found.ends_at:
        raise ScheduleNotDue("the schedule does not end yet")
    return cancel(prices, schedule_id, variant_id=variant_id)


def cancel(
    prices: Prices, schedule_id: str, *, variant_id: str
) -> tuple[PriceEnded | ScheduleCancelled, ...]:
    """Take a schedule back; one that runs ends now."""
    found = _found(prices, schedule_id)
    if found.begun:
        return _end(prices, found, variant_id)
    place = found.price_list_id, found.minimum_quantity
    return (ScheduleCancelled(variant_id, *place, schedule_id),)


def _end(prices: Prices, found: Schedule, variant_id: str) -> tuple[PriceEnded, ...]:
    after = prices.tier(*found.place).after
    return (
        PriceEnded(
            variant_id,
            found.price_list_id,
            found.minimum_quantity,
            found.schedule_id,
            after and after.amount,
            after and after.list_price,
        ),
    )


def _found(prices: Prices, schedule_id: str) -> Schedule:
    found = prices.schedule(schedule_id)
    if found is None:
        raise ScheduleNotFound("there is no such schedule, or it has ended")
    return found
