"""What every stored sample of an event about stock means, by stored name and schema."""

from domain.kernel.events import Event
from domain.stock import events as stock
from domain.stock import reservation_events as reserved
from domain.stock import stock_take_events as takes
from domain.stock import watch_events as watches
from domain.stock.reservation_events import Line
from domain.stock.stock_take_events import Count
from tests.architecture.stored_values import MOMENT, WORDS

LINES = (Line("var_1", "main", 2), Line("var_1", "loc_1", 1))

STOCK_SHAPES: dict[tuple[str, int], Event] = {
    ("stock.location_opened", 1): stock.LocationOpened("loc_1", "Kadıköy"),
    ("stock.location_renamed", 1): stock.LocationRenamed("main", "Depo"),
    ("stock.location_closed", 1): stock.LocationClosed("loc_1", "Sezon bitti"),
    ("stock.location_reopened", 1): stock.LocationReopened("loc_1"),
    ("stock.location_use_changed", 1): stock.LocationUseChanged("loc_1", -2),
    ("stock.locations_ranked", 1): stock.LocationsRanked(("main", "loc_1")),
    ("stock.moved", 1): stock.StockMoved("var_1", "main", "mov_1", -2, "damaged", "note-1"),
    ("stock.reserved", 1): stock.StockReserved("var_1", "main", "rsv_1", 2),
    ("stock.released", 1): stock.StockReleased("var_1", "main", "rsv_1", 2),
    ("stock.reserved_stock_issued", 1): stock.ReservedStockIssued("var_1", "main", "rsv_1", 2),
    ("stock.policy_set", 1): stock.StockPolicySet(
        "var_1", "main", 1, 5, backorder=True, backorder_limit=None
    ),
    ("stock.level_crossed", 1): stock.StockLevelCrossed("var_1", "main", "low", 5, "in"),
    ("stock.reservation_placed", 1): reserved.ReservationPlaced("rsv_1", LINES, MOMENT, "ord_1"),
    ("stock.reservation_extended", 1): reserved.ReservationExtended("rsv_1", None),
    ("stock.reservation_issued", 1): reserved.ReservationIssued("rsv_1", LINES[:1], LINES[1:]),
    ("stock.reservation_released", 1): reserved.ReservationReleased("rsv_1", LINES),
    ("stock.reservation_expired", 1): reserved.ReservationExpired("rsv_1", LINES),
    ("stock.take_started", 1): takes.StockTakeStarted("stk_1", "main"),
    ("stock.counted", 1): takes.StockCounted("stk_1", "main", (Count("var_1", 8, 10),)),
    ("stock.take_closed", 1): takes.StockTakeClosed("stk_1", "main", 1),
    ("stock.take_cancelled", 1): takes.StockTakeCancelled("stk_1", "main"),
    ("stock.watching_begun", 1): watches.WatchingBegun(),
    ("stock.watch_begun", 1): watches.WatchBegun("var_1", "cus_ada", "prd_1"),
    ("stock.watch_asked", 1): watches.WatchAsked(
        "var_1", "eml_9a2b4c", "prd_1", "gst_1", WORDS, "tr", MOMENT
    ),
    ("stock.watch_confirmed", 1): watches.WatchConfirmed("var_1", "eml_9a2b4c"),
    ("stock.watcher_notified", 1): watches.WatcherNotified("var_1", "eml_9a2b4c"),
    ("stock.watch_ended", 1): watches.WatchEnded("var_1", "eml_9a2b4c", "told", "gst_1"),
}
