"""Find stock: of a variant at a location, or wherever it can be."""

from collections.abc import Iterable

from application.book import Book
from domain.stock.events import RANKING_KEY
from domain.stock.locations import Ranking, check_known
from domain.stock.stock import NO_STOCK, Place, Stock


def ranking_of(book: Book) -> Ranking:
    """Give all locations, in the order in which they are asked."""
    return book.find(Ranking, RANKING_KEY) or Ranking()


def place_of(book: Book, *, variant_id: str, location_id: str) -> Place:
    """Name a variant at a location; refuse what is no location."""
    check_known(ranking_of(book), location_id)
    return Place(variant_id, location_id)


def stock_at(book: Book, place: Place) -> Stock:
    """Give the stock at a place; where nothing ever was, there is none."""
    return book.find(Stock, place.key) or NO_STOCK


def stocks_at(book: Book, places: Iterable[Place]) -> dict[Place, Stock]:
    """Give the stock at several places, fetched together."""
    asked = list(dict.fromkeys(places))
    found = book.find_all(Stock, [place.key for place in asked])
    return {place: stock or NO_STOCK for place, stock in zip(asked, found, strict=True)}


def everywhere(book: Book, variant_ids: Iterable[str]) -> list[Place]:
    """Name variants at every location."""
    ranked = ranking_of(book).location_ids
    return [Place(variant, location) for variant in variant_ids for location in ranked]


def available_anywhere(book: Book, variant_id: str) -> bool:
    """Tell whether a variant can be bought from any location."""
    return any(
        stock.promisable > 0 for stock in stocks_at(book, everywhere(book, [variant_id])).values()
    )
