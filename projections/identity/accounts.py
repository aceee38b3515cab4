"""Accounts: who may log in, as what, with which roles. Addresses are kept sealed."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ARRAY, Boolean, Column, DateTime, Text, any_, bindparam, func, not_, select

from domain.identity.events import (
    AccountClosed,
    AccountOpened,
    AccountReactivated,
    AccountSuspended,
    EmailVerified,
    LoginChanged,
    RolesAssigned,
)
from domain.kernel.events import Recorded
from projections.query import Connection, Query
from projections.read_model import (
    Delete,
    Increment,
    Insert,
    Operation,
    ReadModel,
    ReadTable,
    stored,
)

SEPARATOR = " "
"""Roles hold no spaces, so the list of them is one text."""

ACCOUNTS = ReadTable(
    "identity_accounts_v1",
    Column("person_id", Text(collation="C"), primary_key=True),
    Column("kind", Text, nullable=False),
    Column("opened_at", DateTime(timezone=True), nullable=False),
    Column("email_sealed", Text, nullable=False),
    Column("roles", Text, nullable=False),
    Column("verified", Boolean, nullable=False),
    Column("suspended", Boolean, nullable=False),
    latest=("email_sealed", "roles", "verified", "suspended"),
)
"""An address opens with the person's own key. A closed account is no more."""


def _opened(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    _, email = stored(event.email)
    roles = SEPARATOR.join(event.roles)
    row = (event.person_id, event.kind, recorded.recorded_at, email, roles, False, False)
    return (Insert(ACCOUNTS, row),)


def _login_changed(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    _, email = stored(event.email)
    return (Increment(ACCOUNTS, (event.person_id,), (), (email, None, False, None)),)


def _verified(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    return (Increment(ACCOUNTS, (event.person_id,), (), (None, None, True, None)),)


def _roles_assigned(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    latest = (None, SEPARATOR.join(event.roles), None, None)
    return (Increment(ACCOUNTS, (event.person_id,), (), latest),)


def _suspended(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    return (Increment(ACCOUNTS, (event.person_id,), (), (None, None, None, True)),)


def _reactivated(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    return (Increment(ACCOUNTS, (event.person_id,), (), (None, None, None, False)),)


def _closed(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    return (Delete(ACCOUNTS, (event.person_id,)),)


IDENTITY_ACCOUNTS = ReadModel(
    "identity_accounts",
    1,
    (ACCOUNTS,),
    {
        AccountOpened: _opened,
        LoginChanged: _login_changed,
        EmailVerified: _verified,
        RolesAssigned: _roles_assigned,
        AccountSuspended: _suspended,
        AccountReactivated: _reactivated,
        AccountClosed: _closed,
    },
)

_ACCOUNT = ACCOUNTS.table.c
_SOME = Query(
    select(ACCOUNTS.table).where(
        _ACCOUNT.tenant_id == bindparam("tenant_id"),
        _ACCOUNT.person_id == any_(bindparam("persons", type_=ARRAY(Text))),
    )
)
_WITH_ROLE = Query(
    select(_ACCOUNT.person_id)
    .where(
        _ACCOUNT.tenant_id == bindparam("tenant_id"),
        not_(_ACCOUNT.suspended),
        bindparam("role") == any_(func.string_to_array(_ACCOUNT.roles, SEPARATOR)),
    )
    .order_by(_ACCOUNT.person_id)
    .limit(bindparam("limit"))
)


async def accounts(
    connection: Connection, tenant_id: object, persons: list[str]
) -> dict[str, dict[str, Any]]:
    """Give the accounts of these people, by their ids; who has none does not appear."""
    rows = await _SOME.all(connection, tenant_id=tenant_id, persons=persons)
    for row in rows:
        row["roles"] = row["roles"].split()
    return {row["person_id"]: row for row in rows}


async def having_role(
    connection: Connection, tenant_id: object, role: str, *, limit: int
) -> tuple[str, ...]:
    """Give people whose accounts have a role and are not suspended."""
    rows = await _WITH_ROLE.all(connection, tenant_id=tenant_id, role=role, limit=limit)
    return tuple(row["person_id"] for row in rows)
