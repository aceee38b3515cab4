"""Setting prices: one, or all of a variant in a list."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.kernel.money import AMOUNT_MINOR_MAX, CurrencyMismatch
from domain.kernel.refusals import Invalid, RuleBroken
from domain.pricing.events import PriceSet
from domain.pricing.price_lists import PriceList
from domain.pricing.prices import MINIMUM_QUANTITY_MAX, TIERS_MAX, Price, Prices, Tier


class PriceInvalid(Invalid):
    """An amount can not be a price."""

    code = "pricing.price_invalid"


class ListPriceTooLow(Invalid):
    """What is crossed out is never less than the price."""

    code = "pricing.list_price_too_low"


class MinimumQuantityInvalid(Invalid):
    """A price holds from so many units on, and for each number of them there is one."""

    code = "pricing.minimum_quantity_invalid"


class HistoryOutOfOrder(RuleBroken):
    """What a price was elsewhere is told oldest first, before anything is set here."""

    code = "pricing.history_out_of_order"


class TooManyTiers(RuleBroken):
    """A variant has a limited number of prices."""

    code = "pricing.too_many_tiers"


@dataclass(frozen=True, slots=True)
class TierPrice:
    """What one unit costs whoever buys at least so many; None is no price."""

    minimum_quantity: int
    price: Price | None
    since: datetime | None = None


def set_price(
    prices: Prices, price_list: PriceList, tier: TierPrice, *, variant_id: str, at: datetime
) -> tuple[PriceSet, ...]:
    """Set one price from now on, or take it away; nothing where it is so already.

    A schedule that runs is overruled, and what is set here also holds when it ends. With `since`
    the price has held since then by what was noted elsewhere, such as in a shop that moves here.
    """
    check_place(prices, price_list.price_list_id, tier.minimum_quantity)
    if tier.price is not None:
        check_price(price_list, tier.price)
    place = prices.tier(price_list.price_list_id, tier.minimum_quantity)
    if place.now == tier.price == place.after:
        return ()
    if tier.since is not None:
        _check_history(place, tier.since, at)
    price = tier.price
    return (
        PriceSet(
            variant_id,
            price_list.price_list_id,
            tier.minimum_quantity,
            price and price.amount,
            price and price.list_price,
            tier.since,
        ),
    )


def _check_history(place: Tier, since: datetime, at: datetime) -> None:
    if since > at:
        raise HistoryOutOfOrder("what is to come is scheduled; this is about what was")
    set_here = place.since is None and (place.now is not None or place.after is not None)
    if set_here or (place.since is not None and since <= place.since):
        raise HistoryOutOfOrder("what a price was is told oldest first, before one is set here")


def missing_tiers(
    prices: Prices, price_list: PriceList, wanted: Sequence[TierPrice]
) -> tuple[TierPrice, ...]:
    """Name the prices of a list that a whole table of tiers leaves out, to be taken away."""
    quantities = [tier.minimum_quantity for tier in wanted]
    if len(set(quantities)) != len(quantities):
        raise MinimumQuantityInvalid("a minimum quantity is named twice")
    return tuple(
        TierPrice(tier.minimum_quantity, None)
        for tier in prices.tiers
        if tier.price_list_id == price_list.price_list_id
        and tier.minimum_quantity not in quantities
    )


def check_place(prices: Prices, price_list_id: str, minimum_quantity: int) -> None:
    """Refuse a minimum quantity that can not be, and a price too many."""
    if not 1 <= minimum_quantity <= MINIMUM_QUANTITY_MAX:
        raise MinimumQuantityInvalid(
            f"a minimum quantity lies between 1 and {MINIMUM_QUANTITY_MAX}"
        )
    places = {tier.place for tier in prices.tiers} | {one.place for one in prices.schedules}
    if (price_list_id, minimum_quantity) not in places and len(places) >= TIERS_MAX:
        raise TooManyTiers(f"a variant has {TIERS_MAX} prices at most", limit=TIERS_MAX)


def check_price(price_list: PriceList, price: Price) -> None:
    """Refuse a price of another currency than its list's, and one that is crossed out below it."""
    for amount in (price.amount, price.list_price):
        if amount is None:
            continue
        if amount.currency != price_list.currency:
            raise CurrencyMismatch(
                f"this list is in {price_list.currency}",
                expected=price_list.currency,
                found=amount.currency,
            )
        if not 0 <= amount.minor <= AMOUNT_MINOR_MAX:
            raise PriceInvalid("a price is not below zero")
    if price.list_price is not None and price.list_price < price.amount:
        raise ListPriceTooLow("what is crossed out is not less than the price")
