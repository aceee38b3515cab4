"""What happens to reservations: one stream for each. The stock that is kept tells its own part."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from domain.kernel.events import Event


@dataclass(frozen=True, slots=True)
class Line:
    """So many units of a variant at a location."""

    variant_id: str
    location_id: str
    quantity: int


class ReservationEvent(Event):
    """An event of a reservation's stream."""

    __slots__ = ()
    CATEGORY: ClassVar[str] = "stock_reservation"

    reservation_id: str

    @property
    def key(self) -> str:
        return self.reservation_id


@dataclass(frozen=True, slots=True)
class ReservationPlaced(ReservationEvent):
    """Stock is kept, until `expires_at` or (None) until somebody ends it.

    `reference` says for what, such as an order's id.
    """

    NAME: ClassVar[str] = "stock.reservation_placed"

    reservation_id: str
    lines: tuple[Line, ...]
    expires_at: datetime | None
    reference: str | None


@dataclass(frozen=True, slots=True)
class ReservationExtended(ReservationEvent):
    """A reservation ends at another time, or (None) no more by itself."""

    NAME: ClassVar[str] = "stock.reservation_extended"

    reservation_id: str
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class ReservationIssued(ReservationEvent):
    """Units went to whom they were kept for; what is `left` is still kept. None left ends it."""

    NAME: ClassVar[str] = "stock.reservation_issued"

    reservation_id: str
    lines: tuple[Line, ...]
    left: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class ReservationReleased(ReservationEvent):
    """Somebody ended a reservation; these units are free again."""

    NAME: ClassVar[str] = "stock.reservation_released"

    reservation_id: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class ReservationExpired(ReservationEvent):
    """A reservation came to its end; these units are free again."""

    NAME: ClassVar[str] = "stock.reservation_expired"

    reservation_id: str
    lines: tuple[Line, ...]
