"""What the stories of stock begin with: two variants of a product, and what lies on shelves."""

from datetime import datetime

from domain.catalog.content import Option, Text
from domain.catalog.events import ProductCreated
from domain.catalog.variant_events import OptionsChosen, VariantAdded
from domain.kernel.events import Event
from domain.stock.events import (
    MAIN_LOCATION,
    LocationOpened,
    LocationsRanked,
    LocationUseChanged,
    StockLevelCrossed,
    StockMoved,
    StockPolicySet,
    StockReserved,
)
from domain.stock.reservation_events import Line, ReservationPlaced

PRODUCT = "prd_mug1"
RED, BLUE = "var_red1", "var_blue1"
SHOP = "loc_shop"

MUGS = (
    ProductCreated(PRODUCT, "mug", {"tr": Text("Kupa"), "en": Text("Mug")}),
    OptionsChosen(PRODUCT, (Option("colour", ("red", "blue")),)),
    VariantAdded(PRODUCT, RED, "MUG-R", None, None, {"colour": "red"}, None),
    VariantAdded(PRODUCT, BLUE, "MUG-B", None, None, {"colour": "blue"}, None),
)
TWO_PLACES = (
    *MUGS,
    LocationOpened(SHOP, "Shop"),
    LocationsRanked(("main", SHOP)),
)


def received(variant: str, quantity: int, location: str = MAIN_LOCATION) -> tuple[Event, ...]:
    """Let the first units of a variant lie at a location."""
    came = (
        StockMoved(variant, location, f"mov_{location}", quantity, "received", None),
        StockLevelCrossed(variant, location, "in", quantity, "out"),
    )
    return came if location == MAIN_LOCATION else (*came, LocationUseChanged(location, 1))


def handled(
    variant: str,
    *,
    safety: int = 0,
    low_at: int = 0,
    backorder: bool = False,
    limit: int | None = None,
    location: str = "main",
) -> StockPolicySet:
    """Set how a variant is handled at a location."""
    return StockPolicySet(variant, location, safety, low_at, backorder, limit)


def kept(
    quantity: int, expires_at: datetime | None, *, location: str = "main", name: str = "rsv_1"
) -> tuple[Event, Event]:
    """Let some red mugs be reserved, fewer than there are."""
    return (
        StockReserved(RED, location, name, quantity),
        ReservationPlaced(name, (Line(RED, location, quantity),), expires_at, "ord_7"),
    )
