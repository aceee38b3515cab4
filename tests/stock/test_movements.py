"""INV-02: every change of stock is a movement with a reason, and none goes below zero."""

import pytest

from application.catalog.finding import VariantNotFound
from application.stock.moving import (
    MovementResult,
    MoveStock,
    Moving,
    SetStockPolicy,
    StockResult,
    TransferResult,
    TransferStock,
)
from domain.stock.events import LocationUseChanged, StockLevelCrossed, StockMoved, StockPolicySet
from domain.stock.locations import LocationNotFound
from domain.stock.movements import Reason, ReasonNotGiven, SameLocation
from domain.stock.reservations import LinesInvalid
from domain.stock.stock import (
    QUANTITY_MAX,
    InsufficientStock,
    Policy,
    PolicyInvalid,
    QuantityInvalid,
)
from tests.kit.scenario import NOW, given, new_id
from tests.stock.shelves import BLUE, MUGS, RED, SHOP, TWO_PLACES, handled, kept, received

pytestmark = pytest.mark.row("INV-02")
MOVEMENT = new_id("mov")


def move(quantity: int, reason: Reason = Reason.RECEIVED, place: str = "main") -> MoveStock:
    return MoveStock(RED, place, quantity, reason, "note-1")


def test_units_that_come_first_are_on_hand_and_the_variant_is_in_stock() -> None:
    given(*MUGS).when(move(5)).then(
        StockMoved(RED, "main", MOVEMENT, 5, "received", "note-1"),
        StockLevelCrossed(RED, "main", "in", 5, "out"),
    ).then_result(MovementResult(MOVEMENT, StockResult(RED, "main", 5, 0, 5, "in")))


@pytest.mark.parametrize(
    ("reason", "quantity", "change"),
    [
        (Reason.RECEIVED, 2, 2),
        (Reason.RETURNED, 2, 2),
        (Reason.FOUND, 2, 2),
        (Reason.DAMAGED, 2, -2),
        (Reason.LOST, 2, -2),
        (Reason.CORRECTED, 2, 2),
        (Reason.CORRECTED, -2, -2),
    ],
)
def test_a_reason_says_whether_units_come_or_go(reason: Reason, quantity: int, change: int) -> None:
    given(*MUGS, *received(RED, 5)).when(move(quantity, reason)).then(
        StockMoved(RED, "main", MOVEMENT, change, reason.value, "note-1")
    )


@pytest.mark.parametrize("reason", [Reason.SOLD, Reason.COUNTED, Reason.SENT, Reason.ARRIVED])
def test_nobody_gives_the_reason_of_a_sale_a_count_or_a_transfer(reason: Reason) -> None:
    given(*MUGS).when(move(1, reason)).then_refused(ReasonNotGiven, reason=reason.value)


@pytest.mark.parametrize("quantity", [0, -1, QUANTITY_MAX + 1])
def test_a_quantity_is_a_number_of_units(quantity: int) -> None:
    given(*MUGS).when(move(quantity)).then_refused(QuantityInvalid, quantity=quantity)


def test_a_correction_of_nothing_is_none() -> None:
    corrected = move(0, Reason.CORRECTED)
    given(*MUGS).when(corrected).then_refused(QuantityInvalid, quantity=0)


def test_one_unit_more_than_there_is_can_not_go() -> None:
    given(*MUGS, *received(RED, 5)).when(move(6, Reason.LOST)).then_refused(
        InsufficientStock, variant_id=RED, location_id="main", available=5, asked=6
    )
    given(*MUGS, *received(RED, 5)).when(move(5, Reason.LOST)).then(
        StockMoved(RED, "main", MOVEMENT, -5, "lost", "note-1"),
        StockLevelCrossed(RED, "main", "out", 0, "in"),
    )


def test_what_is_kept_for_somebody_can_not_be_written_off() -> None:
    story = given(*MUGS, *received(RED, 5), *kept(2, None))
    story.when(move(4, Reason.DAMAGED)).then_refused(
        InsufficientStock, variant_id=RED, location_id="main", available=3, asked=4
    )
    story.when(move(3, Reason.DAMAGED)).then(
        StockMoved(RED, "main", MOVEMENT, -3, "damaged", "note-1"),
        StockLevelCrossed(RED, "main", "out", 0, "in"),
    )


def test_safety_stock_can_be_lost_though_it_is_never_sold() -> None:
    story = given(*MUGS, *received(RED, 5), handled(RED, safety=4))
    lost = story.when(move(3, Reason.LOST))
    lost.then(
        StockMoved(RED, "main", MOVEMENT, -3, "lost", "note-1"),
        StockLevelCrossed(RED, "main", "out", 0, "in"),
    )
    lost.then_result(MovementResult(MOVEMENT, StockResult(RED, "main", 2, 0, 0, "out")))


def test_what_is_no_variant_or_no_location_has_no_stock() -> None:
    unknown = MoveStock("var_none", "main", 1, Reason.RECEIVED)
    given(*MUGS).when(unknown).then_refused(VariantNotFound)
    given(*MUGS).when(move(1, place=SHOP)).then_refused(LocationNotFound, location_id=SHOP)


@pytest.mark.row("INV-04")
def test_a_threshold_is_told_once_on_the_way_down_and_once_on_the_way_up() -> None:
    story = given(*MUGS, *received(RED, 10), handled(RED, low_at=5))
    low = story.when(move(5, Reason.LOST)).then(
        StockMoved(RED, "main", MOVEMENT, -5, "lost", "note-1"),
        StockLevelCrossed(RED, "main", "low", 5, "in"),
    )
    lower = low.when(move(1, Reason.LOST)).then(
        StockMoved(RED, "main", MOVEMENT, -1, "lost", "note-1")
    )
    out = lower.when(move(4, Reason.LOST)).then(
        StockMoved(RED, "main", MOVEMENT, -4, "lost", "note-1"),
        StockLevelCrossed(RED, "main", "out", 0, "low"),
    )
    back = out.when(move(1)).then(
        StockMoved(RED, "main", MOVEMENT, 1, "received", "note-1"),
        StockLevelCrossed(RED, "main", "low", 1, "out"),
    )
    back.when(move(5)).then(
        StockMoved(RED, "main", MOVEMENT, 5, "received", "note-1"),
        StockLevelCrossed(RED, "main", "in", 6, "low"),
    )


@pytest.mark.row("INV-01")
def test_a_policy_holds_at_once_and_the_same_one_changes_nothing() -> None:
    policy = Policy(safety=2, low_at=3)
    set_policy = SetStockPolicy(RED, "main", policy)
    done = given(*MUGS, *received(RED, 5)).when(set_policy)
    done.then(
        StockPolicySet(RED, "main", 2, 3, backorder=False, backorder_limit=None),
        StockLevelCrossed(RED, "main", "low", 3, "in"),
    ).then_result(StockResult(RED, "main", 5, 0, 3, "low"))
    done.when(set_policy).then()


@pytest.mark.parametrize(
    "policy",
    [
        Policy(safety=-1),
        Policy(low_at=QUANTITY_MAX + 1),
        Policy(backorder=True, backorder_limit=-1),
        Policy(backorder_limit=5),
    ],
)
def test_thresholds_are_numbers_and_a_limit_needs_backorders(policy: Policy) -> None:
    given(*MUGS).when(SetStockPolicy(RED, "main", policy)).then_refused(PolicyInvalid)


def transfer(*lines: Moving, to: str = SHOP) -> TransferStock:
    return TransferStock("main", to, lines, "trip-1")


def test_a_transfer_is_one_movement_with_two_sides() -> None:
    story = given(*TWO_PLACES, *received(RED, 5))
    story.when(transfer(Moving(RED, 5))).then(
        StockMoved(RED, "main", MOVEMENT, -5, "sent", "trip-1"),
        StockLevelCrossed(RED, "main", "out", 0, "in"),
        StockMoved(RED, SHOP, MOVEMENT, 5, "arrived", "trip-1"),
        StockLevelCrossed(RED, SHOP, "in", 5, "out"),
        LocationUseChanged(SHOP, 1),
    ).then_result(TransferResult((MOVEMENT,)))


def test_a_transfer_sends_all_its_lines_or_none() -> None:
    story = given(*TWO_PLACES, *received(RED, 5))
    story.when(transfer(Moving(RED, 2), Moving(BLUE, 1))).then_refused(
        InsufficientStock, variant_id=BLUE, location_id="main", available=0, asked=1
    )
    story.when(transfer(Moving(RED, 3), Moving(RED, 3))).then_refused(
        InsufficientStock, variant_id=RED, location_id="main", available=2, asked=3
    )


def test_a_transfer_leads_to_another_location_that_is_there() -> None:
    story = given(*TWO_PLACES, *received(RED, 5))
    story.when(transfer(Moving(RED, 1), to="main")).then_refused(SameLocation)
    story.when(transfer(Moving(RED, 1), to="loc_none")).then_refused(
        LocationNotFound, location_id="loc_none"
    )
    story.when(transfer(Moving(RED, 0))).then_refused(QuantityInvalid, quantity=0)
    story.when(transfer(Moving("var_none", 1))).then_refused(VariantNotFound)
    story.when(transfer()).then_refused(LinesInvalid)


def test_many_lines_of_a_transfer_are_fetched_together() -> None:
    lines = [Moving(RED, 1), Moving(BLUE, 1), Moving(RED, 1)]
    story = given(*TWO_PLACES, *received(RED, 5), *received(BLUE, 5))
    assert story.when(transfer(*lines), at=NOW).looks <= 3
