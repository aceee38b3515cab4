"""Keep stock for somebody. What sells calls `reserve`, `issue` and `release` in its own command."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from application.book import Book, together
from application.catalog.finding import product_of
from application.stock.places import check_open, everywhere, ranking_of, record, stocks_at
from domain.stock import reservations
from domain.stock.reservation_events import Line
from domain.stock.reservations import Reservation, ReservationNotFound, Stocks, Wanted
from domain.stock.stock import Place


def reserve(
    book: Book,
    lines: Sequence[Wanted],
    *,
    lasts_seconds: int | None,
    reference: str | None = None,
    reservation_id: str | None = None,
) -> str:
    """Keep all of the lines or none, for some time or (None) until it is ended; gives the id.

    Refuses with `stock.insufficient`. A line without a location is served by the first location in
    the tenant's ranking that has all of it, else by several.
    """
    reservations.check_lines(lines)
    together(lambda line: product_of(book, line.variant_id), lines)
    check_open(book, *(line.location_id for line in lines if line.location_id is not None))
    places = everywhere(book, [one.variant_id for one in lines if one.location_id is None])
    named = [Place(one.variant_id, one.location_id) for one in lines if one.location_id is not None]
    stocks = stocks_at(book, [*places, *named])
    reservation_id = reservation_id or book.new_id("rsv")
    record(
        book,
        *reservations.place(
            book.find(Reservation, reservation_id),
            reservations.allocate(lines, stocks, ranking_of(book).location_ids),
            stocks,
            reservation_id=reservation_id,
            at=book.now,
            expires_at=None
            if lasts_seconds is None
            else book.now + timedelta(seconds=lasts_seconds),
            reference=reference,
        ),
    )
    return reservation_id


def extend(book: Book, reservation_id: str, *, expires_at: datetime | None) -> None:
    """Let a reservation end at another time, or by itself no more."""
    kept = _known(book, reservation_id)
    book.record(*reservations.extend(kept, at=book.now, expires_at=expires_at))


def issue(book: Book, reservation_id: str, wanted: Sequence[Wanted] | None = None) -> None:
    """Let kept units go to whom they were kept for: those wanted, else all that is left."""
    kept = _known(book, reservation_id)
    lines = kept.lines
    if wanted is not None:
        reservations.check_lines(wanted)
        lines = reservations.part_of(kept, wanted)
    movement_ids = [book.new_id("mov") for _ in lines]
    stocks = _stocks(book, lines)
    record(book, *reservations.issue(kept, lines, stocks, movement_ids=movement_ids))


def release(book: Book, reservation_id: str) -> None:
    """Let what is kept go free, which ends the reservation."""
    kept = _known(book, reservation_id)
    record(book, *reservations.release(kept, _stocks(book, kept.lines)))


@dataclass(frozen=True, slots=True)
class ReserveStock:
    """Keep stock for somebody: all of the lines or none."""

    NAME: ClassVar[str] = "stock.reserve"

    lines: tuple[Wanted, ...]
    lasts_seconds: int | None
    reference: str | None = None
    reservation_id: str | None = None


@dataclass(frozen=True, slots=True)
class ReservationResult:
    """What a reservation still keeps, and until when; without lines it has ended."""

    reservation_id: str
    lines: tuple[Line, ...]
    expires_at: datetime | None


def reserve_stock(command: ReserveStock, book: Book) -> ReservationResult:
    """Reserve."""
    reservation_id = reserve(
        book,
        command.lines,
        lasts_seconds=command.lasts_seconds,
        reference=command.reference,
        reservation_id=command.reservation_id,
    )
    return _told(book, reservation_id)


@dataclass(frozen=True, slots=True)
class ExtendReservation:
    """Let a reservation end at another time, or (null) by itself no more."""

    NAME: ClassVar[str] = "stock.extend_reservation"

    reservation_id: str
    expires_at: datetime | None


def extend_reservation(command: ExtendReservation, book: Book) -> ReservationResult:
    """Extend it."""
    extend(book, command.reservation_id, expires_at=command.expires_at)
    return _told(book, command.reservation_id)


@dataclass(frozen=True, slots=True)
class IssueReservation:
    """Let kept units go to whom they were kept for; without lines, all that is left.

    What is not issued stays kept until it is issued, released, or expires.
    """

    NAME: ClassVar[str] = "stock.issue_reservation"

    reservation_id: str
    lines: tuple[Wanted, ...] | None = None


def issue_reservation(command: IssueReservation, book: Book) -> ReservationResult:
    """Issue it."""
    issue(book, command.reservation_id, command.lines)
    return _told(book, command.reservation_id)


@dataclass(frozen=True, slots=True)
class ReleaseReservation:
    """Let what is kept go free, which ends the reservation."""

    NAME: ClassVar[str] = "stock.release_reservation"

    reservation_id: str


def release_reservation(command: ReleaseReservation, book: Book) -> ReservationResult:
    """Release it."""
    release(book, command.reservation_id)
    return _told(book, command.reservation_id)


@dataclass(frozen=True, slots=True)
class ExpireReservation:
    """End a reservation whose time is over; the timer that was set for it sends this."""

    NAME: ClassVar[str] = "stock.expire_reservation"

    reservation_id: str


def expire_reservation(command: ExpireReservation, book: Book) -> ReservationResult:
    """Let it expire."""
    kept = _known(book, command.reservation_id)
    record(book, *reservations.expire(kept, _stocks(book, kept.lines), at=book.now))
    return _told(book, command.reservation_id)


def _known(book: Book, reservation_id: str) -> Reservation:
    kept = book.find(Reservation, reservation_id)
    if kept is None:
        raise ReservationNotFound("there is no such reservation")
    return kept


def _stocks(book: Book, lines: Sequence[Line]) -> Stocks:
    return stocks_at(book, [Place(line.variant_id, line.location_id) for line in lines])


def _told(book: Book, reservation_id: str) -> ReservationResult:
    kept = _known(book, reservation_id)
    return ReservationResult(kept.reservation_id, kept.lines, kept.expires_at)
