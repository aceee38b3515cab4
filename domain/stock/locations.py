"""Where stock can be: every tenant has a main location, opens others, and closes them again."""

from dataclasses import dataclass, replace
from typing import ClassVar

from domain.kernel.refusals import Invalid, NotFound, Refusal, RuleBroken
from domain.stock.events import (
    MAIN_LOCATION,
    LocationClosed,
    LocationOpened,
    LocationRenamed,
    LocationReopened,
    LocationsRanked,
)
from domain.stock.location_uses import LocationUse
from domain.stock.stock_takes import StockTakeUnderWay

LOCATIONS_MAX = 100
"""So many locations are open at most."""

REASON_LENGTH_MAX = 120


class LocationNotFound(NotFound):
    """There is no such location."""

    code = "stock.location_not_found"


class LocationExists(RuleBroken):
    """A location with this id was opened before."""

    code = "stock.location_exists"


class TooManyLocations(RuleBroken):
    """A tenant has a limited number of open locations."""

    code = "stock.too_many_locations"


class LocationIsClosed(RuleBroken):
    """Nothing is at a closed location, and nothing comes there."""

    code = "stock.location_closed"


class LocationInUse(RuleBroken):
    """Something is at the location, is kept there, or promised from there."""

    code = "stock.location_in_use"


class MainLocationStays(RuleBroken):
    """The main location is meant wherever none is named, so it is never closed."""

    code = "stock.main_location_stays"


class RankingInvalid(Invalid):
    """A ranking names every open location once."""

    code = "stock.ranking_invalid"


@dataclass(frozen=True, slots=True)
class Location:
    """A place that was named; the main one may never have been."""

    CATEGORY: ClassVar[str] = "stock_location"
    FOLD_VERSION: ClassVar[int] = 2

    name: str
    closed: bool = False

    @classmethod
    def evolve(
        cls,
        state: "Location | None",
        event: LocationOpened | LocationRenamed | LocationClosed | LocationReopened,
    ) -> "Location":
        if isinstance(event, LocationOpened | LocationRenamed):
            return cls(event.name, closed=state is not None and state.closed)
        assert state is not None
        return replace(state, closed=isinstance(event, LocationClosed))


@dataclass(frozen=True, slots=True)
class Ranking:
    """All open locations of a tenant, in the order in which they are asked for stock."""

    CATEGORY: ClassVar[str] = "stock_ranking"
    FOLD_VERSION: ClassVar[int] = 1

    location_ids: tuple[str, ...] = (MAIN_LOCATION,)

    @classmethod
    def evolve(cls, state: "Ranking | None", event: LocationsRanked) -> "Ranking":  # noqa: ARG003 - only the last counts
        return cls(event.location_ids)


def open_location(
    location: Location | None, ranking: Ranking, *, location_id: str, name: str
) -> tuple[LocationOpened, LocationsRanked]:
    """Open a location, which is asked last."""
    if location is not None or location_id == MAIN_LOCATION:
        raise LocationExists("a location with this id was opened before")
    return LocationOpened(location_id, name), _asked_last(ranking, location_id)


def rename(
    location: Location | None, *, location_id: str, name: str
) -> tuple[LocationRenamed, ...]:
    """Call a location something else, open or closed; the same name changes nothing."""
    _check_known(location, location_id)
    if location is not None and location.name == name:
        return ()
    return (LocationRenamed(location_id, name),)


def close(  # noqa: PLR0913 - all that may be at a location
    location: Location | None,
    ranking: Ranking,
    use: LocationUse | None,
    *,
    location_id: str,
    stock_take: str | None,
    reason: str | None,
) -> tuple[LocationClosed | LocationsRanked, ...]:
    """Close a location that is empty; `stock_take` is the stream of the one that counts it now.

    A closed one stays as it is. What is on its way is at the location that it leads to: a transfer
    takes no time.
    """
    _check_known(location, location_id)
    if location_id == MAIN_LOCATION:
        raise MainLocationStays(
            "the main location is meant wherever none is named; rename it, or rank it last"
        )
    if location is not None and location.closed:
        return ()
    if stock_take is not None:
        raise StockTakeUnderWay(
            "the location is being counted; close or cancel that stock-take first",
            stock_take_id=stock_take.partition("-")[2],
        )
    if use is not None and use.variants:
        raise LocationInUse(
            "variants have stock there, are reserved, or may be backordered: transfer or correct"
            " what is there, end the reservations, and allow no backorders first",
            location_id=location_id,
            variants=use.variants,
        )
    left = tuple(one for one in ranking.location_ids if one != location_id)
    return LocationClosed(location_id, reason), LocationsRanked(left)


def reopen(
    location: Location | None, ranking: Ranking, *, location_id: str
) -> tuple[LocationReopened | LocationsRanked, ...]:
    """Let stock be at a closed location again, which is asked last; an open one stays as it is."""
    _check_known(location, location_id)
    if location is None or not location.closed:
        return ()
    return LocationReopened(location_id), _asked_last(ranking, location_id)


def rank(ranking: Ranking, location_ids: tuple[str, ...]) -> tuple[LocationsRanked, ...]:
    """Let locations be asked in another order."""
    if sorted(location_ids) != sorted(ranking.location_ids):
        raise RankingInvalid("name every open location once")
    return () if location_ids == ranking.location_ids else (LocationsRanked(location_ids),)


def not_open(location: Location | None, location_id: str) -> Refusal:
    """Say why nothing can be at a location that is not among those asked for stock."""
    if location is None:
        return LocationNotFound("there is no such location", location_id=location_id)
    return LocationIsClosed(
        "the location is closed; reopen it, or name another one", location_id=location_id
    )


def _check_known(location: Location | None, location_id: str) -> None:
    if location is None and location_id != MAIN_LOCATION:
        raise LocationNotFound("there is no such location", location_id=location_id)


def _asked_last(ranking: Ranking, location_id: str) -> LocationsRanked:
    if len(ranking.location_ids) >= LOCATIONS_MAX:
        raise TooManyLocations(f"there are {LOCATIONS_MAX} open locations at most")
    return LocationsRanked((*ranking.location_ids, location_id))
