"""Prices as tests speak of them: a mug, a list for dealers, and what happened to the mug."""

from datetime import datetime, timedelta

from domain.catalog.content import Text
from domain.catalog.events import ProductCreated
from domain.catalog.variant_events import VariantAdded
from domain.kernel.events import Event
from domain.pricing.events import (
    STANDARD_LIST,
    PriceBegan,
    PriceEnded,
    PriceListDefined,
    PriceScheduled,
    PriceSet,
    ScheduleCancelled,
)
from tests.kit.scenario import NOW
from tests.kit.wallets import BOOKS, lira

PRODUCT, MUG, SCHEDULE, DEALERS = "prd_mug", "var_mug", "sch_1", "plt_dealers"
TOMORROW, IN_A_WEEK = NOW + timedelta(days=1), NOW + timedelta(days=7)

DEALER_LIST = PriceListDefined(DEALERS, "Dealers", "TRY", None, "dealers", 10, tax_included=False)
SHOP: tuple[Event, ...] = (
    BOOKS,
    ProductCreated(PRODUCT, "mug", {"tr": Text("Kupa")}),
    VariantAdded(PRODUCT, MUG, "MUG-1", None, None, {}, None),
    DEALER_LIST,
)
"""A shop in lira that sells a mug, and has a list of net prices for its dealers."""


def price(
    minor: int | None,
    crossed_out: int | None = None,
    *,
    quantity: int = 1,
    price_list_id: str = STANDARD_LIST,
) -> PriceSet:
    """The mug costs this from now on."""
    return PriceSet(
        MUG,
        price_list_id,
        quantity,
        None if minor is None else lira(minor),
        None if crossed_out is None else lira(crossed_out),
    )


def scheduled(
    minor: int = 800,
    *,
    schedule_id: str = SCHEDULE,
    begins_at: datetime = TOMORROW,
    ends_at: datetime | None = IN_A_WEEK,
    quantity: int = 1,
) -> PriceScheduled:
    """The mug is to cost this in the standard list."""
    place = MUG, STANDARD_LIST, quantity, schedule_id
    return PriceScheduled(*place, lira(minor), None, begins_at, ends_at)


def began(
    minor: int = 800, *, schedule_id: str = SCHEDULE, ends_at: datetime | None = IN_A_WEEK
) -> PriceBegan:
    """It does."""
    return PriceBegan(MUG, STANDARD_LIST, 1, schedule_id, lira(minor), None, ends_at)


def ended(minor: int | None, *, schedule_id: str = SCHEDULE) -> PriceEnded:
    """It does no longer, and costs this instead."""
    amount = None if minor is None else lira(minor)
    return PriceEnded(MUG, STANDARD_LIST, 1, schedule_id, amount, None)


def cancelled(schedule_id: str = SCHEDULE, *, quantity: int = 1) -> ScheduleCancelled:
    """It never will."""
    return ScheduleCancelled(MUG, STANDARD_LIST, quantity, schedule_id)
