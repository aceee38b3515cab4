"""What no stream of stock ever holds is a fault, and is told as one."""

from typing import Any

import pytest

from domain.kernel.events import Event
from domain.stock.reservation_events import ReservationEvent, ReservationReleased
from domain.stock.reservations import Reservation
from domain.stock.stock import Stock
from domain.stock.stock_take_events import StockTakeCancelled, StockTakeEvent
from domain.stock.stock_takes import StockTake
from domain.stock.watch_events import WatchConfirmed, WatchEvent
from domain.stock.watches import Watch
from tests.stock.shelves import kept


class OddReservation(ReservationEvent):
    __slots__ = ()


class OddTake(StockTakeEvent):
    __slots__ = ()


class OddWatch(WatchEvent):
    __slots__ = ()


@pytest.mark.parametrize(
    ("kind", "first", "odd"),
    [
        (Reservation, ReservationReleased("rsv_1", ()), OddReservation()),
        (StockTake, StockTakeCancelled("stk_1", "main"), OddTake()),
        (Watch, WatchConfirmed("var_1", "cus_1"), OddWatch()),
    ],
)
def test_an_event_of_another_stream_is_no_part_of_it(kind: Any, first: Event, odd: Event) -> None:  # noqa: ANN401 - an aggregate
    with pytest.raises(AssertionError):
        kind.evolve(None, first)
    begun = {
        Reservation: Reservation("rsv_1", (), None),
        StockTake: StockTake("stk_1", "main", {}, ended=False),
        Watch: Watch("var_1", "cus_1", "waiting"),
    }[kind]
    with pytest.raises(AssertionError):
        kind.evolve(begun, odd)


def test_stock_is_folded_from_its_own_events() -> None:
    with pytest.raises(AssertionError):
        Stock.evolve(None, kept(1, None)[1])  # type: ignore[arg-type] - the odd one
