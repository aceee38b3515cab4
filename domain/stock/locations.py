"""Where stock can be: every tenant has a main location, and opens others."""

from dataclasses import dataclass
from typing import ClassVar

from domain.kernel.refusals import Invalid, NotFound, RuleBroken
from domain.stock.events import (
    MAIN_LOCATION,
    LocationOpened,
    LocationRenamed,
    LocationsRanked,
)

LOCATIONS_MAX = 100
NAME_LENGTH_MAX = 120


class LocationNotFound(NotFound):
    """There is no such location."""

    code = "stock.location_not_found"


class LocationExists(RuleBroken):
    """A location with this id was opened before."""

    code = "stock.location_exists"


class TooManyLocations(RuleBroken):
    """A tenant has a limited number of locations."""

    code = "stock.too_many_locations"


class RankingInvalid(Invalid):
    """A ranking names every location once."""

    code = "stock.ranking_invalid"


@dataclass(frozen=True, slots=True)
class Location:
    """A place that was named; the main one may never have been."""

    CATEGORY: ClassVar[str] = "stock_location"
    FOLD_VERSION: ClassVar[int] = 1

    name: str

    @classmethod
    def evolve(
        cls,
        state: "Location | None",  # noqa: ARG003 - only the last name counts
        event: LocationOpened | LocationRenamed,
    ) -> "Location":
        return cls(event.name)


@dataclass(frozen=True, slots=True)
class Ranking:
    """All locations of a tenant, in the order in which they are asked for stock."""

    CATEGORY: ClassVar[str] = "stock_ranking"
    FOLD_VERSION: ClassVar[int] = 1

    location_ids: tuple[str, ...] = (MAIN_LOCATION,)

    @classmethod
    def evolve(cls, state: "Ranking | None", event: LocationsRanked) -> "Ranking":  # noqa: ARG003 - only the last counts
        return cls(event.location_ids)


def open_location(
    ranking: Ranking, *, location_id: str, name: str
) -> tuple[LocationOpened, LocationsRanked]:
    """Open a location, which is asked last."""
    if location_id in ranking.location_ids:
        raise LocationExists("a location with this id was opened before")
    if len(ranking.location_ids) >= LOCATIONS_MAX:
        raise TooManyLocations(f"there are {LOCATIONS_MAX} locations at most")
    return (
        LocationOpened(location_id, name),
        LocationsRanked((*ranking.location_ids, location_id)),
    )


def rename(
    location: Location | None, ranking: Ranking, *, location_id: str, name: str
) -> tuple[LocationRenamed, ...]:
    """Call a location something else; the same name changes nothing."""
    check_known(ranking, location_id)
    if location is not None and location.name == name:
        return ()
    return (LocationRenamed(location_id, name),)


def rank(ranking: Ranking, location_ids: tuple[str, ...]) -> tuple[LocationsRanked, ...]:
    """Let locations be asked in another order."""
    if sorted(location_ids) != sorted(ranking.location_ids):
        raise RankingInvalid("name every location once")
    return () if location_ids == ranking.location_ids else (LocationsRanked(location_ids),)


def check_known(ranking: Ranking, location_id: str) -> None:
    """Refuse what is no location."""
    if location_id not in ranking.location_ids:
        raise LocationNotFound("there is no such location", location_id=location_id)
