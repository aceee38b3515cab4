"""INV-03: stock is kept for somebody, all of it or nothing, and that ends exactly once."""

from datetime import datetime, timedelta

import pytest

from application.catalog.finding import VariantNotFound
from application.stock.reserving import (
    ExpireReservation,
    ExtendReservation,
    IssueReservation,
    ReleaseReservation,
    ReservationResult,
    ReserveStock,
)
from domain.stock.events import (
    ReservedStockIssued,
    StockLevelCrossed,
    StockMoved,
    StockReleased,
    StockReserved,
)
from domain.stock.locations import LocationNotFound
from domain.stock.reservation_events import (
    Line,
    ReservationExpired,
    ReservationExtended,
    ReservationIssued,
    ReservationPlaced,
    ReservationReleased,
)
from domain.stock.reservations import (
    LASTS_MAX,
    LINES_MAX,
    LinesInvalid,
    NotReserved,
    ReservationEnded,
    ReservationExists,
    ReservationExpiryInvalid,
    ReservationNotDue,
    ReservationNotFound,
    Wanted,
)
from domain.stock.stock import InsufficientStock, QuantityInvalid
from tests.kit.scenario import NOW, Answer, Story, given, new_id
from tests.stock.shelves import BLUE, MUGS, RED, SHOP, TWO_PLACES, handled, kept, received

pytestmark = pytest.mark.row("INV-03")
QUARTER = timedelta(minutes=15)
ENDS = NOW + QUARTER
MADE = new_id("rsv")


def reserve(*lines: Wanted, lasts: int | None = 900, name: str | None = None) -> ReserveStock:
    return ReserveStock(lines, lasts, "ord_7", name)


def lines_of(answer: Answer) -> tuple[Line, ...]:
    result = answer.decision.result
    assert isinstance(result, ReservationResult), repr(answer.decision.refusal)
    return result.lines


def test_units_are_kept_for_a_time() -> None:
    lines = (Line(RED, "main", 2),)
    given(*MUGS, *received(RED, 5)).when(reserve(Wanted(RED, 2))).then(
        StockReserved(RED, "main", MADE, 2),
        ReservationPlaced(MADE, lines, ENDS, "ord_7"),
    ).then_result(ReservationResult(MADE, lines, ENDS))


def test_the_last_unit_is_kept_once() -> None:
    story = given(*MUGS, *received(RED, 1))
    first = story.when(reserve(Wanted(RED, 1), name="rsv_1"))
    first.then(
        StockReserved(RED, "main", "rsv_1", 1),
        StockLevelCrossed(RED, "main", "out", 0, "in"),
        ReservationPlaced("rsv_1", (Line(RED, "main", 1),), ENDS, "ord_7"),
    )
    first.when(reserve(Wanted(RED, 1), name="rsv_2")).then_refused(
        InsufficientStock, variant_id=RED, location_id="main", available=0, asked=1
    )


def test_all_lines_are_kept_or_none() -> None:
    story = given(*MUGS, *received(RED, 5))
    story.when(reserve(Wanted(RED, 1), Wanted(BLUE, 1))).then_refused(
        InsufficientStock, variant_id=BLUE, location_id="main", available=0, asked=1
    )


def test_lines_of_the_same_variant_are_kept_together() -> None:
    story = given(*MUGS, *received(RED, 5))
    assert lines_of(story.when(reserve(Wanted(RED, 2), Wanted(RED, 3)))) == (Line(RED, "main", 5),)
    story.when(reserve(Wanted(RED, 3), Wanted(RED, 3))).then_refused(
        InsufficientStock, variant_id=RED, location_id="main", available=2, asked=3
    )


def test_safety_stock_is_not_kept_for_anybody() -> None:
    story = given(*MUGS, *received(RED, 5), handled(RED, safety=3))
    story.when(reserve(Wanted(RED, 3))).then_refused(
        InsufficientStock, variant_id=RED, location_id="main", available=2, asked=3
    )


def two_places(main: int, shop: int) -> Story:
    first = received(RED, main) if main else ()
    return given(*TWO_PLACES, *first, *received(RED, shop, SHOP))


def test_the_first_location_that_has_all_of_it_serves() -> None:
    assert lines_of(two_places(5, 5).when(reserve(Wanted(RED, 3)))) == (Line(RED, "main", 3),)
    assert lines_of(two_places(2, 5).when(reserve(Wanted(RED, 3)))) == (Line(RED, SHOP, 3),)


def test_where_no_location_has_all_of_it_several_serve_in_their_order() -> None:
    split = two_places(2, 2).when(reserve(Wanted(RED, 3)))
    assert lines_of(split) == (Line(RED, "main", 2), Line(RED, SHOP, 1))
    two_places(2, 2).when(reserve(Wanted(RED, 5))).then_refused(
        InsufficientStock, variant_id=RED, location_id="main", available=4, asked=5
    )


def test_a_named_location_serves_first_and_alone() -> None:
    named = reserve(Wanted(RED, 2), Wanted(RED, 2, "main"))
    assert lines_of(two_places(2, 2).when(named)) == (Line(RED, "main", 2), Line(RED, SHOP, 2))
    two_places(2, 5).when(reserve(Wanted(RED, 3, "main"))).then_refused(
        InsufficientStock, variant_id=RED, location_id="main", available=2, asked=3
    )


def test_backorders_are_kept_up_to_their_limit_after_what_is_there() -> None:
    story = given(*MUGS, *received(RED, 2), handled(RED, backorder=True, limit=3))
    done = story.when(reserve(Wanted(RED, 5)))
    done.then(
        StockReserved(RED, "main", MADE, 5),
        StockLevelCrossed(RED, "main", "out", -3, "in"),
        ReservationPlaced(MADE, (Line(RED, "main", 5),), ENDS, "ord_7"),
    )
    story.when(reserve(Wanted(RED, 6))).then_refused(
        InsufficientStock, variant_id=RED, location_id="main", available=5, asked=6
    )


def test_backorders_without_a_limit_are_kept_where_they_are_allowed() -> None:
    story = given(*TWO_PLACES, *received(RED, 2), handled(RED, backorder=True, location=SHOP))
    split = story.when(reserve(Wanted(RED, 100)))
    assert lines_of(split) == (Line(RED, "main", 2), Line(RED, SHOP, 98))


def test_what_can_not_be_asked_for_is_refused() -> None:
    story = given(*MUGS, *received(RED, 5))
    story.when(reserve()).then_refused(LinesInvalid)
    many = [Wanted(RED, 1)] * (LINES_MAX + 1)
    story.when(reserve(*many)).then_refused(LinesInvalid)
    story.when(reserve(Wanted(RED, 0))).then_refused(QuantityInvalid, quantity=0)
    story.when(reserve(Wanted("var_none", 1))).then_refused(VariantNotFound)
    story.when(reserve(Wanted(RED, 1, SHOP))).then_refused(LocationNotFound, location_id=SHOP)


def test_a_reservation_has_an_id_of_its_own_and_ends_within_a_year() -> None:
    story = given(*MUGS, *received(RED, 5), *kept(1, None))
    story.when(reserve(Wanted(RED, 1), name="rsv_1")).then_refused(ReservationExists)
    for lasts in (0, int(LASTS_MAX.total_seconds()) + 1):
        story.when(reserve(Wanted(RED, 1), lasts=lasts)).then_refused(
            ReservationExpiryInvalid, now=NOW.isoformat()
        )


def open_until(expires_at: datetime | None, quantity: int = 2) -> Story:
    return given(*MUGS, *received(RED, 5), *kept(quantity, expires_at))


def test_a_reservation_is_issued_as_a_sale() -> None:
    lines = (Line(RED, "main", 2),)
    open_until(ENDS).when(IssueReservation("rsv_1")).then(
        StockMoved(RED, "main", new_id("mov"), -2, "sold", "rsv_1"),
        ReservedStockIssued(RED, "main", "rsv_1", 2),
        ReservationIssued("rsv_1", lines, ()),
    ).then_result(ReservationResult("rsv_1", (), ENDS))


def test_a_part_is_issued_and_the_rest_stays_kept() -> None:
    part = open_until(ENDS).when(IssueReservation("rsv_1", (Wanted(RED, 1),)))
    part.then(
        StockMoved(RED, "main", new_id("mov"), -1, "sold", "rsv_1"),
        ReservedStockIssued(RED, "main", "rsv_1", 1),
        ReservationIssued("rsv_1", (Line(RED, "main", 1),), (Line(RED, "main", 1),)),
    )
    part.when(ReleaseReservation("rsv_1")).then(
        StockReleased(RED, "main", "rsv_1", 1),
        ReservationReleased("rsv_1", (Line(RED, "main", 1),)),
    )


def test_what_is_issued_is_taken_line_after_line_and_no_more_than_is_kept() -> None:
    placed = two_places(2, 2).when(reserve(Wanted(RED, 3), name="rsv_1"))
    issue = IssueReservation("rsv_1", (Wanted(RED, 1, SHOP), Wanted(RED, 1), Wanted(RED, 1)))
    issued = placed.when(issue)
    assert lines_of(issued) == ()
    more = IssueReservation("rsv_1", (Wanted(RED, 4),))
    placed.when(more).then_refused(NotReserved, variant_id=RED, reserved=3, asked=4)
    other = IssueReservation("rsv_1", (Wanted(BLUE, 1),))
    placed.when(other).then_refused(NotReserved, variant_id=BLUE, reserved=0, asked=1)
    placed.when(IssueReservation("rsv_1", ())).then_refused(LinesInvalid)


def test_what_lies_on_no_shelf_yet_can_not_be_issued() -> None:
    story = given(*MUGS, *received(RED, 1), handled(RED, backorder=True), *kept(2, None))
    story.when(IssueReservation("rsv_1")).then_refused(
        InsufficientStock, variant_id=RED, location_id="main", available=1, asked=2
    )


def test_a_reservation_is_released() -> None:
    lines = (Line(RED, "main", 5),)
    story = given(
        *MUGS, *received(RED, 5), *kept(5, ENDS), StockLevelCrossed(RED, "main", "out", 0, "in")
    )
    story.when(ReleaseReservation("rsv_1")).then(
        StockReleased(RED, "main", "rsv_1", 5),
        StockLevelCrossed(RED, "main", "in", 5, "out"),
        ReservationReleased("rsv_1", lines),
    )


def test_a_reservation_expires_at_its_time_and_no_sooner() -> None:
    lines = (Line(RED, "main", 2),)
    expire = ExpireReservation("rsv_1")
    open_until(ENDS).when(expire, at=ENDS - timedelta(seconds=1)).then_refused(ReservationNotDue)
    open_until(None).when(expire).then_refused(ReservationNotDue)
    open_until(ENDS).when(expire, at=ENDS).then(
        StockReleased(RED, "main", "rsv_1", 2), ReservationExpired("rsv_1", lines)
    )


def test_who_paid_keeps_it_until_it_is_ended() -> None:
    extended = open_until(ENDS).when(ExtendReservation("rsv_1", None))
    extended.then(ReservationExtended("rsv_1", None))
    extended.when(ExpireReservation("rsv_1"), at=ENDS).then_refused(ReservationNotDue)
    open_until(ENDS).when(ExtendReservation("rsv_1", ENDS)).then()
    open_until(ENDS).when(ExtendReservation("rsv_1", NOW)).then_refused(
        ReservationExpiryInvalid, now=NOW.isoformat()
    )


ENDINGS = (
    IssueReservation("rsv_1"),
    ReleaseReservation("rsv_1"),
    ExpireReservation("rsv_1"),
)


@pytest.mark.parametrize("first", ENDINGS, ids=lambda one: one.NAME)
@pytest.mark.parametrize("then", [*ENDINGS, ExtendReservation("rsv_1", None)], ids=lambda c: c.NAME)
def test_a_reservation_ends_once(first: object, then: object) -> None:
    ended = open_until(ENDS).when(first, at=ENDS)
    ended.when(then, at=ENDS).then_refused(ReservationEnded)


@pytest.mark.parametrize("command", [*ENDINGS, ExtendReservation("rsv_1", None)])
def test_what_was_never_placed_can_not_end(command: object) -> None:
    given(*MUGS).when(command).then_refused(ReservationNotFound)
