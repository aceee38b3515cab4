"""Find stock: of a variant at a location, or wherever it can be; and record what happens to it."""

from collections.abc import Iterable

from application.book import Book
from domain.kernel.events import Event
from domain.stock import location_uses
from domain.stock.events import MAIN_LOCATION, RANKING_KEY
from domain.stock.location_uses import LocationUse
from domain.stock.locations import Location, Ranking, not_open
from domain.stock.stock import NO_STOCK, Place, Stock


def ranking_of(book: Book) -> Ranking:
    """Give all open locations, in the order in which they are asked."""
    return book.find(Ranking, RANKING_KEY) or Ranking()


def place_of(book: Book, *, variant_id: str, location_id: str) -> Place:
    """Name a variant at a location; refuse what is no location, or closed."""
    check_open(book, location_id)
    return Place(variant_id, location_id)


def check_open(book: Book, *location_ids: str) -> None:
    """Refuse locations at which nothing can be; what is counted at the others is at hand then."""
    counted = ((LocationUse, one) for one in location_ids if one != MAIN_LOCATION)
    book.need((Ranking, RANKING_KEY), *counted)
    ranked = ranking_of(book).location_ids
    for location_id in location_ids:
        if location_id not in ranked:
            raise not_open(book.find(Location, location_id), location_id)


def record(book: Book, *events: Event) -> None:
    """Record what happens to stock, and how many variants are in use where from then on.

    The one way in which stock changes: a location is closed by that count.
    """
    counted = location_uses.counted(events)
    if counted:
        stocks = stocks_at(book, (Place(one.variant_id, one.location_id) for one in counted))
        changes = location_uses.changes(stocks, counted)
        book.need(*((LocationUse, change.location_id) for change in changes))
        events = (*events, *changes)
    book.record(*events)


def stock_at(book: Book, place: Place) -> Stock:
    """Give the stock at a place; where nothing ever was, there is none."""
    return book.find(Stock, place.key) or NO_STOCK


def stocks_at(book: Book, places: Iterable[Place]) -> dict[Place, Stock]:
    """Give the stock at several places, fetched together."""
    asked = list(dict.fromkeys(places))
    found = book.find_all(Stock, [place.key for place in asked])
    return {place: stock or NO_STOCK for place, stock in zip(asked, found, strict=True)}


def everywhere(book: Book, variant_ids: Iterable[str]) -> list[Place]:
    """Name variants at every open location."""
    ranked = ranking_of(book).location_ids
    return [Place(variant, location) for variant in variant_ids for location in ranked]


def available_anywhere(book: Book, variant_id: str) -> bool:
    """Tell whether a variant can be bought from any location."""
    return any(
        stock.promisable > 0 for stock in stocks_at(book, everywhere(book, [variant_id])).values()
    )
