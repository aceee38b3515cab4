"""Stock-takes: what was counted is held against the books of that moment.

The difference is what counts, and not the number: what moves between the count and the close has
changed the books by as much as the shelf, so the difference stays what it was.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from domain.kernel.refusals import Invalid, NotFound, RuleBroken
from domain.stock.events import StockEvent, StockMoved
from domain.stock.movements import Reason
from domain.stock.stock import QUANTITY_MAX, Place, QuantityInvalid, Stock, told
from domain.stock.stock_take_events import (
    Count,
    StockCounted,
    StockTakeCancelled,
    StockTakeClosed,
    StockTakeEvent,
    StockTakeStarted,
)

COUNTED_MAX = 2_000
"""Variants of one stock-take: its close is one command, with two events at most for each."""

COUNTS_AT_ONCE_MAX = 500


class StockTakeNotFound(NotFound):
    """There is no such stock-take."""

    code = "stock.take_not_found"


class StockTakeExists(RuleBroken):
    """A stock-take with this id was started before."""

    code = "stock.take_exists"


class StockTakeUnderWay(RuleBroken):
    """The location is being counted already."""

    code = "stock.take_under_way"


class StockTakeEnded(RuleBroken):
    """The stock-take was closed or cancelled."""

    code = "stock.take_ended"


class CountsInvalid(Invalid):
    """Each variant is counted once at a time, and a limited number of them."""

    code = "stock.counts_invalid"


class TooManyCounted(RuleBroken):
    """A stock-take counts a limited number of variants."""

    code = "stock.too_many_counted"


class CountContradicted(RuleBroken):
    """More went since the count than was there by it: it has to be counted again."""

    code = "stock.count_contradicted"


@dataclass(frozen=True, slots=True)
class StockTake:
    """The differences found so far, by variant."""

    CATEGORY: ClassVar[str] = "stock_take"
    FOLD_VERSION: ClassVar[int] = 1

    stock_take_id: str
    location_id: str
    differences: Mapping[str, int]
    ended: bool

    @classmethod
    def evolve(cls, state: "StockTake | None", event: StockTakeEvent) -> "StockTake":
        if isinstance(event, StockTakeStarted):
            return cls(event.stock_take_id, event.location_id, {}, ended=False)
        assert state is not None
        match event:
            case StockCounted():
                found = {count.variant_id: count.difference for count in event.counts}
                return replace(state, differences={**state.differences, **found})
            case StockTakeClosed() | StockTakeCancelled():
                return replace(state, differences={}, ended=True)
            case _:
                raise AssertionError(event)


def start(
    existing: StockTake | None, *, stock_take_id: str, location_id: str, holder: str | None
) -> tuple[StockTakeStarted]:
    """Begin to count a location; `holder` is the stream of the stock-take that counts it now."""
    if existing is not None:
        raise StockTakeExists("a stock-take with this id was started before")
    if holder is not None:
        raise StockTakeUnderWay(
            "the location is being counted already", stock_take_id=holder.partition("-")[2]
        )
    return (StockTakeStarted(stock_take_id, location_id),)


def count(
    stock_take: StockTake, counted: Sequence[tuple[str, int]], stocks: Mapping[str, Stock]
) -> tuple[StockCounted]:
    """Note what was counted, by variant, and what the books have now."""
    _check_open(stock_take)
    variants = {variant_id for variant_id, _ in counted}
    if len(variants) < len(counted) or not 1 <= len(counted) <= COUNTS_AT_ONCE_MAX:
        raise CountsInvalid(f"count 1 to {COUNTS_AT_ONCE_MAX} variants, each once")
    for _, quantity in counted:
        if not 0 <= quantity <= QUANTITY_MAX:
            raise QuantityInvalid(f"a count is 0 to {QUANTITY_MAX} units", quantity=quantity)
    if len(variants | stock_take.differences.keys()) > COUNTED_MAX:
        raise TooManyCounted(f"a stock-take counts {COUNTED_MAX} variants at most")
    counts = tuple(
        Count(variant_id, quantity, stocks[variant_id].on_hand) for variant_id, quantity in counted
    )
    return (StockCounted(stock_take.stock_take_id, stock_take.location_id, counts),)


def close(
    stock_take: StockTake, stocks: Mapping[str, Stock], *, movement_ids: Sequence[str]
) -> tuple[StockEvent | StockTakeClosed, ...]:
    """Let the differences become movements. What is missing may have been promised to somebody."""
    _check_open(stock_take)
    moves: list[StockEvent] = []
    differing = differing_in(stock_take)
    for (variant_id, difference), movement_id in zip(differing.items(), movement_ids, strict=True):
        stock, place = stocks[variant_id], Place(variant_id, stock_take.location_id)
        if stock.on_hand + difference < 0:
            raise CountContradicted(
                "more went since the count than it found; count it again",
                variant_id=variant_id,
                on_hand=stock.on_hand,
                difference=difference,
            )
        moved = StockMoved(
            *place, movement_id, difference, Reason.COUNTED.value, stock_take.stock_take_id
        )
        moves += told(stock, place, moved)
    closed = StockTakeClosed(stock_take.stock_take_id, stock_take.location_id, len(differing))
    return (*moves, closed)


def cancel(stock_take: StockTake) -> tuple[StockTakeCancelled]:
    """Throw away what was counted."""
    _check_open(stock_take)
    return (StockTakeCancelled(stock_take.stock_take_id, stock_take.location_id),)


def differing_in(stock_take: StockTake) -> dict[str, int]:
    """Give the differences that are one."""
    return {variant: units for variant, units in stock_take.differences.items() if units}


def _check_open(stock_take: StockTake) -> None:
    if stock_take.ended:
        raise StockTakeEnded("the stock-take was closed or cancelled")
