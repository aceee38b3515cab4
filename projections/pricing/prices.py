"""Price lists, what each variant costs in them now, and what is scheduled."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Integer,
    Text,
    and_,
    bindparam,
    cast,
    or_,
    select,
)

from domain.kernel.events import Recorded
from domain.kernel.money import Money
from domain.pricing.events import (
    PriceBegan,
    PriceEnded,
    PriceListDefined,
    PriceScheduled,
    PriceSet,
    ScheduleCancelled,
)
from projections.query import Connection, Query
from projections.read_model import (
    Delete,
    Increment,
    Insert,
    Operation,
    ReadModel,
    ReadTable,
    Upsert,
)

LISTS = ReadTable(
    "pricing_price_lists_v1",
    Column("price_list_id", Text(collation="C"), primary_key=True),
    Column("name", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("channel", Text),
    Column("customer_group", Text),
    Column("priority", Integer, nullable=False),
    Column("tax_included", Boolean, nullable=False),
)
"""The lists of a tenant's own; the standard one is not told by an event."""

PRICES = ReadTable(
    "pricing_prices_v1",
    Column("variant_id", Text(collation="C"), primary_key=True),
    Column("price_list_id", Text(collation="C"), primary_key=True),
    Column("minimum_quantity", Integer, primary_key=True),
    Column("currency", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("list_price", BigInteger),
    Column("since", DateTime(timezone=True), nullable=False),
    Column("schedule_id", Text),
    Column("ends_at", DateTime(timezone=True)),
)
"""What holds now. `schedule_id` and `ends_at` are there while it is a scheduled price."""

SCHEDULES = ReadTable(
    "pricing_schedules_v1",
    Column("variant_id", Text(collation="C"), primary_key=True),
    Column("schedule_id", Text(collation="C"), primary_key=True),
    Column("price_list_id", Text, nullable=False),
    Column("minimum_quantity", Integer, nullable=False),
    Column("currency", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("list_price", BigInteger),
    Column("begins_at", DateTime(timezone=True), nullable=False),
    Column("ends_at", DateTime(timezone=True)),
    Column("begun", Boolean, nullable=False),
    latest=("begun",),
)
"""What has not ended; a price without an end is no longer scheduled once it holds."""


def _defined(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    row = (
        event.price_list_id,
        event.name,
        event.currency,
        event.channel,
        event.customer_group,
        event.priority,
        event.tax_included,
    )
    return (Upsert(LISTS, row),)


def _set(recorded: Recorded) -> Iterable[Operation]:
    return (_now(recorded),)


def _scheduled(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    row = (
        event.variant_id,
        event.schedule_id,
        event.price_list_id,
        event.minimum_quantity,
        *minor_of(event.amount, event.list_price),
        event.begins_at,
        event.ends_at,
        False,
    )
    return (Insert(SCHEDULES, row),)


def _began(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    key = event.variant_id, event.schedule_id
    if event.ends_at is None:
        return _now(recorded), Delete(SCHEDULES, key)
    now = _now(recorded, event.schedule_id, event.ends_at)
    return now, Increment(SCHEDULES, key, (), (True,))


def _ended(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    return _now(recorded), Delete(SCHEDULES, (event.variant_id, event.schedule_id))


def _cancelled(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    return (Delete(SCHEDULES, (event.variant_id, event.schedule_id)),)


def _now(recorded: Recorded, schedule_id: str | None = None, ends_at: Any = None) -> Operation:  # noqa: ANN401 - a moment or none
    event: Any = recorded.event
    key = event.variant_id, event.price_list_id, event.minimum_quantity
    if event.amount is None:
        return Delete(PRICES, key)
    told = minor_of(event.amount, event.list_price)
    since = getattr(event, "since", None) or recorded.recorded_at
    return Upsert(PRICES, (*key, *told, since, schedule_id, ends_at))


def minor_of(amount: Money, list_price: Money | None) -> tuple[str, int, int | None]:
    """Give currency and minor units of a price and of what is crossed out beside it."""
    return amount.currency, amount.minor, None if list_price is None else list_price.minor


PRICING_PRICES = ReadModel(
    "pricing_prices",
    1,
    (LISTS, PRICES, SCHEDULES),
    {
        PriceListDefined: _defined,
        PriceSet: _set,
        PriceScheduled: _scheduled,
        PriceBegan: _began,
        PriceEnded: _ended,
        ScheduleCancelled: _cancelled,
    },
)

_LIST, _PRICE, _SCHEDULE = LISTS.table.c, PRICES.table.c, SCHEDULES.table.c
_ONLY = cast(bindparam("price_list_id"), Text(collation="C"))
_LISTS = Query(
    select(LISTS.table)
    .where(
        _LIST.tenant_id == bindparam("tenant_id"),
        or_(
            _LIST.priority < bindparam("priority"),
            and_(_LIST.priority == bindparam("priority"), _LIST.price_list_id > bindparam("after")),
        ),
    )
    .order_by(_LIST.priority.desc(), _LIST.price_list_id)
    .limit(bindparam("limit"))
)
_PRICES = Query(
    select(PRICES.table)
    .where(
        _PRICE.tenant_id == bindparam("tenant_id"),
        _PRICE.variant_id == bindparam("variant_id"),
        or_(_ONLY.is_(None), _PRICE.price_list_id == _ONLY),
    )
    .order_by(_PRICE.price_list_id, _PRICE.minimum_quantity)
)
_SCHEDULES = Query(
    select(SCHEDULES.table)
    .where(
        _SCHEDULE.tenant_id == bindparam("tenant_id"),
        _SCHEDULE.variant_id == bindparam("variant_id"),
        or_(_ONLY.is_(None), _SCHEDULE.price_list_id == _ONLY),
    )
    .order_by(_SCHEDULE.begins_at, _SCHEDULE.schedule_id)
)


async def price_lists(
    connection: Connection, tenant_id: object, *, after: tuple[int, str], limit: int
) -> list[dict[str, Any]]:
    """Give a page of the tenant's own lists, the highest priority first, then the older."""
    priority, price_list_id = after
    return await _LISTS.all(
        connection, tenant_id=tenant_id, priority=priority, after=price_list_id, limit=limit
    )


async def prices_of(
    connection: Connection, tenant_id: object, variant_id: str, *, price_list_id: str | None = None
) -> list[dict[str, Any]]:
    """Give what a variant costs now, in all lists or in one, by list and quantity."""
    return await _PRICES.all(
        connection, tenant_id=tenant_id, variant_id=variant_id, price_list_id=price_list_id
    )


async def schedules_of(
    connection: Connection, tenant_id: object, variant_id: str, *, price_list_id: str | None = None
) -> list[dict[str, Any]]:
    """Give a variant's schedules that have not ended, the first to begin first."""
    return await _SCHEDULES.all(
        connection, tenant_id=tenant_id, variant_id=variant_id, price_list_id=price_list_id
    )
