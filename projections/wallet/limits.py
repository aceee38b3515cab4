"""Limits by level, people's levels, and what they used of their limits on each day."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import BigInteger, Column, Date, Text, bindparam, func, select

from domain.kernel.events import Recorded
from domain.wallet.limits.events import LevelSet, LimitsSet, UsageCounted
from domain.wallet.limits.limits import STANDARD
from projections.query import Connection, Query
from projections.read_model import Increment, Operation, ReadModel, ReadTable, Upsert

LIMITS = ReadTable(
    "wallet_limits_v1",
    Column("level", Text(collation="C"), primary_key=True),
    Column("currency", Text(collation="C"), primary_key=True),
    Column("kind", Text(collation="C"), primary_key=True),
    Column("per_transaction", BigInteger),
    Column("per_day", BigInteger),
    Column("per_month", BigInteger),
)
LEVELS = ReadTable(
    "wallet_levels_v1",
    Column("owner", Text(collation="C"), primary_key=True),
    Column("level", Text(collation="C"), nullable=False),
)
USAGE = ReadTable(
    "wallet_usage_v1",
    Column("owner", Text(collation="C"), primary_key=True),
    Column("currency", Text(collation="C"), primary_key=True),
    Column("kind", Text(collation="C"), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("used", BigInteger, nullable=False),
    counters=("used",),
)


def _limits_set(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    most = (event.per_transaction_minor, event.per_day_minor, event.per_month_minor)
    return (Upsert(LIMITS, (event.level, event.currency, event.kind, *most)),)


def _level_set(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    return (Upsert(LEVELS, (event.owner, event.level)),)


def _counted(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    key = (event.owner, event.amount.currency, event.kind, event.day)
    return (Increment(USAGE, key, (event.amount.minor,), (), ()),)


WALLET_LIMITS = ReadModel(
    "wallet_limits",
    1,
    (LIMITS, LEVELS, USAGE),
    {LimitsSet: _limits_set, LevelSet: _level_set, UsageCounted: _counted},
)

_LIMIT, _LEVEL, _USAGE = LIMITS.table.c, LEVELS.table.c, USAGE.table.c
_ALL = Query(
    select(LIMITS.table)
    .where(_LIMIT.tenant_id == bindparam("tenant_id"))
    .order_by(_LIMIT.level, _LIMIT.currency, _LIMIT.kind)
)
_LEVEL_OF = Query(
    select(_LEVEL.level).where(
        _LEVEL.tenant_id == bindparam("tenant_id"), _LEVEL.owner == bindparam("owner")
    )
)
_OF_LEVEL = Query(
    select(LIMITS.table)
    .where(
        _LIMIT.tenant_id == bindparam("tenant_id"),
        _LIMIT.level == bindparam("level"),
        _LIMIT.currency == bindparam("currency"),
    )
    .order_by(_LIMIT.kind)
)
_USED = Query(
    select(
        _USAGE.kind,
        func.sum(_USAGE.used).label("of_month"),
        func.coalesce(func.sum(_USAGE.used).filter(_USAGE.day == bindparam("today")), 0).label(
            "of_day"
        ),
    )
    .where(
        _USAGE.tenant_id == bindparam("tenant_id"),
        _USAGE.owner == bindparam("owner"),
        _USAGE.currency == bindparam("currency"),
        _USAGE.day >= bindparam("first_of_month"),
        _USAGE.day <= bindparam("today"),
    )
    .group_by(_USAGE.kind)
)


async def limits(connection: Connection, tenant_id: object) -> list[dict[str, Any]]:
    """Give all limits, by level, currency and kind."""
    return await _ALL.all(connection, tenant_id=tenant_id)


async def standing_of(
    connection: Connection, tenant_id: object, owner: str, *, currency: str, today: date
) -> tuple[str, list[dict[str, Any]]]:
    """Give a person's level, and its limits in a currency with what was used of them so far."""
    found = await _LEVEL_OF.one(connection, tenant_id=tenant_id, owner=owner)
    level: str = STANDARD if found is None else found["level"]
    rows = await _OF_LEVEL.all(connection, tenant_id=tenant_id, level=level, currency=currency)
    used = await _USED.all(
        connection,
        tenant_id=tenant_id,
        owner=owner,
        currency=currency,
        today=today,
        first_of_month=today.replace(day=1),
    )
    by_kind = {row["kind"]: row for row in used}
    for row in rows:
        mine = by_kind.get(row["kind"], {"of_day": 0, "of_month": 0})
        row["used_of_day"], row["used_of_month"] = int(mine["of_day"]), int(mine["of_month"])
    return level, rows
