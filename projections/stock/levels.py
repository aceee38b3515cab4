"""What is on hand, reserved and available, by variant and location, and how it sells."""

from collections.abc import Iterable
from datetime import UTC, date
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Index,
    Text,
    and_,
    bindparam,
    case,
    func,
    literal_column,
    select,
    text,
)

from domain.catalog.variant_events import VariantAdded, VariantChanged
from domain.kernel.events import Recorded
from domain.stock.events import (
    LocationClosed,
    LocationReopened,
    ReservedStockIssued,
    StockLevelCrossed,
    StockMoved,
    StockPolicySet,
    StockReleased,
    StockReserved,
)
from domain.stock.movements import Reason
from projections.query import Connection, Query
from projections.read_model import Delete, Increment, Operation, ReadModel, ReadTable, Upsert

COVER_DAYS = 28
"""Days of cover are told by how much was sold in so many days."""

LEVELS = ReadTable(
    "stock_levels_v2",
    Column("variant_id", Text(collation="C"), primary_key=True),
    Column("location_id", Text(collation="C"), primary_key=True),
    Column("safety", BigInteger),
    Column("low_at", BigInteger),
    Column("backorder", Boolean),
    Column("backorder_limit", BigInteger),
    Column("level", Text),
    Column("crossed_at", DateTime(timezone=True)),
    Column("version", BigInteger, nullable=False),
    Column("on_hand", BigInteger, nullable=False),
    Column("reserved", BigInteger, nullable=False),
    Index(
        "stock_levels_v2_alerts",
        "tenant_id",
        "variant_id",
        "location_id",
        postgresql_where=text("level IN ('low', 'out')"),
    ),
    latest=(
        "safety",
        "low_at",
        "backorder",
        "backorder_limit",
        "level",
        "crossed_at",
        "version",
    ),
    counters=("on_hand", "reserved"),
)
"""A backorder limit of -1 is none; what is null was never set."""

NO_LIMIT = -1

SKUS = ReadTable(
    "stock_skus_v2",
    Column("variant_id", Text(collation="C"), primary_key=True),
    Column("product_id", Text(collation="C"), nullable=False),
    Column("sku", Text, nullable=False),
)

SALES = ReadTable(
    "stock_sales_v2",
    Column("variant_id", Text(collation="C"), primary_key=True),
    Column("location_id", Text(collation="C"), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("units", BigInteger, nullable=False),
    counters=("units",),
)
"""Units sold by day (UTC)."""

CLOSED = ReadTable(
    "stock_closed_locations_v2", Column("location_id", Text(collation="C"), primary_key=True)
)
"""Of what is out where nothing can be, nobody is alerted."""


def _changed(
    recorded: Recorded, *, on_hand: int = 0, reserved: int = 0, latest: tuple[Any, ...] = ()
) -> Increment:
    event: Any = recorded.event
    known = latest or (None,) * 6
    return Increment(
        LEVELS,
        (event.variant_id, event.location_id),
        (on_hand, reserved),
        (*known, recorded.version),
        (),
    )


def _moved(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    yield _changed(recorded, on_hand=event.quantity)
    if event.reason == Reason.SOLD:
        day = recorded.recorded_at.astimezone(UTC).date()
        key = (event.variant_id, event.location_id, day)
        yield Increment(SALES, key, (-event.quantity,), (), ())


def _reserved(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    return (_changed(recorded, reserved=event.quantity),)


def _freed(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    return (_changed(recorded, reserved=-event.quantity),)


def _policy_set(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    limit = NO_LIMIT if event.backorder_limit is None else event.backorder_limit
    policy = (event.safety, event.low_at, event.backorder, limit)
    return (_changed(recorded, latest=(*policy, None, None)),)


def _crossed(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    told = (None, None, None, None, event.level, recorded.recorded_at)
    return (_changed(recorded, latest=told),)


def _named(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    return (Upsert(SKUS, (event.variant_id, event.product_id, event.sku)),)


def _closed(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    return (Upsert(CLOSED, (event.location_id,)),)


def _reopened(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    return (Delete(CLOSED, (event.location_id,)),)


STOCK_LEVELS = ReadModel(
    "stock_levels",
    2,
    (LEVELS, SKUS, SALES, CLOSED),
    {
        StockMoved: _moved,
        StockReserved: _reserved,
        StockReleased: _freed,
        ReservedStockIssued: _freed,
        StockPolicySet: _policy_set,
        StockLevelCrossed: _crossed,
        VariantAdded: _named,
        VariantChanged: _named,
        LocationClosed: _closed,
        LocationReopened: _reopened,
    },
)

_LEVEL, _SKU, _SALE = LEVELS.table.c, SKUS.table.c, SALES.table.c
_BACKORDER = func.coalesce(_LEVEL.backorder, literal_column("false"))
_FREE = _LEVEL.on_hand - _LEVEL.reserved - func.coalesce(_LEVEL.safety, 0)
_AVAILABLE = case((_BACKORDER, _FREE), else_=func.greatest(_FREE, 0))
_OF_TENANT = _LEVEL.tenant_id == bindparam("tenant_id")
_NAMED = and_(_SKU.tenant_id == _LEVEL.tenant_id, _SKU.variant_id == _LEVEL.variant_id)
_AFTER = func.row(_LEVEL.variant_id, _LEVEL.location_id) > func.row(
    bindparam("after_variant"), bindparam("after_location")
)
_ROWS = (
    select(
        _LEVEL.variant_id,
        _LEVEL.location_id,
        _SKU.product_id,
        _SKU.sku,
        _LEVEL.on_hand,
        _LEVEL.reserved,
        func.coalesce(_LEVEL.safety, 0).label("safety"),
        func.coalesce(_LEVEL.low_at, 0).label("low_at"),
        _BACKORDER.label("backorder"),
        func.nullif(_LEVEL.backorder_limit, NO_LIMIT).label("backorder_limit"),
        _AVAILABLE.label("available"),
        func.coalesce(_LEVEL.level, "out").label("level"),
        _LEVEL.crossed_at,
        _LEVEL.version,
    )
    .select_from(LEVELS.table.outerjoin(SKUS.table, _NAMED))
    .where(_OF_TENANT, _AFTER)
    .order_by(_LEVEL.variant_id, _LEVEL.location_id)
    .limit(bindparam("limit"))
)
_FILTERED = _ROWS.where(
    func.coalesce(bindparam("location_id", type_=Text), _LEVEL.location_id) == _LEVEL.location_id,
    func.coalesce(bindparam("level", type_=Text), func.coalesce(_LEVEL.level, "out"))
    == func.coalesce(_LEVEL.level, "out"),
)
_PAGE = Query(_FILTERED)
_OF_VARIANT = Query(_FILTERED.where(_LEVEL.variant_id == bindparam("variant_id")))
_SOLD = (
    select(func.coalesce(func.sum(_SALE.units), 0))
    .where(
        _SALE.tenant_id == _LEVEL.tenant_id,
        _SALE.variant_id == _LEVEL.variant_id,
        _SALE.location_id == _LEVEL.location_id,
        _SALE.day > bindparam("since"),
    )
    .scalar_subquery()
)
_AT_CLOSED = (
    select(CLOSED.table.c.location_id)
    .where(
        CLOSED.table.c.tenant_id == _LEVEL.tenant_id,
        CLOSED.table.c.location_id == _LEVEL.location_id,
    )
    .exists()
)
_ALERTS = Query(
    _ROWS.add_columns(_SOLD.label("sold")).where(text("level IN ('low', 'out')"), ~_AT_CLOSED)
)


async def levels(  # noqa: PLR0913 - the parts of a page
    connection: Connection,
    tenant_id: object,
    *,
    variant_id: str | None = None,
    location_id: str | None = None,
    level: str | None = None,
    after: tuple[str, str] = ("", ""),
    limit: int,
) -> list[dict[str, Any]]:
    """Give a page of what stands where, by variant and location."""
    asked: dict[str, Any] = {
        "tenant_id": tenant_id,
        "location_id": location_id,
        "level": level,
        "after_variant": after[0],
        "after_location": after[1],
        "limit": limit,
    }
    if variant_id is None:
        return await _PAGE.all(connection, **asked)
    return await _OF_VARIANT.all(connection, **asked, variant_id=variant_id)


async def alerts(
    connection: Connection,
    tenant_id: object,
    *,
    since: date,
    after: tuple[str, str] = ("", ""),
    limit: int,
) -> list[dict[str, Any]]:
    """Give a page of what is low or out, with how many were `sold` after the day `since`.

    What was at a location that is closed is not among it.
    """
    return await _ALERTS.all(
        connection,
        tenant_id=tenant_id,
        since=since,
        after_variant=after[0],
        after_location=after[1],
        limit=limit,
    )
