"""The prices of one variant: what holds now in each list, and what is scheduled.

A price is for whoever buys at least so many. A schedule with an end is a span `[begins, ends)`,
and no two spans of one list and quantity overlap. One without an end is a change of the price at
its moment and stays until another is set; it may not begin within a span.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar

from domain.kernel.money import Money
from domain.pricing.events import (
    PriceBegan,
    PriceEnded,
    PriceScheduled,
    PriceSet,
    PricesEvent,
    ScheduleCancelled,
)

TIERS_MAX = 200
"""So many prices a variant has in all lists together."""

SCHEDULES_MAX = 50
"""So many schedules of a variant have not ended."""

MINIMUM_QUANTITY_MAX = 1_000_000


@dataclass(frozen=True, slots=True)
class Price:
    """What one unit costs; `list_price` is shown crossed out beside it."""

    amount: Money
    list_price: Money | None = None


@dataclass(frozen=True, slots=True)
class Tier:
    """A place in a list. `now` is what holds, `after` what will when no schedule runs.

    `since` is told of a price that was noted elsewhere.
    """

    price_list_id: str
    minimum_quantity: int
    now: Price | None
    after: Price | None
    since: datetime | None = None

    @property
    def place(self) -> tuple[str, int]:
        """Which list, and from which quantity on."""
        return self.price_list_id, self.minimum_quantity


@dataclass(frozen=True, slots=True)
class Schedule:
    """A price for a span of time; without an end it stays."""

    schedule_id: str
    price_list_id: str
    minimum_quantity: int
    price: Price
    begins_at: datetime
    ends_at: datetime | None
    begun: bool = False

    @property
    def place(self) -> tuple[str, int]:
        """Which list, and from which quantity on."""
        return self.price_list_id, self.minimum_quantity

    def overlaps(self, other: "Schedule") -> bool:
        """Say whether two schedules of one place are in each other's way."""
        if self.begins_at <= other.begins_at:
            return other.begins_at < (self.ends_at or self.begins_at) or (
                self.begins_at == other.begins_at
            )
        return other.overlaps(self)


@dataclass(frozen=True, slots=True)
class Prices:
    """What a decision about a variant's prices reads; both parts are bounded."""

    CATEGORY: ClassVar[str] = "prices"
    FOLD_VERSION: ClassVar[int] = 1

    tiers: tuple[Tier, ...] = ()
    schedules: tuple[Schedule, ...] = ()

    @classmethod
    def evolve(cls, state: "Prices | None", event: PricesEvent) -> "Prices":
        state = state or UNPRICED
        match event:
            case PriceSet():
                price = _price(event.amount, event.list_price)
                return state.with_tier(_place(event), now=price, after=price, since=event.since)
            case PriceScheduled():
                return Prices(state.tiers, (*state.schedules, _scheduled(event)))
            case PriceBegan():
                return state.begun(event)
            case PriceEnded():
                ended = state.without_schedule(event.schedule_id)
                after = _price(event.amount, event.list_price)
                return ended.with_tier(_place(event), now=after, after=after)
            case ScheduleCancelled():
                return state.without_schedule(event.schedule_id)
            case _:
                raise AssertionError(event)

    def tier(self, price_list_id: str, minimum_quantity: int) -> Tier:
        """Give one place of a list; where nothing was ever set, one without prices."""
        place = price_list_id, minimum_quantity
        known = (tier for tier in self.tiers if tier.place == place)
        return next(known, Tier(*place, None, None))

    def of_list(self, price_list_id: str) -> Mapping[int, Price]:
        """Give what holds in a list now, by minimum quantity."""
        return {
            tier.minimum_quantity: tier.now
            for tier in self.tiers
            if tier.price_list_id == price_list_id and tier.now is not None
        }

    def schedule(self, schedule_id: str) -> Schedule | None:
        """Give a schedule that has not ended."""
        known = (one for one in self.schedules if one.schedule_id == schedule_id)
        return next(known, None)

    def with_tier(
        self,
        place: tuple[str, int],
        *,
        now: Price | None,
        after: Price | None,
        since: datetime | None = None,
    ) -> "Prices":
        """Put prices in a place; one without any is forgotten."""
        others = tuple(tier for tier in self.tiers if tier.place != place)
        forgotten = now is None and after is None and since is None
        kept = () if forgotten else (Tier(*place, now, after, since),)
        return Prices((*others, *kept), self.schedules)

    def without_schedule(self, schedule_id: str) -> "Prices":
        """Forget a schedule."""
        kept = tuple(one for one in self.schedules if one.schedule_id != schedule_id)
        return Prices(self.tiers, kept)

    def begun(self, event: PriceBegan) -> "Prices":
        """Let a scheduled price hold; one without an end is from now on the one that was set."""
        now = Price(event.amount, event.list_price)
        if event.ends_at is None:
            ended = self.without_schedule(event.schedule_id)
            return ended.with_tier(_place(event), now=now, after=now)
        after = self.tier(*_place(event)).after
        schedules = tuple(
            replace(one, begun=True) if one.schedule_id == event.schedule_id else one
            for one in self.schedules
        )
        return Prices(self.tiers, schedules).with_tier(_place(event), now=now, after=after)


UNPRICED = Prices()


def _place(event: PriceSet | PriceBegan | PriceEnded) -> tuple[str, int]:
    return event.price_list_id, event.minimum_quantity


def _price(amount: Money | None, list_price: Money | None) -> Price | None:
    return None if amount is None else Price(amount, list_price)


def _scheduled(event: PriceScheduled) -> Schedule:
    return Schedule(
        event.schedule_id,
        event.price_list_id,
        event.minimum_quantity,
        Price(event.amount, event.list_price),
        event.begins_at,
        event.ends_at,
    )
