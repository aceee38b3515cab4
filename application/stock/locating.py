"""Open locations, name them, say in which order they are asked for stock."""

from dataclasses import dataclass
from typing import ClassVar

from application.book import Book
from application.stock.places import ranking_of
from domain.stock import locations
from domain.stock.locations import Location


@dataclass(frozen=True, slots=True)
class OpenLocation:
    """Open a location: from now on stock can be there."""

    NAME: ClassVar[str] = "stock.open_location"

    name: str
    location_id: str | None = None


@dataclass(frozen=True, slots=True)
class LocationResult:
    """Which location."""

    location_id: str


def open_location(command: OpenLocation, book: Book) -> LocationResult:
    """Open it."""
    location_id = command.location_id or book.new_id("loc")
    opened = locations.open_location(ranking_of(book), location_id=location_id, name=command.name)
    book.record(*opened)
    return LocationResult(location_id)


@dataclass(frozen=True, slots=True)
class RenameLocation:
    """Call a location something else; the main one can be named like this, too."""

    NAME: ClassVar[str] = "stock.rename_location"

    location_id: str
    name: str


def rename_location(command: RenameLocation, book: Book) -> LocationResult:
    """Rename it."""
    location = book.find(Location, command.location_id)
    book.record(
        *locations.rename(
            location, ranking_of(book), location_id=command.location_id, name=command.name
        )
    )
    return LocationResult(command.location_id)


@dataclass(frozen=True, slots=True)
class RankLocations:
    """Say in which order locations are asked for stock: all of them."""

    NAME: ClassVar[str] = "stock.rank_locations"

    location_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RankingResult:
    """The order that holds now."""

    location_ids: tuple[str, ...]


def rank_locations(command: RankLocations, book: Book) -> RankingResult:
    """Rank them."""
    book.record(*locations.rank(ranking_of(book), command.location_ids))
    return RankingResult(ranking_of(book).location_ids)
