"""The stock of a variant at a location: what is there, what is kept, what can be sold.

Units on hand are what lies on the shelf: never fewer than none, and always the sum of all
movements. Units are available when they are neither reserved nor safety stock; fewer than none are
only where backorders are allowed.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, NamedTuple

from domain.kernel.refusals import Invalid, RuleBroken
from domain.stock.events import (
    ReservedStockIssued,
    StockEvent,
    StockLevelCrossed,
    StockMoved,
    StockPolicySet,
    StockReleased,
    StockReserved,
)

QUANTITY_MAX = 1_000_000_000


class QuantityInvalid(Invalid):
    """A quantity is a whole number of units, from one to a thousand million."""

    code = "stock.quantity_invalid"


class PolicyInvalid(Invalid):
    """Thresholds are no less than zero, and a backorder limit needs backorders."""

    code = "stock.policy_invalid"


class InsufficientStock(RuleBroken):
    """There is less than asked for."""

    code = "stock.insufficient"


class Level(StrEnum):
    """What buyers are told."""

    IN = "in"
    LOW = "low"
    OUT = "out"


class Place(NamedTuple):
    """A variant at a location."""

    variant_id: str
    location_id: str

    @property
    def key(self) -> str:
        """The key of its stock."""
        return f"{self.variant_id}.{self.location_id}"


@dataclass(frozen=True, slots=True)
class Policy:
    """How stock is handled; without one, all is sold to the last unit and never more."""

    safety: int = 0
    low_at: int = 0
    backorder: bool = False
    backorder_limit: int | None = None


@dataclass(frozen=True, slots=True)
class Stock:
    """A variant at a location; `level` is the one that was told last."""

    CATEGORY: ClassVar[str] = "stock"
    FOLD_VERSION: ClassVar[int] = 1

    on_hand: int = 0
    reserved: int = 0
    policy: Policy = Policy()
    level: str = Level.OUT.value

    @classmethod
    def evolve(cls, state: "Stock | None", event: StockEvent) -> "Stock":
        state = state or NO_STOCK
        match event:
            case StockMoved():
                on_hand = state.on_hand + event.quantity
                return Stock(on_hand, state.reserved, state.policy, state.level)
            case StockReserved():
                reserved = state.reserved + event.quantity
                return Stock(state.on_hand, reserved, state.policy, state.level)
            case StockReleased() | ReservedStockIssued():
                reserved = state.reserved - event.quantity
                return Stock(state.on_hand, reserved, state.policy, state.level)
            case StockPolicySet():
                policy = Policy(event.safety, event.low_at, event.backorder, event.backorder_limit)
                return Stock(state.on_hand, state.reserved, policy, state.level)
            case StockLevelCrossed():
                return Stock(state.on_hand, state.reserved, state.policy, event.level)
            case _:
                raise AssertionError(event)

    @property
    def free(self) -> int:
        """Units that are neither reserved nor safety stock; safety may leave fewer than none."""
        return self.on_hand - self.reserved - self.policy.safety

    @property
    def available(self) -> int:
        """Units that buyers are told of."""
        return self.free if self.policy.backorder else max(self.free, 0)

    @property
    def promisable(self) -> int:
        """Units that can be reserved now, those that have yet to come among them."""
        if not self.policy.backorder:
            return max(self.free, 0)
        limit = self.policy.backorder_limit
        return QUANTITY_MAX if limit is None else max(self.free + limit, 0)

    @property
    def in_use(self) -> bool:
        """Whether units are there, kept, or promised before they come."""
        return bool(self.on_hand or self.reserved or self.policy.backorder)

    @property
    def reading(self) -> Level:
        """The level that this stock stands at."""
        if self.free <= 0:
            return Level.OUT
        return Level.LOW if self.free <= self.policy.low_at else Level.IN


NO_STOCK = Stock()


def told(stock: Stock, place: Place, *events: StockEvent) -> tuple[StockEvent, ...]:
    """Add to events of a stock that its level is another one after them, if it is."""
    after = stock
    for event in events:
        after = Stock.evolve(after, event)
    level = after.reading
    if level == stock.level:
        return events
    return (*events, StockLevelCrossed(*place, level.value, after.available, stock.level))


def set_policy(stock: Stock, place: Place, policy: Policy) -> tuple[StockEvent, ...]:
    """Handle stock otherwise from now on; the same policy changes nothing."""
    limit = policy.backorder_limit
    numbers = (policy.safety, policy.low_at, limit or 0)
    if not all(0 <= number <= QUANTITY_MAX for number in numbers):
        raise PolicyInvalid(f"thresholds are 0 to {QUANTITY_MAX} units")
    if limit is not None and not policy.backorder:
        raise PolicyInvalid("a backorder limit needs backorders")
    if policy == stock.policy:
        return ()
    return told(
        stock,
        place,
        StockPolicySet(*place, policy.safety, policy.low_at, policy.backorder, limit),
    )


def check_quantity(quantity: int) -> None:
    """Refuse what is no number of units."""
    if not 1 <= quantity <= QUANTITY_MAX:
        raise QuantityInvalid(f"a quantity is 1 to {QUANTITY_MAX} units", quantity=quantity)


def insufficient(place: Place, *, there: int, asked: int) -> InsufficientStock:
    """Say that a place has less than asked for."""
    return InsufficientStock(
        "there is less than asked for",
        variant_id=place.variant_id,
        location_id=place.location_id,
        available=there,
        asked=asked,
    )
