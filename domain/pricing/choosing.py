"""Which price a customer gets: of the lists that hold for them, the first that has one.

The order of the lists is a table of named questions: the higher priority comes first; of equal
ones the list for the customer's own group before one for all groups, then the list for this
channel before one for all channels, then the older one (ids sort by the moment of definition).
Within a list the price with the largest minimum quantity that is reached counts.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from domain.pricing.price_lists import PriceList
from domain.pricing.prices import Price, Prices


@dataclass(frozen=True, slots=True)
class Buyer:
    """What a list is chosen by."""

    currency: str
    channel: str | None = None
    customer_group: str | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """The price of one unit, and the list and minimum quantity that it stands at."""

    price_list: PriceList
    minimum_quantity: int
    price: Price


def by_priority(price_list: PriceList) -> int:
    """Put the higher priority first."""
    return -price_list.priority


def for_own_group(price_list: PriceList) -> int:
    """Put a list for the customer's own group before one for all."""
    return int(price_list.customer_group is None)


def for_own_channel(price_list: PriceList) -> int:
    """Put a list for this channel before one for all."""
    return int(price_list.channel is None)


def older_first(price_list: PriceList) -> str:
    """Put the older list first."""
    return price_list.price_list_id


ORDER: tuple[Callable[[PriceList], int | str], ...] = (
    by_priority,
    for_own_group,
    for_own_channel,
    older_first,
)


def holds_for(price_list: PriceList, buyer: Buyer) -> bool:
    """Say whether a list holds for a buyer."""
    return (
        price_list.currency == buyer.currency
        and price_list.channel in {None, buyer.channel}
        and price_list.customer_group in {None, buyer.customer_group}
    )


def choose(
    prices: Prices, lists: Iterable[PriceList], buyer: Buyer, *, quantity: int
) -> Choice | None:
    """Give the price at which somebody buys so many of a variant, or None where it has none."""
    holding = [one for one in lists if holds_for(one, buyer)]
    for price_list in sorted(holding, key=lambda one: tuple(asks(one) for asks in ORDER)):
        reached = _reached(prices.of_list(price_list.price_list_id), quantity)
        if reached is not None:
            return Choice(price_list, *reached)
    return None


def _reached(tiers: Mapping[int, Price], quantity: int) -> tuple[int, Price] | None:
    reached = [minimum for minimum in tiers if minimum <= quantity]
    return (max(reached), tiers[max(reached)]) if reached else None
