"""INV-02: what was counted becomes movements, and what moved meanwhile is taken into account."""

import pytest

from application.catalog.finding import VariantNotFound
from application.stock.counting import (
    CancelStockTake,
    CloseStockTake,
    Counted,
    CountStock,
    StartStockTake,
    StockTakeResult,
)
from application.stock.moving import MoveStock
from domain.stock.events import StockLevelCrossed, StockMoved
from domain.stock.locations import LocationNotFound
from domain.stock.movements import Reason
from domain.stock.stock import QUANTITY_MAX, QuantityInvalid
from domain.stock.stock_take_events import (
    Count,
    StockCounted,
    StockTakeCancelled,
    StockTakeClosed,
    StockTakeStarted,
)
from domain.stock.stock_takes import (
    COUNTED_MAX,
    COUNTS_AT_ONCE_MAX,
    CountContradicted,
    CountsInvalid,
    StockTakeEnded,
    StockTakeExists,
    StockTakeNotFound,
    StockTakeUnderWay,
    TooManyCounted,
)
from tests.kit.scenario import Story, given, new_id
from tests.stock.shelves import BLUE, MUGS, RED, SHOP, TWO_PLACES, kept, received

pytestmark = pytest.mark.row("INV-02")
STARTED = StockTakeStarted("stk_1", "main")
CLOSE = CloseStockTake("stk_1")


def count(variant: str, quantity: int) -> CountStock:
    return CountStock("stk_1", (Counted(variant, quantity),))


def counting(red: int = 10) -> Story:
    return given(*MUGS, *received(RED, red), STARTED)


def test_a_location_is_counted_by_one_stock_take_at_a_time() -> None:
    made = new_id("stk")
    started = given(*TWO_PLACES).when(StartStockTake())
    started.then(StockTakeStarted(made, "main")).then_result(StockTakeResult(made, 0))
    started.when(StartStockTake("main", "stk_2")).then_refused(
        StockTakeUnderWay, stock_take_id=made
    )
    started.when(StartStockTake(SHOP, made)).then_refused(StockTakeExists)
    started.when(StartStockTake(SHOP, "stk_2")).then(StockTakeStarted("stk_2", SHOP))
    ended = started.when(CancelStockTake(made)).then(StockTakeCancelled(made, "main"))
    ended.when(StartStockTake("main", "stk_2")).then(StockTakeStarted("stk_2", "main"))
    given(*MUGS).when(StartStockTake(SHOP)).then_refused(LocationNotFound, location_id=SHOP)


def test_a_difference_becomes_a_movement() -> None:
    counted = counting().when(count(RED, 8))
    counted.then(StockCounted("stk_1", "main", (Count(RED, 8, 10),)))
    counted.then_result(StockTakeResult("stk_1", 1))
    counted.when(CLOSE).then(
        StockMoved(RED, "main", new_id("mov"), -2, "counted", "stk_1"),
        StockTakeClosed("stk_1", "main", 1),
    ).then_result(StockTakeResult("stk_1", 1))


def test_a_count_that_agrees_moves_nothing() -> None:
    counting().when(count(RED, 10)).when(CLOSE).then(StockTakeClosed("stk_1", "main", 0))


def test_what_moved_between_the_count_and_the_close_is_taken_into_account() -> None:
    counted = counting().when(count(RED, 8))
    moved = counted.when(MoveStock(RED, "main", 5, Reason.RECEIVED))
    closed = moved.when(CLOSE)
    closed.then(
        StockMoved(RED, "main", new_id("mov"), -2, "counted", "stk_1"),
        StockTakeClosed("stk_1", "main", 1),
    )
    assert closed.state(f"stock-{RED}.main").on_hand == 13


def test_who_counts_again_means_the_last_count() -> None:
    again = counting().when(count(RED, 8)).when(count(RED, 11))
    again.when(CLOSE).then(
        StockMoved(RED, "main", new_id("mov"), 1, "counted", "stk_1"),
        StockTakeClosed("stk_1", "main", 1),
    )


def test_what_is_missing_may_have_been_promised() -> None:
    story = given(*MUGS, *received(RED, 5), *kept(4, None), STARTED)
    closed = story.when(count(RED, 3)).when(CLOSE)
    closed.then(
        StockMoved(RED, "main", new_id("mov"), -2, "counted", "stk_1"),
        StockLevelCrossed(RED, "main", "out", 0, "in"),
        StockTakeClosed("stk_1", "main", 1),
    )


def test_a_count_that_later_movements_contradict_is_counted_again() -> None:
    counted = counting().when(count(RED, 2))
    lost = counted.when(MoveStock(RED, "main", 5, Reason.LOST))
    lost.when(CLOSE).then_refused(CountContradicted, variant_id=RED, on_hand=5, difference=-8)
    lost.when(count(RED, 5)).when(CLOSE).then(StockTakeClosed("stk_1", "main", 0))


def test_counts_are_numbers_of_variants_each_once() -> None:
    story = counting()
    for odd in ((), (Counted(RED, 1), Counted(RED, 2))):
        story.when(CountStock("stk_1", odd)).then_refused(CountsInvalid)
    many = tuple(Counted(RED, 1) for _ in range(COUNTS_AT_ONCE_MAX + 1))
    story.when(CountStock("stk_1", many)).then_refused(CountsInvalid)
    for quantity in (-1, QUANTITY_MAX + 1):
        story.when(count(RED, quantity)).then_refused(QuantityInvalid, quantity=quantity)
    story.when(count("var_none", 1)).then_refused(VariantNotFound)


def test_a_stock_take_counts_a_limited_number_of_variants() -> None:
    full = StockCounted(
        "stk_1", "main", tuple(Count(f"var_{n:05}", 1, 1) for n in range(COUNTED_MAX))
    )
    story = given(*MUGS, STARTED, full)
    story.when(count(BLUE, 1)).then_refused(TooManyCounted)


@pytest.mark.parametrize("first", [CLOSE, CancelStockTake("stk_1")], ids=lambda one: one.NAME)
@pytest.mark.parametrize(
    "then", [CLOSE, CancelStockTake("stk_1"), count(RED, 1)], ids=lambda one: one.NAME
)
def test_a_stock_take_ends_once(first: object, then: object) -> None:
    counting().when(first).when(then).then_refused(StockTakeEnded)


@pytest.mark.parametrize("command", [CLOSE, CancelStockTake("stk_1"), count(RED, 1)])
def test_what_was_never_started_can_not_go_on(command: object) -> None:
    given(*MUGS).when(command).then_refused(StockTakeNotFound)
