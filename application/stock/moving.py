"""Move stock, transfer it between locations, say how it is handled."""

from dataclasses import dataclass
from typing import ClassVar

from application.book import Book, together
from application.catalog.finding import product_of
from application.stock.places import check_open, place_of, record, stock_at, stocks_at
from domain.stock import movements, stock
from domain.stock.movements import Reason
from domain.stock.reservations import LINES_MAX, LinesInvalid
from domain.stock.stock import Place, Policy


@dataclass(frozen=True, slots=True)
class MoveStock:
    """Let units of a variant come to a location or go, for a reason.

    The reason says whether they come or go; only a correction is negative where units go.
    """

    NAME: ClassVar[str] = "stock.move"

    variant_id: str
    location_id: str
    quantity: int
    reason: Reason
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class StockResult:
    """What stands at a place now."""

    variant_id: str
    location_id: str
    on_hand: int
    reserved: int
    available: int
    level: str


@dataclass(frozen=True, slots=True)
class MovementResult:
    """The movement, and what stands there now."""

    movement_id: str
    stock: StockResult


def move_stock(command: MoveStock, book: Book) -> MovementResult:
    """Move stock."""
    product_of(book, command.variant_id)
    place = place_of(book, variant_id=command.variant_id, location_id=command.location_id)
    movement_id = book.new_id("mov")
    record(
        book,
        *movements.move(
            stock_at(book, place),
            place,
            movements.signed(command.quantity, command.reason),
            command.reason,
            movement_id=movement_id,
            reference=command.reference,
        ),
    )
    return MovementResult(movement_id, standing_at(book, place))


@dataclass(frozen=True, slots=True)
class Moving:
    """So many units of a variant."""

    variant_id: str
    quantity: int


@dataclass(frozen=True, slots=True)
class TransferStock:
    """Send units from one location to another: all lines or none."""

    NAME: ClassVar[str] = "stock.transfer"

    from_location: str
    to_location: str
    lines: tuple[Moving, ...]
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class TransferResult:
    """The movements, in the order of the lines; each has two sides."""

    movement_ids: tuple[str, ...]


def transfer_stock(command: TransferStock, book: Book) -> TransferResult:
    """Transfer stock."""
    if not 1 <= len(command.lines) <= LINES_MAX:
        raise LinesInvalid(f"there are 1 to {LINES_MAX} lines")
    check_open(book, command.from_location, command.to_location)
    together(lambda line: product_of(book, line.variant_id), command.lines)
    stocks_at(book, [place for line in command.lines for place in _ends(command, line)])
    return TransferResult(tuple(_transferred(book, command, line) for line in command.lines))


def _transferred(book: Book, command: TransferStock, line: Moving) -> str:
    source, target = _ends(command, line)
    movement_id = book.new_id("mov")
    record(
        book,
        *movements.transfer(
            stock_at(book, source),
            stock_at(book, target),
            line.quantity,
            variant_id=line.variant_id,
            from_location=command.from_location,
            to_location=command.to_location,
            movement_id=movement_id,
            reference=command.reference,
        ),
    )
    return movement_id


def _ends(command: TransferStock, line: Moving) -> tuple[Place, Place]:
    ends = command.from_location, command.to_location
    return Place(line.variant_id, ends[0]), Place(line.variant_id, ends[1])


@dataclass(frozen=True, slots=True)
class SetStockPolicy:
    """Say how a variant is handled at a location: all of it."""

    NAME: ClassVar[str] = "stock.set_policy"

    variant_id: str
    location_id: str
    policy: Policy


def set_stock_policy(command: SetStockPolicy, book: Book) -> StockResult:
    """Set the policy."""
    product_of(book, command.variant_id)
    place = place_of(book, variant_id=command.variant_id, location_id=command.location_id)
    record(book, *stock.set_policy(stock_at(book, place), place, command.policy))
    return standing_at(book, place)


def standing_at(book: Book, place: Place) -> StockResult:
    """Tell what stands at a place now."""
    now = stock_at(book, place)
    return StockResult(*place, now.on_hand, now.reserved, now.available, now.reading.value)
