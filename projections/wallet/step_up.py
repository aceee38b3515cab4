"""Above which withdrawals customers say their password again."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import BigInteger, Column, DateTime, Text, bindparam, select

from domain.kernel.events import Recorded
from domain.wallet.requests.events import StepUpThresholdSet
from projections.query import Connection, Query
from projections.read_model import Operation, ReadModel, ReadTable, Upsert

STEP_UP = ReadTable(
    "wallet_step_up_v1",
    Column("currency", Text(collation="C"), primary_key=True),
    Column("above", BigInteger, nullable=False),
    Column("set_at", DateTime(timezone=True), nullable=False),
)


def _set(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    above = event.above
    return (Upsert(STEP_UP, (above.currency, above.minor, recorded.recorded_at)),)


WALLET_STEP_UP = ReadModel("wallet_step_up", 1, (STEP_UP,), {StepUpThresholdSet: _set})

_ALL = Query(
    select(STEP_UP.table)
    .where(STEP_UP.table.c.tenant_id == bindparam("tenant_id"))
    .order_by(STEP_UP.table.c.currency)
)


async def thresholds(connection: Connection, tenant_id: object) -> list[dict[str, Any]]:
    """Give the thresholds by currency."""
    return await _ALL.all(connection, tenant_id=tenant_id)
