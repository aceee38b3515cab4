"""INV-01, INV-02: whatever happens, stock is the sum of its movements and never below zero."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given as given_any
from hypothesis import settings
from hypothesis import strategies as st

from application.stock.counting import (
    CancelStockTake,
    CloseStockTake,
    Counted,
    CountStock,
    StartStockTake,
)
from application.stock.locating import CloseLocation, ReopenLocation
from application.stock.moving import MoveStock, Moving, SetStockPolicy, TransferStock
from application.stock.reserving import (
    ExpireReservation,
    IssueReservation,
    ReleaseReservation,
    ReserveStock,
)
from domain.kernel.events import Event, stream_of
from domain.stock.events import (
    RANKING_KEY,
    StockEvent,
    StockLevelCrossed,
    StockMoved,
)
from domain.stock.location_uses import LocationUse
from domain.stock.locations import Ranking
from domain.stock.movements import DIRECTIONS, Reason
from domain.stock.reservations import Reservation, Wanted
from domain.stock.stock import Place, Policy, Stock
from tests.kit.memory import LogInMemory
from tests.kit.scenario import NOW, Story
from tests.stock.shelves import BLUE, RED, SHOP, TWO_PLACES

PLACES = st.sampled_from(("main", SHOP))
VARIANTS = st.sampled_from((RED, BLUE))
SMALL = st.integers(1, 6)
NAMES = st.sampled_from([f"rsv_{n}" for n in range(4)])
COMMANDS = st.one_of(
    st.builds(MoveStock, VARIANTS, PLACES, SMALL, st.sampled_from((*DIRECTIONS, Reason.CORRECTED))),
    st.builds(MoveStock, VARIANTS, PLACES, st.integers(-6, -1), st.just(Reason.CORRECTED)),
    st.builds(
        TransferStock, PLACES, PLACES, st.tuples(st.builds(Moving, VARIANTS, SMALL)), st.none()
    ),
    st.builds(
        ReserveStock,
        st.lists(
            st.builds(Wanted, VARIANTS, SMALL, st.one_of(st.none(), PLACES)), min_size=1, max_size=3
        ).map(tuple),
        st.just(60),
        st.none(),
        NAMES,
    ),
    st.builds(
        IssueReservation,
        NAMES,
        st.one_of(st.none(), st.tuples(st.builds(Wanted, VARIANTS, SMALL))),
    ),
    st.builds(ReleaseReservation, NAMES),
    st.builds(ExpireReservation, NAMES),
    st.builds(
        SetStockPolicy,
        VARIANTS,
        PLACES,
        st.builds(Policy, st.integers(0, 3), st.integers(0, 3), st.booleans()),
    ),
    st.builds(StartStockTake, PLACES, st.just("stk_1")),
    st.builds(
        CountStock, st.just("stk_1"), st.tuples(st.builds(Counted, VARIANTS, st.integers(0, 9)))
    ),
    st.builds(CloseStockTake, st.just("stk_1")),
    st.builds(CancelStockTake, st.just("stk_1")),
    st.builds(CloseLocation, PLACES),
    st.builds(ReopenLocation, st.just(SHOP)),
)


@pytest.mark.row("INV-01")
@pytest.mark.row("INV-02")
@settings(max_examples=150, deadline=None)
@given_any(st.lists(COMMANDS, max_size=30))
def test_stock_is_the_sum_of_its_movements_and_never_below_zero(commands: Sequence[object]) -> None:
    log = LogInMemory(TWO_PLACES)
    for n, command in enumerate(commands):
        at = NOW + timedelta(seconds=20 * n)
        decision = Story(log).when(command, at=at, command_id=UUID(int=n + 1)).decision
        for _, _, event in decision.events:
            log.append(event)
        check(log)


def check(log: LogInMemory) -> None:
    sums: dict[str, int] = defaultdict(int)
    levels: dict[str, str] = defaultdict(lambda: "out")
    for event in log.events:
        stream = stream_of(event.CATEGORY, event.key)
        if isinstance(event, StockMoved):
            sums[stream] += event.quantity
        if isinstance(event, StockLevelCrossed):
            assert event.was == levels[stream] != event.level
            levels[stream] = event.level
    kept: dict[str, int] = defaultdict(int)
    for _, reservation in log.states.values():
        if isinstance(reservation, Reservation):
            for line in reservation.lines:
                place = Place(line.variant_id, line.location_id)
                kept[stream_of(Stock.CATEGORY, place.key)] += line.quantity
    for stream in {name_of(event) for event in log.events if isinstance(event, StockEvent)}:
        stock = log.state(stream)[1]
        assert stock.on_hand == sums[stream] >= 0
        assert stock.reserved == kept[stream] >= 0
        assert stock.level == stock.reading == levels[stream]
        assert stock.policy.backorder or stock.available >= 0
    check_locations(log)


def check_locations(log: LogInMemory) -> None:
    """Hold the count of a location against what is there; at a closed one there is nothing."""
    places = {
        Place(event.variant_id, event.location_id): log.state(name_of(event))[1]
        for event in log.events
        if isinstance(event, StockEvent)
    }
    used = sum(stock.in_use for place, stock in places.items() if place.location_id == SHOP)
    counted = log.state(stream_of(LocationUse.CATEGORY, SHOP))[1]
    assert used == (counted.variants if counted is not None else 0)
    open_ones = log.state(stream_of(Ranking.CATEGORY, RANKING_KEY))[1].location_ids
    assert "main" in open_ones
    if SHOP not in open_ones:
        assert used == 0


def name_of(event: Event) -> str:
    return stream_of(event.CATEGORY, event.key)
