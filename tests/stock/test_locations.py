"""INV-02: where stock can be, and in which order it is asked for."""

import pytest

from application.stock.locating import (
    LocationResult,
    OpenLocation,
    RankingResult,
    RankLocations,
    RenameLocation,
)
from domain.stock.events import LocationOpened, LocationRenamed, LocationsRanked
from domain.stock.locations import (
    LOCATIONS_MAX,
    LocationExists,
    LocationNotFound,
    RankingInvalid,
    TooManyLocations,
)
from tests.kit.scenario import given, new_id
from tests.stock.shelves import SHOP, TWO_PLACES

pytestmark = pytest.mark.row("INV-02")


def test_a_location_is_opened_and_asked_last() -> None:
    made = new_id("loc")
    given().when(OpenLocation("Depot")).then(
        LocationOpened(made, "Depot"), LocationsRanked(("main", made))
    ).then_result(LocationResult(made))


def test_a_location_is_opened_once() -> None:
    given(*TWO_PLACES).when(OpenLocation("Shop", SHOP)).then_refused(LocationExists)
    given().when(OpenLocation("Main", "main")).then_refused(LocationExists)


def test_there_is_a_limited_number_of_locations() -> None:
    many = tuple(f"loc_{n:04}" for n in range(LOCATIONS_MAX))
    given(LocationsRanked(many)).when(OpenLocation("One more")).then_refused(TooManyLocations)


def test_a_location_is_renamed_and_the_main_one_is_named() -> None:
    story = given(*TWO_PLACES)
    story.when(RenameLocation(SHOP, "Corner")).then(LocationRenamed(SHOP, "Corner"))
    story.when(RenameLocation(SHOP, "Shop")).then()
    story.when(RenameLocation("main", "Depot")).then(LocationRenamed("main", "Depot"))
    story.when(RenameLocation("loc_none", "x")).then_refused(
        LocationNotFound, location_id="loc_none"
    )


def test_every_location_is_ranked_once() -> None:
    story = given(*TWO_PLACES)
    story.when(RankLocations((SHOP, "main"))).then(LocationsRanked((SHOP, "main"))).then_result(
        RankingResult((SHOP, "main"))
    )
    story.when(RankLocations(("main", SHOP))).then()
    for odd in (("main",), ("main", SHOP, SHOP), ("main", "loc_none")):
        story.when(RankLocations(odd)).then_refused(RankingInvalid)
