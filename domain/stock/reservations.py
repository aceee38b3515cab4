"""Stock that is kept for somebody: issued, released or expired, and ended exactly once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import ClassVar, NamedTuple

from domain.kernel.refusals import Invalid, NotFound, RuleBroken
from domain.stock.events import (
    ReservedStockIssued,
    StockEvent,
    StockMoved,
    StockReleased,
    StockReserved,
)
from domain.stock.movements import Reason
from domain.stock.reservation_events import (
    Line,
    ReservationEvent,
    ReservationExpired,
    ReservationExtended,
    ReservationIssued,
    ReservationPlaced,
    ReservationReleased,
)
from domain.stock.stock import Place, Stock, check_quantity, insufficient, told

LINES_MAX = 200
LASTS_MAX = timedelta(days=366)


class ReservationNotFound(NotFound):
    """There is no such reservation."""

    code = "stock.reservation_not_found"


class ReservationExists(RuleBroken):
    """A reservation with this id was placed before."""

    code = "stock.reservation_exists"


class ReservationEnded(RuleBroken):
    """The reservation was issued in full, released, or has expired."""

    code = "stock.reservation_ended"


class ReservationNotDue(RuleBroken):
    """The reservation does not expire yet, or never."""

    code = "stock.reservation_not_due"


class ReservationExpiryInvalid(Invalid):
    """A reservation expires in the future, and within a year."""

    code = "stock.reservation_expiry_invalid"


class LinesInvalid(Invalid):
    """A reservation has some lines, and a limited number of them."""

    code = "stock.lines_invalid"


class NotReserved(RuleBroken):
    """More would be issued than the reservation keeps."""

    code = "stock.not_reserved"


class Wanted(NamedTuple):
    """Units of a variant, from a location or (None) from wherever they are."""

    variant_id: str
    quantity: int
    location_id: str | None = None


@dataclass(frozen=True, slots=True)
class Reservation:
    """What is still kept; without lines it has ended."""

    CATEGORY: ClassVar[str] = "stock_reservation"
    FOLD_VERSION: ClassVar[int] = 1

    reservation_id: str
    lines: tuple[Line, ...]
    expires_at: datetime | None

    @classmethod
    def evolve(cls, state: "Reservation | None", event: ReservationEvent) -> "Reservation":
        if isinstance(event, ReservationPlaced):
            return cls(event.reservation_id, event.lines, event.expires_at)
        assert state is not None
        match event:
            case ReservationExtended():
                return replace(state, expires_at=event.expires_at)
            case ReservationIssued():
                return replace(state, lines=event.left)
            case ReservationReleased() | ReservationExpired():
                return replace(state, lines=())
            case _:
                raise AssertionError(event)


Stocks = Mapping[Place, Stock]
Moves = tuple[StockEvent | ReservationEvent, ...]


def check_lines(wanted: Sequence[Wanted]) -> None:
    """Refuse what no stock could be kept for."""
    if not 1 <= len(wanted) <= LINES_MAX:
        raise LinesInvalid(f"there are 1 to {LINES_MAX} lines")
    for line in wanted:
        check_quantity(line.quantity)


def allocate(wanted: Iterable[Wanted], stocks: Stocks, ranking: Sequence[str]) -> tuple[Line, ...]:
    """Say from where every unit is taken, or refuse all of them.

    A line that names no location is taken from the first in the ranking that has all of it; else
    from several, in their order; what is still missing then, from the first that backorders.
    """
    left = dict(stocks)
    taken: dict[Place, int] = {}

    def take(place: Place, quantity: int) -> None:
        taken[place] = taken.get(place, 0) + quantity
        left[place] = replace(left[place], reserved=left[place].reserved + quantity)

    # Who names a location is served first: the others can still be served from elsewhere.
    for variant_id, quantity, location_id in sorted(wanted, key=lambda line: not line.location_id):
        asked = ranking if location_id is None else (location_id,)
        places = [Place(variant_id, one) for one in asked]
        for place, units in _shares([(place, left[place]) for place in places], quantity):
            take(place, units)
    return tuple(Line(*place, units) for place, units in taken.items())


def _shares(stocks: Sequence[tuple[Place, Stock]], quantity: int) -> list[tuple[Place, int]]:
    for place, stock in stocks:
        if stock.free >= quantity:
            return [(place, quantity)]
    shares: list[tuple[Place, int]] = []
    missing = quantity
    for promised in (False, True):
        for place, stock in stocks:
            there = max(stock.free, 0)
            room = stock.promisable - there if promised else there
            units = min(room, missing)
            if units > 0:
                shares.append((place, units))
                missing -= units
    if missing:
        raise insufficient(stocks[0][0], there=quantity - missing, asked=quantity)
    return shares


def place(  # noqa: PLR0913 - the fields of a reservation
    existing: Reservation | None,
    lines: tuple[Line, ...],
    stocks: Stocks,
    *,
    reservation_id: str,
    at: datetime,
    expires_at: datetime | None,
    reference: str | None,
) -> Moves:
    """Keep units that were allocated."""
    if existing is not None:
        raise ReservationExists("a reservation with this id was placed before")
    _check_expiry(expires_at, at)
    kept = [
        event
        for line in lines
        for event in told(
            stocks[_place(line)],
            _place(line),
            StockReserved(*_place(line), reservation_id, line.quantity),
        )
    ]
    return (*kept, ReservationPlaced(reservation_id, lines, expires_at, reference))


def extend(
    reservation: Reservation, *, at: datetime, expires_at: datetime | None
) -> tuple[ReservationExtended, ...]:
    """Let a reservation end at another time, or by itself no more: an order was paid."""
    _check_open(reservation)
    _check_expiry(expires_at, at)
    if expires_at == reservation.expires_at:
        return ()
    return (ReservationExtended(reservation.reservation_id, expires_at),)


def part_of(reservation: Reservation, wanted: Iterable[Wanted]) -> tuple[Line, ...]:
    """Find what is to be issued among what is kept, line after line."""
    left = {_place(line): line.quantity for line in reservation.lines}
    taken: dict[Place, int] = {}
    for variant_id, quantity, location_id in wanted:
        missing = quantity
        for one, there in left.items():
            if one.variant_id == variant_id and location_id in {None, one.location_id}:
                units = min(missing, there - taken.get(one, 0))
                missing -= units
                taken[one] = taken.get(one, 0) + units
        if missing:
            raise NotReserved(
                "the reservation keeps less than asked for",
                variant_id=variant_id,
                reserved=quantity - missing,
                asked=quantity,
            )
    return tuple(Line(*one, units) for one, units in taken.items() if units)


def issue(
    reservation: Reservation,
    lines: tuple[Line, ...],
    stocks: Stocks,
    *,
    movement_ids: Sequence[str],
) -> Moves:
    """Let kept units go to whom they were kept for; what lies on no shelf yet can not go."""
    _check_open(reservation)
    moves: list[StockEvent] = []
    for line, movement_id in zip(lines, movement_ids, strict=True):
        place_, stock = _place(line), stocks[_place(line)]
        if stock.on_hand < line.quantity:
            raise insufficient(place_, there=stock.on_hand, asked=line.quantity)
        moves += told(
            stock,
            place_,
            StockMoved(
                *place_,
                movement_id,
                -line.quantity,
                Reason.SOLD.value,
                reservation.reservation_id,
            ),
            ReservedStockIssued(*place_, reservation.reservation_id, line.quantity),
        )
    gone = {_place(line): line.quantity for line in lines}
    left = tuple(
        replace(line, quantity=line.quantity - gone.get(_place(line), 0))
        for line in reservation.lines
    )
    still = tuple(line for line in left if line.quantity)
    return (*moves, ReservationIssued(reservation.reservation_id, lines, still))


def release(reservation: Reservation, stocks: Stocks) -> Moves:
    """Let what is kept go free."""
    _check_open(reservation)
    ended = ReservationReleased(reservation.reservation_id, reservation.lines)
    return (*_freed(reservation, stocks), ended)


def expire(reservation: Reservation, stocks: Stocks, *, at: datetime) -> Moves:
    """Let what is kept go free, for its time is over."""
    _check_open(reservation)
    if reservation.expires_at is None or at < reservation.expires_at:
        raise ReservationNotDue("the reservation does not expire yet")
    ended = ReservationExpired(reservation.reservation_id, reservation.lines)
    return (*_freed(reservation, stocks), ended)


def _freed(reservation: Reservation, stocks: Stocks) -> list[StockEvent]:
    return [
        event
        for line in reservation.lines
        for event in told(
            stocks[_place(line)],
            _place(line),
            StockReleased(*_place(line), reservation.reservation_id, line.quantity),
        )
    ]


def _place(line: Line) -> Place:
    return Place(line.variant_id, line.location_id)


def _check_open(reservation: Reservation) -> None:
    if not reservation.lines:
        raise ReservationEnded("the reservation was issued in full, released, or has expired")


def _check_expiry(expires_at: datetime | None, at: datetime) -> None:
    if expires_at is not None and not at < expires_at <= at + LASTS_MAX:
        raise ReservationExpiryInvalid(
            f"a reservation expires in the future, within {LASTS_MAX.days} days", now=at.isoformat()
        )
