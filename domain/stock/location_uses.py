"""How many variants are in use at a location: it is closed once there are none.

A count of variants and not of units changes only with the first unit of a variant and after its
last, so a location that sells is not counted anew with each sale. At the main location, which is
never closed, nothing is counted.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from domain.kernel.events import Event
from domain.stock.events import MAIN_LOCATION, LocationUseChanged, StockEvent
from domain.stock.stock import Place, Stock


@dataclass(frozen=True, slots=True)
class LocationUse:
    """How many variants are in use at a location."""

    CATEGORY: ClassVar[str] = "stock_location_use"
    FOLD_VERSION: ClassVar[int] = 1

    variants: int

    @classmethod
    def evolve(cls, state: "LocationUse | None", event: LocationUseChanged) -> "LocationUse":
        return cls((state.variants if state is not None else 0) + event.change)


def counted(events: Iterable[Event]) -> list[StockEvent]:
    """Give what happens to stock where its use is counted."""
    return [
        event
        for event in events
        if isinstance(event, StockEvent) and event.location_id != MAIN_LOCATION
    ]


def changes(
    stocks: Mapping[Place, Stock], events: Iterable[StockEvent]
) -> tuple[LocationUseChanged, ...]:
    """Say by how many variants in use each location changes; `stocks` is what stood there before.

    However many variants it is about, a location is told once.
    """
    after = dict(stocks)
    for event in events:
        place = Place(event.variant_id, event.location_id)
        after[place] = Stock.evolve(after[place], event)
    change = {place.location_id: 0 for place in stocks}
    for place, stock in after.items():
        change[place.location_id] += stock.in_use - stocks[place].in_use
    return tuple(LocationUseChanged(*one) for one in change.items() if one[1])
