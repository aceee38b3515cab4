"""What happens to stock in a log in which everything happens."""

from datetime import timedelta

from domain.catalog.content import Text
from domain.catalog.events import ProductCreated
from domain.catalog.variant_events import VariantAdded, VariantChanged
from domain.kernel.events import Event, Personal
from domain.stock.events import (
    LocationClosed,
    LocationOpened,
    LocationRenamed,
    LocationReopened,
    LocationsRanked,
    LocationUseChanged,
    ReservedStockIssued,
    StockLevelCrossed,
    StockMoved,
    StockPolicySet,
    StockReleased,
    StockReserved,
)
from domain.stock.reservation_events import (
    Line,
    ReservationExpired,
    ReservationExtended,
    ReservationIssued,
    ReservationPlaced,
    ReservationReleased,
)
from domain.stock.stock_take_events import (
    Count,
    StockCounted,
    StockTakeCancelled,
    StockTakeClosed,
    StockTakeStarted,
)
from domain.stock.watch_events import (
    WatchAsked,
    WatchBegun,
    WatchConfirmed,
    WatchEnded,
    WatcherNotified,
    WatchingBegun,
)
from tests.projections.written_logs import START

MUG, CUP = "var_mug1", "var_cup1"
ENDS = START + timedelta(days=1)


def _line(units: int) -> tuple[Line, ...]:
    return (Line(MUG, "main", units),)


def stock_events() -> list[Event]:
    """Let stock come, go, be kept, counted and waited for."""
    return [
        ProductCreated("prd_mug1", "mug", {"en": Text("Mug")}),
        VariantAdded("prd_mug1", MUG, "MUG-1", None, None, {}, None),
        VariantAdded("prd_mug1", CUP, "CUP", None, None, {}, None),
        VariantChanged("prd_mug1", CUP, "CUP-1", "CUP", None, None, None, None),
        LocationOpened("loc_shop", "Shop"),
        LocationsRanked(("main", "loc_shop")),
        LocationRenamed("main", "Depot"),
        LocationsRanked(("loc_shop", "main")),
        WatchingBegun(),
        WatchBegun(MUG, "cus_ada1", "prd_mug1"),
        WatchBegun(CUP, "cus_ada1", "prd_mug1"),
        WatchAsked(CUP, "eml_1", "prd_mug1", "gst_1", Personal("gst_1", "x"), "tr", ENDS),
        WatchConfirmed(CUP, "eml_1"),
        WatchBegun(CUP, "cus_bora", "prd_mug1"),
        WatchEnded(CUP, "cus_bora", "unsubscribed", None),
        StockMoved(MUG, "main", "mov_01", 20, "received", "note-1"),
        StockLevelCrossed(MUG, "main", "in", 20, "out"),
        WatcherNotified(MUG, "cus_ada1"),
        StockPolicySet(MUG, "main", 1, 15, backorder=False, backorder_limit=None),
        StockMoved(MUG, "main", "mov_02", -5, "sent", None),
        StockLevelCrossed(MUG, "main", "low", 14, "in"),
        StockMoved(MUG, "loc_shop", "mov_02", 5, "arrived", None),
        StockLevelCrossed(MUG, "loc_shop", "in", 5, "out"),
        LocationUseChanged("loc_shop", 1),
        StockPolicySet(CUP, "main", 0, 0, backorder=True, backorder_limit=7),
        StockReserved(CUP, "main", "rsv_0001", 2),
        ReservationPlaced("rsv_0001", (Line(CUP, "main", 2),), None, "ord_1"),
        StockReserved(MUG, "main", "rsv_0002", 3),
        ReservationPlaced("rsv_0002", _line(3), ENDS, None),
        ReservationExtended("rsv_0002", None),
        StockMoved(MUG, "main", "mov_03", -1, "sold", "rsv_0002"),
        ReservedStockIssued(MUG, "main", "rsv_0002", 1),
        ReservationIssued("rsv_0002", _line(1), _line(2)),
        StockReleased(MUG, "main", "rsv_0002", 2),
        ReservationReleased("rsv_0002", _line(2)),
        StockReserved(MUG, "main", "rsv_0003", 1),
        ReservationPlaced("rsv_0003", _line(1), ENDS, None),
        StockReleased(MUG, "main", "rsv_0003", 1),
        ReservationExpired("rsv_0003", _line(1)),
        StockReserved(MUG, "main", "rsv_0004", 2),
        ReservationPlaced("rsv_0004", _line(2), ENDS, None),
        StockMoved(MUG, "main", "mov_04", -2, "sold", "rsv_0004"),
        ReservedStockIssued(MUG, "main", "rsv_0004", 2),
        ReservationIssued("rsv_0004", _line(2), ()),
        StockTakeStarted("stk_0001", "main"),
        StockCounted("stk_0001", "main", (Count(MUG, 10, 12), Count(CUP, 0, 0))),
        StockCounted("stk_0001", "main", (Count(MUG, 11, 12),)),
        StockMoved(MUG, "main", "mov_05", -1, "counted", "stk_0001"),
        StockTakeClosed("stk_0001", "main", 1),
        StockTakeStarted("stk_0002", "loc_shop"),
        StockTakeCancelled("stk_0002", "loc_shop"),
        *_fair(),
    ]


def _fair() -> list[Event]:
    """Open a location, let a unit come and go, close it, reopen it and close it again."""
    return [
        LocationOpened("loc_fair", "Fair"),
        LocationsRanked(("loc_shop", "main", "loc_fair")),
        StockMoved(CUP, "loc_fair", "mov_06", 1, "found", None),
        StockLevelCrossed(CUP, "loc_fair", "in", 1, "out"),
        LocationUseChanged("loc_fair", 1),
        StockMoved(CUP, "loc_fair", "mov_07", -1, "lost", None),
        StockLevelCrossed(CUP, "loc_fair", "out", 0, "in"),
        LocationUseChanged("loc_fair", -1),
        LocationClosed("loc_fair", None),
        LocationsRanked(("loc_shop", "main")),
        LocationReopened("loc_fair"),
        LocationsRanked(("loc_shop", "main", "loc_fair")),
        LocationClosed("loc_fair", "The fair is over"),
        LocationsRanked(("loc_shop", "main")),
    ]
