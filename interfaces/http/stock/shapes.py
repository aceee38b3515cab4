"""What requests and answers about stock have in common."""

from typing import Annotated, Any

from pydantic import Field

from domain.kernel.ids import ID_PATTERN
from domain.stock.events import MAIN_LOCATION
from domain.stock.movements import REFERENCE_LENGTH_MAX
from domain.stock.reservation_events import Line
from domain.stock.reservations import LINES_MAX, Wanted
from domain.stock.stock import QUANTITY_MAX
from interfaces.http.routing.command import Asked
from interfaces.http.wire.fields import Body

LEVELS, MOVEMENTS, RESERVATIONS = "stock_levels", "stock_movements", "stock_reservations"
LOCATIONS, TAKES = "stock_locations", "stock_takes"
"""The read models."""

_ID = f"^{ID_PATTERN.pattern}$"
_LOCATION = f"^({MAIN_LOCATION}|{ID_PATTERN.pattern})$"

VariantId = Annotated[str, Field(pattern=_ID, examples=["var_01k3xq8m5wf2v9c7d4h6jt0b1n"])]
LocationId = Annotated[
    str, Field(pattern=_LOCATION, description="main, or one that is open", examples=["main"])
]
NewLocationId = Annotated[str, Field(pattern=_ID, examples=["loc_kadikoy"])]
ReservationId = Annotated[str, Field(pattern=_ID, examples=["rsv_01k3xq8m5wf2v9c7d4h6jt0b1n"])]
StockTakeId = Annotated[str, Field(pattern=_ID, examples=["stk_01k3xq8m5wf2v9c7d4h6jt0b1n"])]
Quantity = Annotated[int, Field(ge=1, le=QUANTITY_MAX, examples=[5])]
Reference = Annotated[
    str,
    Field(
        min_length=1,
        max_length=REFERENCE_LENGTH_MAX,
        pattern=r"^[ -~]+$",
        description="The paper it is about, such as a delivery note; nothing personal",
        examples=["delivery-4711"],
    ),
]


class NoBody(Body):
    """Nothing to say."""


class WantedBody(Body):
    """Units of a variant; without a location, from wherever the tenant's ranking finds them."""

    variant_id: VariantId
    quantity: Quantity
    location_id: LocationId | None = None

    def wanted(self) -> Wanted:
        """Give the line as the rules know it."""
        return Wanted(self.variant_id, self.quantity, self.location_id)


WantedLines = Annotated[list[WantedBody], Field(min_length=1, max_length=LINES_MAX)]
LineView = Line


def stream_of_place(asked: Asked[Any]) -> str:
    """Name the stream whose version If-Match means."""
    return f"stock-{asked.path['variant_id']}.{asked.path['location_id']}"
