"""Customers and how they are reached. Names and addresses are kept sealed."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, DateTime, Text, bindparam, select

from domain.kernel.events import Recorded
from domain.users.events import (
    AddressBounced,
    ContactChanged,
    CustomerRegistered,
    PersonErased,
)
from projections.query import Connection, Query
from projections.read_model import (
    Delete,
    Increment,
    Insert,
    Operation,
    ReadModel,
    ReadTable,
    Row,
    stored,
)

CUSTOMERS = ReadTable(
    "users_customers_v2",
    Column("customer_id", Text(collation="C"), primary_key=True),
    Column("registered_at", DateTime(timezone=True), nullable=False),
    Column("name_sealed", Text, nullable=False),
    Column("email_sealed", Text, nullable=False),
    Column("locale", Text, nullable=False),
    Column("bounced", Boolean, nullable=False),
    Column("version", BigInteger, nullable=False),
    latest=("name_sealed", "email_sealed", "locale", "bounced", "version"),
)
"""What is sealed opens with the customer's own key. Where there is nothing the text is empty, for
None would keep what stood there before."""


def _registered(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    return (Insert(CUSTOMERS, (event.customer_id, recorded.recorded_at, *_contact(recorded))),)


def _changed(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    return (Increment(CUSTOMERS, (event.customer_id,), (), _contact(recorded)),)


def _bounced(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    latest = (None, None, None, True, recorded.version)
    return (Increment(CUSTOMERS, (event.customer_id,), (), latest),)


def _erased(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    return (Delete(CUSTOMERS, (event.customer_id,)),)


def _contact(recorded: Recorded) -> Row:
    event: Any = recorded.event
    _, name = stored(event.name)
    _, email = stored(event.email)
    return name or "", email or "", event.locale, False, recorded.version


USERS_CUSTOMERS = ReadModel(
    "users_customers",
    2,
    (CUSTOMERS,),
    {
        CustomerRegistered: _registered,
        ContactChanged: _changed,
        AddressBounced: _bounced,
        PersonErased: _erased,
    },
)

_CUSTOMER = CUSTOMERS.table.c
_ONE = Query(
    select(CUSTOMERS.table).where(
        _CUSTOMER.tenant_id == bindparam("tenant_id"),
        _CUSTOMER.customer_id == bindparam("customer_id"),
    )
)
_PAGE = Query(
    select(CUSTOMERS.table)
    .where(
        _CUSTOMER.tenant_id == bindparam("tenant_id"),
        _CUSTOMER.customer_id > bindparam("after"),
    )
    .order_by(_CUSTOMER.customer_id)
    .limit(bindparam("limit"))
)


async def customer(
    connection: Connection, tenant_id: object, customer_id: str
) -> dict[str, Any] | None:
    """Give one customer's row, or None."""
    return await _ONE.one(connection, tenant_id=tenant_id, customer_id=customer_id)


async def customers(
    connection: Connection, tenant_id: object, *, after: str = "", limit: int
) -> list[dict[str, Any]]:
    """Give a page of customers by id; `after` is the last id of the page before."""
    return await _PAGE.all(connection, tenant_id=tenant_id, after=after, limit=limit)
