"""What happens to stock: one stream for each variant at each location."""

from dataclasses import dataclass
from typing import ClassVar

from domain.kernel.events import Event

MAIN_LOCATION = "main"
"""The location that every tenant has."""
RANKING_KEY = "all"


@dataclass(frozen=True, slots=True)
class LocationOpened(Event):
    """Stock can be at a location."""

    NAME: ClassVar[str] = "stock.location_opened"
    CATEGORY: ClassVar[str] = "stock_location"

    location_id: str
    name: str

    @property
    def key(self) -> str:
        return self.location_id


@dataclass(frozen=True, slots=True)
class LocationRenamed(Event):
    """A location is called something else; the main one has no other name of its own before."""

    NAME: ClassVar[str] = "stock.location_renamed"
    CATEGORY: ClassVar[str] = "stock_location"

    location_id: str
    name: str

    @property
    def key(self) -> str:
        return self.location_id


@dataclass(frozen=True, slots=True)
class LocationClosed(Event):
    """Nothing is at a location any more, and nothing comes there."""

    NAME: ClassVar[str] = "stock.location_closed"
    CATEGORY: ClassVar[str] = "stock_location"

    location_id: str
    reason: str | None

    @property
    def key(self) -> str:
        return self.location_id


@dataclass(frozen=True, slots=True)
class LocationReopened(Event):
    """Stock can be at a location again that was closed."""

    NAME: ClassVar[str] = "stock.location_reopened"
    CATEGORY: ClassVar[str] = "stock_location"

    location_id: str

    @property
    def key(self) -> str:
        return self.location_id


@dataclass(frozen=True, slots=True)
class LocationUseChanged(Event):
    """So many more variants are at a location, kept there or promised from there; or fewer.

    The main location is never closed, so nobody counts there.
    """

    NAME: ClassVar[str] = "stock.location_use_changed"
    CATEGORY: ClassVar[str] = "stock_location_use"

    location_id: str
    change: int

    @property
    def key(self) -> str:
        return self.location_id


@dataclass(frozen=True, slots=True)
class LocationsRanked(Event):
    """All open locations, in the order in which they are asked for stock."""

    NAME: ClassVar[str] = "stock.locations_ranked"
    CATEGORY: ClassVar[str] = "stock_ranking"

    location_ids: tuple[str, ...]

    @property
    def key(self) -> str:
        return RANKING_KEY


class StockEvent(Event):
    """An event of a variant's stock at a location."""

    __slots__ = ()
    CATEGORY: ClassVar[str] = "stock"

    variant_id: str
    location_id: str

    @property
    def key(self) -> str:
        return f"{self.variant_id}.{self.location_id}"


@dataclass(frozen=True, slots=True)
class StockMoved(StockEvent):
    """So many units came (positive) or went (negative). `reference` says on which paper.

    `reason` is received, returned, sold, damaged, lost, found, corrected, counted, sent or arrived.
    """

    NAME: ClassVar[str] = "stock.moved"

    variant_id: str
    location_id: str
    movement_id: str
    quantity: int
    reason: str
    reference: str | None


@dataclass(frozen=True, slots=True)
class StockReserved(StockEvent):
    """So many units are kept for a reservation."""

    NAME: ClassVar[str] = "stock.reserved"

    variant_id: str
    location_id: str
    reservation_id: str
    quantity: int


@dataclass(frozen=True, slots=True)
class StockReleased(StockEvent):
    """Units that were kept are free again."""

    NAME: ClassVar[str] = "stock.released"

    variant_id: str
    location_id: str
    reservation_id: str
    quantity: int


@dataclass(frozen=True, slots=True)
class ReservedStockIssued(StockEvent):
    """Units that were kept went to whom they were kept for: as many are reserved no more.

    That they are gone is told by the `StockMoved` (sold) beside it.
    """

    NAME: ClassVar[str] = "stock.reserved_stock_issued"

    variant_id: str
    location_id: str
    reservation_id: str
    quantity: int


@dataclass(frozen=True, slots=True)
class StockPolicySet(StockEvent):
    """How stock is handled: `safety` units are never sold, at `low_at` available ones it is low.

    With `backorder` more is sold than there is, up to `backorder_limit` units (None: any number).
    """

    NAME: ClassVar[str] = "stock.policy_set"

    variant_id: str
    location_id: str
    safety: int
    low_at: int
    backorder: bool
    backorder_limit: int | None


@dataclass(frozen=True, slots=True)
class StockLevelCrossed(StockEvent):
    """Available units went over a threshold: `level` is in, low or out now, and `was` another."""

    NAME: ClassVar[str] = "stock.level_crossed"

    variant_id: str
    location_id: str
    level: str
    available: int
    was: str
