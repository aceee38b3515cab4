"""What happens to stock-takes: one stream for each."""

from dataclasses import dataclass
from typing import ClassVar

from domain.kernel.events import Claim, Event

STOCK_TAKE_CLAIM = "stock.take_at"
"""One stock-take at a time counts a location: two would find the same difference twice."""


@dataclass(frozen=True, slots=True)
class Count:
    """So many units were counted where the books had `expected` at that moment."""

    variant_id: str
    counted: int
    expected: int

    @property
    def difference(self) -> int:
        """How many more there are than the books had; less than zero if some are missing."""
        return self.counted - self.expected


class StockTakeEvent(Event):
    """An event of a stock-take's stream."""

    __slots__ = ()
    CATEGORY: ClassVar[str] = "stock_take"

    stock_take_id: str
    location_id: str

    @property
    def key(self) -> str:
        return self.stock_take_id


@dataclass(frozen=True, slots=True)
class StockTakeStarted(StockTakeEvent):
    """Somebody began to count what is at a location."""

    NAME: ClassVar[str] = "stock.take_started"

    stock_take_id: str
    location_id: str

    def takes(self) -> tuple[Claim, ...]:
        return (Claim(STOCK_TAKE_CLAIM, self.location_id),)


@dataclass(frozen=True, slots=True)
class StockCounted(StockTakeEvent):
    """Some variants were counted; who counts one again means the last count."""

    NAME: ClassVar[str] = "stock.counted"

    stock_take_id: str
    location_id: str
    counts: tuple[Count, ...]


@dataclass(frozen=True, slots=True)
class StockTakeClosed(StockTakeEvent):
    """The differences became movements, `differing` in number."""

    NAME: ClassVar[str] = "stock.take_closed"

    stock_take_id: str
    location_id: str
    differing: int

    def releases(self) -> tuple[Claim, ...]:
        return (Claim(STOCK_TAKE_CLAIM, self.location_id),)


@dataclass(frozen=True, slots=True)
class StockTakeCancelled(StockTakeEvent):
    """What was counted is thrown away."""

    NAME: ClassVar[str] = "stock.take_cancelled"

    stock_take_id: str
    location_id: str

    def releases(self) -> tuple[Claim, ...]:
        return (Claim(STOCK_TAKE_CLAIM, self.location_id),)
