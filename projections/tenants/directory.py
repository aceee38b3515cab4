"""Who the tenants are, and which key or host name leads to which of them.

All of it stands in the platform's log, so `tenant_id` is the platform and `tenant` whom a row is
about. Looking up a key or a host name happens before any tenant is known, so it is a function that
sees the platform's rows and no others.
"""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, Column, DateTime, Index, Text, Uuid, bindparam, select

from domain.kernel.events import Recorded
from domain.tenants.events import (
    DomainMapped,
    KeyExpirySet,
    KeyIssued,
    KeyRevoked,
    StaffAdded,
    StaffReactivated,
    StaffSuspended,
    TenantCreated,
    TenantReactivated,
    TenantSuspended,
)
from projections.query import Connection, Query
from projections.read_model import Increment, Insert, Operation, ReadModel, ReadTable, stored
from projections.tenants.lookups import LOOKUP_DDL, LOOKUPS

SEPARATOR = " "
"""Scopes and networks hold no spaces, so each list is one text."""

TENANTS = ReadTable(
    "tenants_v2",
    Column("tenant", Uuid, primary_key=True),
    Column("slug", Text(collation="C"), nullable=False),
    Column("name", Text, nullable=False),
    Column("test", Boolean, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("suspended", Boolean, nullable=False),
    Index("tenants_v2_slug", "tenant_id", "slug", unique=True),
    latest=("suspended",),
)
DOMAINS = ReadTable(
    "tenant_domains_v2",
    Column("domain", Text(collation="C"), primary_key=True),
    Column("tenant", Uuid, nullable=False),
)
STAFF = ReadTable(
    "tenant_staff_v2",
    Column("tenant", Uuid, primary_key=True),
    Column("staff_id", Text(collation="C"), primary_key=True),
    Column("name_subject", Text, nullable=False),
    Column("name_sealed", Text, nullable=False),
    Column("added_at", DateTime(timezone=True), nullable=False),
    Column("suspended", Boolean, nullable=False),
    latest=("suspended",),
)
KEYS = ReadTable(
    "tenant_keys_v2",
    Column("key_id", Text(collation="C"), primary_key=True),
    Column("tenant", Uuid, nullable=False),
    Column("key_hash", Text(collation="C"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("hint", Text, nullable=False),
    Column("staff_id", Text),
    Column("scopes", Text, nullable=False),
    Column("networks", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True)),
    Column("revoked_at", DateTime(timezone=True)),
    Index("tenant_keys_v2_hash", "tenant_id", "key_hash", unique=True),
    Index("tenant_keys_v2_tenant", "tenant_id", "tenant", "key_id"),
    latest=("expires_at", "revoked_at"),
)


def _created(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    row = (UUID(event.tenant), event.slug, event.name, event.test, recorded.recorded_at, False)
    return (Insert(TENANTS, row),)


def _suspended(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    return (Increment(TENANTS, (UUID(event.tenant),), (), (True,)),)


def _reactivated(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    return (Increment(TENANTS, (UUID(event.tenant),), (), (False,)),)


def _domain_mapped(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    return (Insert(DOMAINS, (event.domain, UUID(event.tenant))),)


def _staff_added(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    subject, name = stored(event.name)
    row = (UUID(event.tenant), event.staff_id, subject, name, recorded.recorded_at, False)
    return (Insert(STAFF, row),)


def _staff_suspended(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    return (Increment(STAFF, (UUID(event.tenant), event.staff_id), (), (True,)),)


def _staff_reactivated(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    return (Increment(STAFF, (UUID(event.tenant), event.staff_id), (), (False,)),)


def _key_issued(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    row = (
        event.key_id,
        UUID(event.tenant),
        event.key_hash,
        event.kind,
        event.hint,
        event.staff_id,
        SEPARATOR.join(event.scopes),
        SEPARATOR.join(event.networks),
        recorded.recorded_at,
        event.expires_at,
        None,
    )
    return (Insert(KEYS, row),)


def _key_expiry_set(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    return (Increment(KEYS, (event.key_id,), (), (event.expires_at, None)),)


def _key_revoked(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    return (Increment(KEYS, (event.key_id,), (), (None, recorded.recorded_at)),)


TENANT_DIRECTORY = ReadModel(
    "tenant_directory",
    2,
    (TENANTS, DOMAINS, STAFF, KEYS),
    {
        TenantCreated: _created,
        TenantSuspended: _suspended,
        TenantReactivated: _reactivated,
        DomainMapped: _domain_mapped,
        StaffAdded: _staff_added,
        StaffSuspended: _staff_suspended,
        StaffReactivated: _staff_reactivated,
        KeyIssued: _key_issued,
        KeyExpirySet: _key_expiry_set,
        KeyRevoked: _key_revoked,
    },
    ddl=LOOKUP_DDL,
    lookups=LOOKUPS,
)

_KEY, _PERSON, _TENANT = KEYS.table.c, STAFF.table.c, TENANTS.table.c
_KEYS_OF = Query(
    select(*(column for column in _KEY if column.name not in {"tenant_id", "key_hash"}))
    .where(
        _KEY.tenant_id == bindparam("log"),
        _KEY.tenant == bindparam("tenant"),
        _KEY.key_id > bindparam("after"),
    )
    .order_by(_KEY.key_id)
    .limit(bindparam("limit"))
)
_STAFF_OF = Query(
    select(STAFF.table)
    .where(
        _PERSON.tenant_id == bindparam("log"),
        _PERSON.tenant == bindparam("tenant"),
        _PERSON.staff_id > bindparam("after"),
    )
    .order_by(_PERSON.staff_id)
    .limit(bindparam("limit"))
)
_MEMBER = Query(
    select(STAFF.table).where(
        _PERSON.tenant_id == bindparam("log"),
        _PERSON.tenant == bindparam("tenant"),
        _PERSON.staff_id == bindparam("staff_id"),
    )
)
_PAGE = Query(
    select(TENANTS.table)
    .where(_TENANT.tenant_id == bindparam("log"), _TENANT.slug > bindparam("after"))
    .order_by(_TENANT.slug)
    .limit(bindparam("limit"))
)
_ONE = Query(
    select(TENANTS.table).where(
        _TENANT.tenant_id == bindparam("log"), _TENANT.tenant == bindparam("tenant")
    )
)


async def keys(
    connection: Connection, log: object, tenant: object, *, after: str = "", limit: int
) -> list[dict[str, Any]]:
    """Give a page of a tenant's keys, never their hashes. `log` is the platform's id."""
    rows = await _KEYS_OF.all(connection, log=log, tenant=tenant, after=after, limit=limit)
    for row in rows:
        row["scopes"] = row["scopes"].split()
        row["networks"] = row["networks"].split()
    return rows


async def staff(
    connection: Connection, log: object, tenant: object, *, after: str = "", limit: int
) -> list[dict[str, Any]]:
    """Give a page of a tenant's staff; names are sealed. `log` is the platform's id."""
    return await _STAFF_OF.all(connection, log=log, tenant=tenant, after=after, limit=limit)


async def member(
    connection: Connection, log: object, tenant: object, staff_id: str
) -> dict[str, Any] | None:
    """Give one staff member of a tenant, or None. `log` is the platform's id."""
    return await _MEMBER.one(connection, log=log, tenant=tenant, staff_id=staff_id)


async def tenants(
    connection: Connection, log: object, *, after: str = "", limit: int
) -> list[dict[str, Any]]:
    """Give a page of tenants by slug, the platform among them. `log` is the platform's id."""
    return await _PAGE.all(connection, log=log, after=after, limit=limit)


async def tenant(connection: Connection, log: object, tenant: object) -> dict[str, Any] | None:
    """Give one tenant, or None. `log` is the platform's id."""
    return await _ONE.one(connection, log=log, tenant=tenant)
