"""INV-01, INV-02: a location is closed once nothing is there, and nothing comes to a closed one."""

import pytest

from application.stock.counting import (
    CancelStockTake,
    CloseStockTake,
    Counted,
    CountStock,
    StartStockTake,
)
from application.stock.locating import (
    CloseLocation,
    LocationResult,
    OpenLocation,
    RankLocations,
    RenameLocation,
    ReopenLocation,
)
from application.stock.moving import MoveStock, Moving, SetStockPolicy, TransferStock
from application.stock.reserving import IssueReservation, ReleaseReservation, ReserveStock
from domain.stock.events import (
    LocationClosed,
    LocationOpened,
    LocationRenamed,
    LocationReopened,
    LocationsRanked,
    LocationUseChanged,
    StockLevelCrossed,
    StockMoved,
    StockReserved,
)
from domain.stock.locations import (
    LOCATIONS_MAX,
    LocationExists,
    LocationInUse,
    LocationIsClosed,
    LocationNotFound,
    MainLocationStays,
    RankingInvalid,
    TooManyLocations,
)
from domain.stock.movements import Reason
from domain.stock.reservation_events import Line, ReservationPlaced
from domain.stock.reservations import Wanted
from domain.stock.stock import InsufficientStock, Policy
from domain.stock.stock_take_events import StockTakeClosed, StockTakeStarted
from domain.stock.stock_takes import StockTakeUnderWay
from tests.kit.scenario import given, new_id
from tests.stock.shelves import BLUE, RED, SHOP, TWO_PLACES, received

pytestmark = [pytest.mark.row("INV-01"), pytest.mark.row("INV-02")]
CLOSE = CloseLocation(SHOP)
CLOSED = (*TWO_PLACES, LocationClosed(SHOP, None), LocationsRanked(("main",)))


def move(quantity: int, reason: Reason = Reason.RECEIVED, variant: str = RED) -> MoveStock:
    return MoveStock(variant, SHOP, quantity, reason)


def test_a_location_at_which_nothing_is_is_closed() -> None:
    given(*TWO_PLACES).when(CloseLocation(SHOP, "The season is over")).then(
        LocationClosed(SHOP, "The season is over"), LocationsRanked(("main",))
    ).then_result(LocationResult(SHOP))


def test_a_closed_location_stays_closed() -> None:
    given(*CLOSED).when(CLOSE).then().then_result(LocationResult(SHOP))


def test_what_is_no_location_is_neither_closed_nor_reopened() -> None:
    for command in (CloseLocation("loc_none"), ReopenLocation("loc_none")):
        given(*TWO_PLACES).when(command).then_refused(LocationNotFound, location_id="loc_none")


def test_the_main_location_is_never_closed_so_one_is_always_open() -> None:
    for story in (given(), given(*TWO_PLACES), given(*CLOSED)):
        story.when(CloseLocation("main")).then_refused(MainLocationStays)


def test_a_location_with_stock_is_not_closed_and_told_how_many_variants_it_is() -> None:
    one = given(*TWO_PLACES, *received(RED, 5, SHOP))
    one.when(CLOSE).then_refused(LocationInUse, location_id=SHOP, variants=1)
    both = one.when(move(1, variant=BLUE))
    both.when(CLOSE).then_refused(LocationInUse, location_id=SHOP, variants=2)


def test_a_location_is_closed_after_its_last_unit_went() -> None:
    story = given(*TWO_PLACES, *received(RED, 2, SHOP))
    fewer = story.when(move(1, Reason.LOST))
    fewer.when(CLOSE).then_refused(LocationInUse, location_id=SHOP, variants=1)
    none = fewer.when(TransferStock(SHOP, "main", (Moving(RED, 1),)))
    none.when(CLOSE).then(LocationClosed(SHOP, None), LocationsRanked(("main",)))


def test_only_the_first_unit_and_the_last_change_what_is_counted() -> None:
    first = given(*TWO_PLACES).when(move(1))
    moved, crossed, counted = (event for _, _, event in first.decision.events)
    assert isinstance(moved, StockMoved)
    assert isinstance(crossed, StockLevelCrossed)
    assert counted == LocationUseChanged(SHOP, 1)
    assert len(first.when(move(1)).decision.events) == 1
    reserved = first.when(ReserveStock((Wanted(RED, 1, SHOP),), None, reservation_id="rsv_1"))
    sold = reserved.when(IssueReservation("rsv_1"))
    told = [type(event) for _, _, event in reserved.decision.events]
    assert told == [StockReserved, StockLevelCrossed, ReservationPlaced]
    assert sold.decision.events[-1][2] == LocationUseChanged(SHOP, -1)


def test_a_location_from_which_something_is_reserved_is_not_closed() -> None:
    promised = (
        given(*TWO_PLACES)
        .when(SetStockPolicy(RED, SHOP, Policy(backorder=True)))
        .when(ReserveStock((Wanted(RED, 3, SHOP),), None, reservation_id="rsv_1"))
        .when(SetStockPolicy(RED, SHOP, Policy()))
    )
    promised.when(CLOSE).then_refused(LocationInUse, location_id=SHOP, variants=1)
    free = promised.when(ReleaseReservation("rsv_1"))
    free.when(CLOSE).then(LocationClosed(SHOP, None), LocationsRanked(("main",)))


def test_a_location_that_promises_what_has_yet_to_come_is_not_closed() -> None:
    story = given(*TWO_PLACES).when(SetStockPolicy(RED, SHOP, Policy(backorder=True)))
    story.when(CLOSE).then_refused(LocationInUse, location_id=SHOP, variants=1)
    story.when(SetStockPolicy(RED, SHOP, Policy(safety=1))).when(CLOSE).then(
        LocationClosed(SHOP, None), LocationsRanked(("main",))
    )


def test_a_location_that_is_being_counted_is_not_closed() -> None:
    counting = given(*TWO_PLACES, StockTakeStarted("stk_1", SHOP))
    counting.when(CLOSE).then_refused(StockTakeUnderWay, stock_take_id="stk_1")
    counting.when(CancelStockTake("stk_1")).when(CLOSE).then(
        LocationClosed(SHOP, None), LocationsRanked(("main",))
    )


def test_a_stock_take_tells_of_all_that_it_found_at_once() -> None:
    counted = CountStock("stk_1", (Counted(RED, 2), Counted(BLUE, 3)))
    story = given(*TWO_PLACES, StockTakeStarted("stk_1", SHOP))
    story.when(counted).when(CloseStockTake("stk_1")).then(
        StockMoved(RED, SHOP, new_id("mov"), 2, "counted", "stk_1"),
        StockLevelCrossed(RED, SHOP, "in", 2, "out"),
        StockMoved(BLUE, SHOP, new_id("mov", 2), 3, "counted", "stk_1"),
        StockLevelCrossed(BLUE, SHOP, "in", 3, "out"),
        StockTakeClosed("stk_1", SHOP, 2),
        LocationUseChanged(SHOP, 2),
    )


def test_what_comes_as_something_else_goes_leaves_the_count_as_it_was() -> None:
    counted = CountStock("stk_1", (Counted(RED, 0), Counted(BLUE, 3)))
    story = given(*TWO_PLACES, *received(RED, 1, SHOP), StockTakeStarted("stk_1", SHOP))
    closed = story.when(counted).when(CloseStockTake("stk_1"))
    assert not any(isinstance(event, LocationUseChanged) for _, _, event in closed.decision.events)


def test_the_main_location_is_not_counted() -> None:
    given(*TWO_PLACES).when(MoveStock(RED, "main", 1, Reason.RECEIVED)).then(
        StockMoved(RED, "main", new_id("mov"), 1, "received", None),
        StockLevelCrossed(RED, "main", "in", 1, "out"),
    )


@pytest.mark.parametrize(
    "command",
    [
        move(1),
        TransferStock("main", SHOP, (Moving(RED, 1),)),
        TransferStock(SHOP, "main", (Moving(RED, 1),)),
        ReserveStock((Wanted(RED, 1), Wanted(RED, 1, SHOP)), None),
        SetStockPolicy(RED, SHOP, Policy(backorder=True)),
        StartStockTake(SHOP),
    ],
)
def test_nothing_is_moved_kept_promised_or_counted_at_a_closed_location(command: object) -> None:
    story = given(*CLOSED, *received(RED, 5))
    story.when(command).then_refused(LocationIsClosed, location_id=SHOP)


def test_a_closed_location_is_not_asked_for_stock() -> None:
    kept = given(*CLOSED, *received(RED, 5)).when(ReserveStock((Wanted(RED, 5),), None))
    kept.when(ReserveStock((Wanted(RED, 1),), None)).then_refused(
        InsufficientStock, variant_id=RED, location_id="main", available=0, asked=1
    )
    result = kept.decision.result
    assert getattr(result, "lines", ()) == (Line(RED, "main", 5),)


def test_a_closed_location_is_reopened_and_asked_last() -> None:
    reopened = given(*CLOSED).when(ReopenLocation(SHOP))
    reopened.then(LocationReopened(SHOP), LocationsRanked(("main", SHOP))).then_result(
        LocationResult(SHOP)
    )
    assert len(reopened.when(move(1)).decision.events) == 3
    for open_one in (SHOP, "main"):
        reopened.when(ReopenLocation(open_one)).then()
    reopened.when(CLOSE).then(LocationClosed(SHOP, None), LocationsRanked(("main",)))


def test_a_closed_location_is_renamed_and_keeps_its_id_and_its_state() -> None:
    story = given(*CLOSED)
    renamed = story.when(RenameLocation(SHOP, "Corner")).then(LocationRenamed(SHOP, "Corner"))
    renamed.when(move(1)).then_refused(LocationIsClosed, location_id=SHOP)
    story.when(OpenLocation("Another", SHOP)).then_refused(LocationExists)


def test_a_closed_location_is_not_ranked_and_makes_room_for_another() -> None:
    given(*CLOSED).when(RankLocations(("main", SHOP))).then_refused(RankingInvalid)
    all_open = ("main", *(f"loc_{n:04}" for n in range(LOCATIONS_MAX - 1)))
    full = given(*CLOSED, LocationsRanked(all_open))
    full.when(ReopenLocation(SHOP)).then_refused(TooManyLocations)
    full.when(OpenLocation("One more")).then_refused(TooManyLocations)
    fewer = given(*CLOSED, LocationOpened("loc_0000", "0"), LocationsRanked(all_open)).when(
        CloseLocation("loc_0000")
    )
    fewer.when(ReopenLocation(SHOP)).then(
        LocationReopened(SHOP), LocationsRanked((*(o for o in all_open if o != "loc_0000"), SHOP))
    )
