"""What happens to prices. Each variant's prices, in whatever list, stand in one stream."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from domain.kernel.events import Event
from domain.kernel.money import Money

STANDARD_LIST = "standard"
"""The list that every tenant has: in the base currency of its books, for everyone everywhere."""


@dataclass(frozen=True, slots=True)
class PriceListDefined(Event):
    """A list of prices in one currency, for one channel and customer group or for all of them.

    Of several lists that hold for a customer the one with the highest `priority` counts.
    """

    NAME: ClassVar[str] = "pricing.price_list_defined"
    CATEGORY: ClassVar[str] = "price_list"

    price_list_id: str
    name: str
    currency: str
    channel: str | None
    customer_group: str | None
    priority: int
    tax_included: bool

    @property
    def key(self) -> str:
        return self.price_list_id


class PricesEvent(Event):
    """An event of a variant's prices."""

    __slots__ = ()
    CATEGORY: ClassVar[str] = "prices"

    variant_id: str

    @property
    def key(self) -> str:
        return self.variant_id


@dataclass(frozen=True, slots=True)
class PriceSet(PricesEvent):
    """From now on one unit costs this in a list, for whoever buys so many; None is no price.

    `list_price` is what is shown crossed out beside it. What is scheduled stays scheduled. `since`
    is told of a price that was noted elsewhere and has held since then.
    """

    NAME: ClassVar[str] = "pricing.price_set"

    variant_id: str
    price_list_id: str
    minimum_quantity: int
    amount: Money | None
    list_price: Money | None
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class PriceScheduled(PricesEvent):
    """A price for a span of time to come; without an end it stays."""

    NAME: ClassVar[str] = "pricing.price_scheduled"

    variant_id: str
    price_list_id: str
    minimum_quantity: int
    schedule_id: str
    amount: Money
    list_price: Money | None
    begins_at: datetime
    ends_at: datetime | None


@dataclass(frozen=True, slots=True)
class PriceBegan(PricesEvent):
    """A scheduled price holds from now on: until `ends_at`, or until another is set."""

    NAME: ClassVar[str] = "pricing.price_began"

    variant_id: str
    price_list_id: str
    minimum_quantity: int
    schedule_id: str
    amount: Money
    list_price: Money | None
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PriceEnded(PricesEvent):
    """A scheduled price holds no longer, and `amount` does in its place; None is no price."""

    NAME: ClassVar[str] = "pricing.price_ended"

    variant_id: str
    price_list_id: str
    minimum_quantity: int
    schedule_id: str
    amount: Money | None
    list_price: Money | None


@dataclass(frozen=True, slots=True)
class ScheduleCancelled(PricesEvent):
    """A scheduled price that had not begun never will."""

    NAME: ClassVar[str] = "pricing.schedule_cancelled"

    variant_id: str
    price_list_id: str
    minimum_quantity: int
    schedule_id: str


@dataclass(frozen=True, slots=True)
class KdvRateSet(Event):
    """A tenant's own KDV rate of a class from a day on, in basis points; `source` is the law."""

    NAME: ClassVar[str] = "pricing.kdv_rate_set"
    CATEGORY: ClassVar[str] = "kdv_rates"

    tax_class: str
    rate_basis_points: int
    effective_from: date
    source: str

    @property
    def key(self) -> str:
        return "main"
