"""Customers, how they are reached, and whether they may log in. Personal text is kept sealed."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Index,
    Text,
    and_,
    bindparam,
    cast,
    func,
    or_,
    select,
    tuple_,
)

from domain.identity.events import (
    AccountClosed,
    AccountOpened,
    AccountReactivated,
    AccountSuspended,
    EmailVerified,
    LoginChanged,
)
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
    Fold,
    Increment,
    Insert,
    Operation,
    ReadModel,
    ReadTable,
    Row,
    stored,
)

ACTIVE, SUSPENDED, NO_ACCOUNT = "active", "suspended", "no_account"

CUSTOMERS = ReadTable(
    "users_customers_v2",
    Column("customer_id", Text(collation="C"), primary_key=True),
    Column("registered_at", DateTime(timezone=True), nullable=False),
    Column("name_sealed", Text, nullable=False),
    Column("email_sealed", Text, nullable=False),
    Column("phone_sealed", Text, nullable=False),
    Column("locale", Text, nullable=False),
    Column("bounced", Boolean, nullable=False),
    Column("version", BigInteger, nullable=False),
    Index("users_customers_v2_registered", "tenant_id", "registered_at", "customer_id"),
    latest=("name_sealed", "email_sealed", "phone_sealed", "locale", "bounced", "version"),
)
"""What is sealed opens with the customer's own key. Where there is nothing the text is empty, for
None would keep what stood there before."""

ACCOUNTS = ReadTable(
    "users_accounts_v2",
    Column("person_id", Text(collation="C"), primary_key=True),
    Column("status", Text, nullable=False),
    Column("verified", Boolean, nullable=False),
    latest=("status", "verified"),
)
"""Of staff too, who have no row among the customers."""


class Sort(StrEnum):
    """In which order customers are listed; `-` is the latest first."""

    BY_ID = "customer_id"
    OLDEST = "registered_at"
    LATEST = "-registered_at"


def _registered(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    return (Insert(CUSTOMERS, (event.customer_id, recorded.recorded_at, *_contact(recorded))),)


def _changed(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    return (Increment(CUSTOMERS, (event.customer_id,), (), _contact(recorded)),)


def _bounced(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    latest = (None, None, None, None, True, recorded.version)
    return (Increment(CUSTOMERS, (event.customer_id,), (), latest),)


def _erased(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    return (Delete(CUSTOMERS, (event.customer_id,)),)


def _contact(recorded: Recorded) -> Row:
    event: Any = recorded.event
    sealed = [stored(text)[1] or "" for text in (event.name, event.email, event.phone)]
    return *sealed, event.locale, False, recorded.version


def _opened(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    return (Insert(ACCOUNTS, (event.person_id, ACTIVE, False)),)


def _stands(status: str | None, *, verified: bool | None = None) -> Fold:
    def fold(recorded: Recorded) -> Iterable[Operation]:
        event: Any = recorded.event
        return (Increment(ACCOUNTS, (event.person_id,), (), (status, verified)),)

    return fold


USERS_CUSTOMERS = ReadModel(
    "users_customers",
    2,
    (CUSTOMERS, ACCOUNTS),
    {
        CustomerRegistered: _registered,
        ContactChanged: _changed,
        AddressBounced: _bounced,
        PersonErased: _erased,
        AccountOpened: _opened,
        LoginChanged: _stands(None, verified=False),
        EmailVerified: _stands(None, verified=True),
        AccountSuspended: _stands(SUSPENDED),
        AccountReactivated: _stands(ACTIVE),
        AccountClosed: _stands(NO_ACCOUNT, verified=False),
    },
)

_CUSTOMER, _ACCOUNT = CUSTOMERS.table.c, ACCOUNTS.table.c
_STATUS = func.coalesce(_ACCOUNT.status, NO_ACCOUNT)
_VERIFIED = func.coalesce(_ACCOUNT.verified, False)
_ALL = (
    select(CUSTOMERS.table, _STATUS.label("status"), _VERIFIED.label("verified"))
    .join_from(
        CUSTOMERS.table,
        ACCOUNTS.table,
        and_(
            _ACCOUNT.tenant_id == _CUSTOMER.tenant_id, _ACCOUNT.person_id == _CUSTOMER.customer_id
        ),
        isouter=True,
    )
    .where(_CUSTOMER.tenant_id == bindparam("tenant_id"))
)


def _asked(name: str, kind: Any, holds: Any) -> Any:  # noqa: ANN401 - SQLAlchemy's own
    asked = cast(bindparam(name), kind)
    return or_(asked.is_(None), holds(asked))


_WHEN = DateTime(timezone=True)
_FILTERED = _ALL.where(
    _asked("status", Text, _STATUS.__eq__),
    _asked("verified", Boolean, _VERIFIED.__eq__),
    _asked("since", _WHEN, _CUSTOMER.registered_at.__ge__),
    _asked("until", _WHEN, _CUSTOMER.registered_at.__lt__),
).limit(bindparam("limit"))
_PLACE = tuple_(_CUSTOMER.registered_at, _CUSTOMER.customer_id)
_AFTER = tuple_(cast(bindparam("after_at"), _WHEN), cast(bindparam("after"), Text(collation="C")))

_BEGINNINGS = {
    Sort.BY_ID: (None, ""),
    Sort.OLDEST: ("-infinity", ""),
    Sort.LATEST: ("infinity", ""),
}
_BEYOND = "~"
"""It stands after everything that an id is made of."""

_ONE = Query(_ALL.where(_CUSTOMER.customer_id == bindparam("customer_id")))
_SOME = Query(_ALL.where(_CUSTOMER.customer_id == func.any(bindparam("ids"))))
_PAGES = {
    Sort.BY_ID: Query(
        _FILTERED.where(_CUSTOMER.customer_id > bindparam("after")).order_by(_CUSTOMER.customer_id)
    ),
    Sort.OLDEST: Query(
        _FILTERED.where(_PLACE > _AFTER).order_by(_CUSTOMER.registered_at, _CUSTOMER.customer_id)
    ),
    Sort.LATEST: Query(
        _FILTERED.where(_PLACE < _AFTER).order_by(
            _CUSTOMER.registered_at.desc(), _CUSTOMER.customer_id.desc()
        )
    ),
}
_IDS = Query(
    select(_CUSTOMER.customer_id)
    .where(
        _CUSTOMER.tenant_id == bindparam("tenant_id"),
        _CUSTOMER.customer_id > bindparam("after"),
        _CUSTOMER.customer_id >= bindparam("prefix"),
        _CUSTOMER.customer_id < bindparam("beyond"),
    )
    .order_by(_CUSTOMER.customer_id)
    .limit(bindparam("limit"))
)


async def customer(
    connection: Connection, tenant_id: object, customer_id: str
) -> dict[str, Any] | None:
    """Give one customer's row, or None."""
    return await _ONE.one(connection, tenant_id=tenant_id, customer_id=customer_id)


async def customers(  # noqa: PLR0913 - the filters and the parts of a page
    connection: Connection,
    tenant_id: object,
    *,
    sort: Sort = Sort.BY_ID,
    status: str | None = None,
    verified: bool | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    after: tuple[datetime, str] | None = None,
    limit: int,
) -> list[dict[str, Any]]:
    """Give a page of customers; `after` is the last one's time of registration and id."""
    after_at, last = after or _BEGINNINGS[sort]
    return await _PAGES[sort].all(
        connection,
        tenant_id=tenant_id,
        status=status,
        verified=verified,
        since=since,
        until=until,
        after_at=after_at,
        after=last,
        limit=limit,
    )


async def customers_of(
    connection: Connection, tenant_id: object, ids: list[str]
) -> dict[str, dict[str, Any]]:
    """Give some customers' rows by id; who is not known is left out."""
    rows = await _SOME.all(connection, tenant_id=tenant_id, ids=ids)
    return {row["customer_id"]: row for row in rows}


async def ids_from(
    connection: Connection, tenant_id: object, prefix: str, *, after: str = "", limit: int
) -> list[str]:
    """Give the customers' ids that begin in a way, in order."""
    rows = await _IDS.all(
        connection,
        tenant_id=tenant_id,
        prefix=prefix,
        beyond=prefix + _BEYOND,
        after=after,
        limit=limit,
    )
    return [row["customer_id"] for row in rows]
