"""KDV rates that a tenant set beside those of the law."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Column, Date, DateTime, Integer, Text, bindparam, select

from domain.kernel.events import Recorded
from domain.pricing.events import KdvRateSet
from domain.pricing.kdv import Rate, TaxClass
from projections.query import Connection, Query
from projections.read_model import Operation, ReadModel, ReadTable, Upsert

RATES = ReadTable(
    "pricing_tax_rates_v1",
    Column("tax_class", Text(collation="C"), primary_key=True),
    Column("effective_from", Date, primary_key=True),
    Column("rate_basis_points", Integer, nullable=False),
    Column("source", Text, nullable=False),
    Column("set_at", DateTime(timezone=True), nullable=False),
)


def _rate_set(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    key = event.tax_class, event.effective_from
    return (Upsert(RATES, (*key, event.rate_basis_points, event.source, recorded.recorded_at)),)


PRICING_TAX_RATES = ReadModel("pricing_tax_rates", 1, (RATES,), {KdvRateSet: _rate_set})

_RATE = RATES.table.c
_ALL = Query(
    select(_RATE.tax_class, _RATE.rate_basis_points, _RATE.effective_from, _RATE.source)
    .where(_RATE.tenant_id == bindparam("tenant_id"))
    .order_by(_RATE.effective_from, _RATE.tax_class)
)


async def own_rates(connection: Connection, tenant_id: object) -> list[Rate]:
    """Give all rates that the tenant set, by the day from which they hold."""
    rows = await _ALL.tuples(connection, tenant_id=tenant_id)
    return [Rate(TaxClass(tax_class), *rest, own=True) for tax_class, *rest in rows]
