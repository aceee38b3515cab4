"""Every change of what is on hand is a movement with a reason."""

from collections.abc import Mapping
from enum import StrEnum

from domain.kernel.refusals import Invalid
from domain.stock.events import StockEvent, StockMoved
from domain.stock.stock import (
    QUANTITY_MAX,
    Place,
    QuantityInvalid,
    Stock,
    check_quantity,
    insufficient,
    told,
)

REFERENCE_LENGTH_MAX = 120


class Reason(StrEnum):
    """Why stock moved."""

    RECEIVED = "received"
    RETURNED = "returned"
    FOUND = "found"
    DAMAGED = "damaged"
    LOST = "lost"
    CORRECTED = "corrected"
    SOLD = "sold"
    COUNTED = "counted"
    SENT = "sent"
    ARRIVED = "arrived"


DIRECTIONS: Mapping[Reason, int] = {
    Reason.RECEIVED: 1,
    Reason.RETURNED: 1,
    Reason.FOUND: 1,
    Reason.DAMAGED: -1,
    Reason.LOST: -1,
}
"""What a reason does to what is on hand. A correction may do either; the others are not given."""


class SameLocation(Invalid):
    """A transfer leads to another location."""

    code = "stock.same_location"


class ReasonNotGiven(Invalid):
    """Sales, counts and transfers give their reason themselves."""

    code = "stock.reason_not_given"


def signed(quantity: int, reason: Reason) -> int:
    """Give what a movement adds to what is on hand; a correction says so itself."""
    if reason is Reason.CORRECTED:
        if not 1 <= abs(quantity) <= QUANTITY_MAX:
            raise QuantityInvalid("a correction adds units, or takes some away", quantity=quantity)
        return quantity
    if reason not in DIRECTIONS:
        raise ReasonNotGiven(f"nobody gives {reason} as the reason", reason=reason.value)
    check_quantity(quantity)
    return quantity * DIRECTIONS[reason]


def move(  # noqa: PLR0913 - the fields of a movement
    stock: Stock,
    place: Place,
    change: int,
    reason: Reason,
    *,
    movement_id: str,
    reference: str | None,
) -> tuple[StockEvent, ...]:
    """Let units come, or go as far as nobody waits for them; safety stock may go."""
    if change < 0:
        _check_unpromised(stock, place, -change)
    return told(stock, place, StockMoved(*place, movement_id, change, reason.value, reference))


def transfer(  # noqa: PLR0913 - two sides of a transfer
    source: Stock,
    target: Stock,
    quantity: int,
    *,
    variant_id: str,
    from_location: str,
    to_location: str,
    movement_id: str,
    reference: str | None,
) -> tuple[StockEvent, ...]:
    """Send units from one location to another: one movement with two sides."""
    if from_location == to_location:
        raise SameLocation("a transfer leads to another location")
    check_quantity(quantity)
    at, to = Place(variant_id, from_location), Place(variant_id, to_location)
    _check_unpromised(source, at, quantity)
    sent = StockMoved(*at, movement_id, -quantity, Reason.SENT.value, reference)
    arrived = StockMoved(*to, movement_id, quantity, Reason.ARRIVED.value, reference)
    return (*told(source, at, sent), *told(target, to, arrived))


def _check_unpromised(stock: Stock, place: Place, quantity: int) -> None:
    unpromised = max(stock.on_hand - stock.reserved, 0)
    if quantity > unpromised:
        raise insufficient(place, there=unpromised, asked=quantity)
