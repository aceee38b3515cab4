"""INV-03, INV-05: what gets a timer, and what is to be done outside."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from application.process import ClearTimer, Passing, Perform, Reaction, SetTimer
from application.processes.expiries import EXPIRIES, RESERVATION_EXPIRY, WATCH_LAPSE
from application.processes.stock_watches import (
    FIND_WATCHERS,
    STOCK_WATCHES,
    WATCH_LINK,
    WATCH_NOTICE,
)
from application.stock.reserving import ExpireReservation
from application.stock.watching import LapseWatch
from application.timers import TIMERS
from domain.kernel.events import Event, Personal, Recorded
from domain.stock.reservation_events import (
    Line,
    ReservationExpired,
    ReservationExtended,
    ReservationIssued,
    ReservationPlaced,
    ReservationReleased,
)
from domain.stock.watch_events import (
    WatchAsked,
    WatchConfirmed,
    WatchEnded,
    WatcherNotified,
    WatchingBegun,
)
from domain.stock.watches import Watching
from tests.stock.shelves import RED

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
DUE = AT + timedelta(minutes=15)
LINES = (Line(RED, "main", 1),)
NOBODY = UUID(int=0)
ASKED = WatchAsked(RED, "eml_1", "prd_1", "gst_1", Personal("gst_1", "x"), "tr", DUE)


def reactions(event: Event) -> list[Reaction]:
    recorded = Recorded(NOBODY, 1, NOBODY, "x", 1, AT, event, b"")
    return [
        one
        for process in (EXPIRIES, STOCK_WATCHES)
        if type(event) in process.reactions
        for one in process.reactions[type(event)](recorded)
    ]


def test_a_reservation_has_a_timer_until_it_ends() -> None:
    begins, ends = (
        [SetTimer(RESERVATION_EXPIRY, "rsv_1", DUE)],
        [ClearTimer(RESERVATION_EXPIRY, "rsv_1")],
    )
    assert reactions(ReservationPlaced("rsv_1", LINES, DUE, None)) == begins
    assert reactions(ReservationPlaced("rsv_1", LINES, None, None)) == []
    assert reactions(ReservationExtended("rsv_1", DUE)) == begins
    assert reactions(ReservationExtended("rsv_1", None)) == ends
    assert reactions(ReservationIssued("rsv_1", LINES, LINES)) == []
    assert reactions(ReservationIssued("rsv_1", LINES, ())) == ends
    assert reactions(ReservationReleased("rsv_1", LINES)) == ends
    assert reactions(ReservationExpired("rsv_1", LINES)) == ends
    assert TIMERS[RESERVATION_EXPIRY]("rsv_1") == ExpireReservation("rsv_1")


def test_an_address_has_a_timer_until_it_is_confirmed_or_forgotten() -> None:
    key = f"{RED}/eml_1"
    assert reactions(ASKED) == [SetTimer(WATCH_LAPSE, key, DUE), Perform(WATCH_LINK)]
    assert reactions(WatchConfirmed(RED, "eml_1")) == [ClearTimer(WATCH_LAPSE, key)]
    ended = WatchEnded(RED, "eml_1", "unsubscribed", None)
    assert reactions(ended) == [ClearTimer(WATCH_LAPSE, key)]
    assert TIMERS[WATCH_LAPSE](key) == LapseWatch(RED, "eml_1")


def test_a_notice_is_filed_once_for_each_watcher_who_is_told() -> None:
    assert reactions(WatcherNotified(RED, "cus_1")) == [Perform(WATCH_NOTICE)]


def test_crossings_are_looked_at_only_where_somebody_ever_waited() -> None:
    relay = STOCK_WATCHES.relay
    assert relay is not None
    watching = Watching.evolve(None, WatchingBegun())
    assert STOCK_WATCHES.attentive(watching)
    assert not STOCK_WATCHES.attentive(None)

    def passing(name: str) -> Passing:
        return Passing(1, NOBODY, f"stock-{RED}.main", 1, name, AT)

    crossed = list(relay(watching, passing("stock.level_crossed")))
    assert crossed == [Perform(FIND_WATCHERS, bulk=True)]
    assert list(relay(watching, passing("stock.moved"))) == []
