"""The tenant's books and the accounts it added to the standard chart."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Column, DateTime, Text, bindparam, select

from domain.kernel.events import Recorded
from domain.ledger.accounts import STANDARD_CHART, Account, AccountType
from domain.ledger.events import AccountOpened, BooksOpened
from projections.query import Connection, Query
from projections.read_model import Insert, Operation, ReadModel, ReadTable

BOOKS = ReadTable(
    "ledger_books_v1",
    Column("base_currency", Text, nullable=False),
    Column("time_zone", Text, nullable=False),
    Column("opened_at", DateTime(timezone=True), nullable=False),
)
ACCOUNTS = ReadTable(
    "ledger_accounts_v1",
    Column("code", Text(collation="C"), primary_key=True),
    Column("type", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("opened_at", DateTime(timezone=True), nullable=False),
)


def _books_opened(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    return (Insert(BOOKS, (event.base_currency, event.time_zone, recorded.recorded_at)),)


def _account_opened(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    return (Insert(ACCOUNTS, (event.code, event.type, event.name, recorded.recorded_at)),)


LEDGER_CHART = ReadModel(
    "ledger_chart",
    1,
    (BOOKS, ACCOUNTS),
    {BooksOpened: _books_opened, AccountOpened: _account_opened},
)

_BOOKS = Query(select(BOOKS.table).where(BOOKS.table.c.tenant_id == bindparam("tenant_id")))
_OWN = Query(select(ACCOUNTS.table).where(ACCOUNTS.table.c.tenant_id == bindparam("tenant_id")))


async def books(connection: Connection, tenant_id: object) -> dict[str, Any] | None:
    """Give base currency, time zone and opening time of the books, or None before they open."""
    return await _BOOKS.one(connection, tenant_id=tenant_id)


async def chart(connection: Connection, tenant_id: object) -> dict[str, Account]:
    """Give the whole chart by code: the standard accounts and the tenant's own."""
    own = await _OWN.all(connection, tenant_id=tenant_id)
    opened = {
        row["code"]: Account(row["code"], AccountType(row["type"]), row["name"]) for row in own
    }
    return {**STANDARD_CHART, **opened}
