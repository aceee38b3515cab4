"""Count what is at a location and let the books follow."""

from dataclasses import dataclass
from typing import ClassVar

from application.book import Book, together
from application.catalog.finding import product_of
from application.stock.places import place_of, record, stocks_at
from domain.kernel.events import Claim
from domain.stock import stock_takes
from domain.stock.events import MAIN_LOCATION
from domain.stock.stock import Place, Stock
from domain.stock.stock_take_events import STOCK_TAKE_CLAIM
from domain.stock.stock_takes import StockTake, StockTakeNotFound


@dataclass(frozen=True, slots=True)
class StartStockTake:
    """Begin to count a location; one stock-take at a time counts it."""

    NAME: ClassVar[str] = "stock.start_take"

    location_id: str = MAIN_LOCATION
    stock_take_id: str | None = None


@dataclass(frozen=True, slots=True)
class StockTakeResult:
    """The stock-take, and how many variants it found another number of than the books had."""

    stock_take_id: str
    differing: int


def start_stock_take(command: StartStockTake, book: Book) -> StockTakeResult:
    """Start it."""
    location_id = place_of(book, variant_id="", location_id=command.location_id).location_id
    stock_take_id = command.stock_take_id or book.new_id("stk")
    book.record(
        *stock_takes.start(
            book.find(StockTake, stock_take_id),
            stock_take_id=stock_take_id,
            location_id=location_id,
            holder=book.owner(Claim(STOCK_TAKE_CLAIM, location_id)),
        )
    )
    return StockTakeResult(stock_take_id, 0)


@dataclass(frozen=True, slots=True)
class Counted:
    """So many units of a variant lie there."""

    variant_id: str
    quantity: int


@dataclass(frozen=True, slots=True)
class CountStock:
    """Note what was counted; who counts a variant again means the last count."""

    NAME: ClassVar[str] = "stock.count"

    stock_take_id: str
    counts: tuple[Counted, ...]


def count_stock(command: CountStock, book: Book) -> StockTakeResult:
    """Note the counts."""
    found = _known(book, command.stock_take_id)
    together(lambda one: product_of(book, one.variant_id), command.counts)
    counted = [(one.variant_id, one.quantity) for one in command.counts]
    stocks = _stocks(book, found, [variant_id for variant_id, _ in counted])
    book.record(*stock_takes.count(found, counted, stocks))
    return _told(book, command.stock_take_id)


@dataclass(frozen=True, slots=True)
class CloseStockTake:
    """Let the differences become movements. What moved since a count is taken into account."""

    NAME: ClassVar[str] = "stock.close_take"

    stock_take_id: str


def close_stock_take(command: CloseStockTake, book: Book) -> StockTakeResult:
    """Close it."""
    found = _known(book, command.stock_take_id)
    differing = stock_takes.differing_in(found)
    movement_ids = [book.new_id("mov") for _ in differing]
    stocks = _stocks(book, found, list(differing))
    record(book, *stock_takes.close(found, stocks, movement_ids=movement_ids))
    return StockTakeResult(found.stock_take_id, len(differing))


@dataclass(frozen=True, slots=True)
class CancelStockTake:
    """Throw away what was counted."""

    NAME: ClassVar[str] = "stock.cancel_take"

    stock_take_id: str


def cancel_stock_take(command: CancelStockTake, book: Book) -> StockTakeResult:
    """Cancel it."""
    book.record(*stock_takes.cancel(_known(book, command.stock_take_id)))
    return StockTakeResult(command.stock_take_id, 0)


def _known(book: Book, stock_take_id: str) -> StockTake:
    found = book.find(StockTake, stock_take_id)
    if found is None:
        raise StockTakeNotFound("there is no such stock-take")
    return found


def _stocks(book: Book, stock_take: StockTake, variant_ids: list[str]) -> dict[str, Stock]:
    places = [Place(variant_id, stock_take.location_id) for variant_id in variant_ids]
    return {place.variant_id: stock for place, stock in stocks_at(book, places).items()}


def _told(book: Book, stock_take_id: str) -> StockTakeResult:
    found = _known(book, stock_take_id)
    return StockTakeResult(stock_take_id, len(stock_takes.differing_in(found)))
