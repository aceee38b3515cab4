"""What stands beside products in the listing: brands, prices and stock."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, DateTime, Text

from domain.catalog.sorting.events import BrandAdded, BrandRemoved, BrandRenamed
from domain.kernel.events import Event, Recorded
from domain.pricing.events import PriceBegan, PriceEnded, PriceSet
from domain.stock.events import (
    ReservedStockIssued,
    StockMoved,
    StockPolicySet,
    StockReleased,
    StockReserved,
)
from projections.read_model import Delete, Fold, Increment, Operation, ReadTable, Upsert

BRANDS = ReadTable(
    "catalog_brands_v1",
    Column("brand_id", Text(collation="C"), primary_key=True),
    Column("slug", Text, nullable=False),
    Column("name", Text, nullable=False),
)

PRICES = ReadTable(
    "catalog_prices_v1",
    Column("variant_id", Text(collation="C"), primary_key=True),
    Column("price_list_id", Text(collation="C"), primary_key=True),
    Column("minimum_quantity", BigInteger, primary_key=True),
    Column("minor", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    Column("list_minor", BigInteger),
    Column("ends_at", DateTime(timezone=True)),
)
"""What holds now, in minor units; `list_minor` is shown crossed out beside it."""

STOCK = ReadTable(
    "catalog_stock_v1",
    Column("variant_id", Text(collation="C"), primary_key=True),
    Column("location_id", Text(collation="C"), primary_key=True),
    Column("safety", BigInteger),
    Column("low_at", BigInteger),
    Column("backorder", Boolean),
    Column("on_hand", BigInteger, nullable=False),
    Column("reserved", BigInteger, nullable=False),
    latest=("safety", "low_at", "backorder"),
    counters=("on_hand", "reserved"),
)


def _brand(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    return (Upsert(BRANDS, (event.brand_id, event.slug, event.name)),)


def _no_brand(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    return (Delete(BRANDS, (event.brand_id,)),)


def _priced(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    key = (event.variant_id, event.price_list_id, event.minimum_quantity)
    if event.amount is None:
        return (Delete(PRICES, key),)
    crossed_out = event.list_price.minor if event.list_price is not None else None
    ends_at = getattr(event, "ends_at", None)
    row = (*key, event.amount.minor, event.amount.currency, crossed_out, ends_at)
    return (Upsert(PRICES, row),)


def _counts(on_hand: int, reserved: int) -> Fold:
    def fold(recorded: Recorded) -> Iterable[Operation]:
        event: Any = recorded.event
        amounts = event.quantity * on_hand, event.quantity * reserved
        key = (event.variant_id, event.location_id)
        return (Increment(STOCK, key, amounts, (None, None, None), ()),)

    return fold


def _policy(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    policy = (event.safety, event.low_at, event.backorder)
    return (Increment(STOCK, (event.variant_id, event.location_id), (0, 0), policy, ()),)


SURROUNDING_FOLDS: dict[type[Event], Fold] = {
    BrandAdded: _brand,
    BrandRenamed: _brand,
    BrandRemoved: _no_brand,
    PriceSet: _priced,
    PriceBegan: _priced,
    PriceEnded: _priced,
    StockMoved: _counts(1, 0),
    StockReserved: _counts(0, 1),
    StockReleased: _counts(0, -1),
    ReservedStockIssued: _counts(0, -1),
    StockPolicySet: _policy,
}
