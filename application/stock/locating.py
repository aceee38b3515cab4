"""Open locations, name them, close them, say in which order they are asked for stock."""

from dataclasses import dataclass
from typing import ClassVar

from application.book import Book
from application.stock.places import ranking_of
from domain.kernel.events import Claim
from domain.stock import locations
from domain.stock.location_uses import LocationUse
from domain.stock.locations import Location
from domain.stock.stock_take_events import STOCK_TAKE_CLAIM


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
    existing = book.find(Location, location_id)
    book.record(
        *locations.open_location(
            existing, ranking_of(book), location_id=location_id, name=command.name
        )
    )
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
    book.record(*locations.rename(location, location_id=command.location_id, name=command.name))
    return LocationResult(command.location_id)


@dataclass(frozen=True, slots=True)
class CloseLocation:
    """Close a location at which nothing is: nothing comes there until it is reopened."""

    NAME: ClassVar[str] = "stock.close_location"

    location_id: str
    reason: str | None = None


def close_location(command: CloseLocation, book: Book) -> LocationResult:
    """Close it."""
    location_id = command.location_id
    book.need((Location, location_id), (LocationUse, location_id))
    book.record(
        *locations.close(
            book.find(Location, location_id),
            ranking_of(book),
            book.find(LocationUse, location_id),
            location_id=location_id,
            stock_take=book.owner(Claim(STOCK_TAKE_CLAIM, location_id)),
            reason=command.reason,
        )
    )
    return LocationResult(location_id)


@dataclass(frozen=True, slots=True)
class ReopenLocation:
    """Let stock be at a closed location again, which is asked last."""

    NAME: ClassVar[str] = "stock.reopen_location"

    location_id: str


def reopen_location(command: ReopenLocation, book: Book) -> LocationResult:
    """Reopen it."""
    location = book.find(Location, command.location_id)
    book.record(*locations.reopen(location, ranking_of(book), location_id=command.location_id))
    return LocationResult(command.location_id)


@dataclass(frozen=True, slots=True)
class RankLocations:
    """Say in which order locations are asked for stock: all open ones."""

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
