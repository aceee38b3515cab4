"""Webhook endpoints: where events go, which, and whether they do. Secrets are not kept here."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Boolean, Column, DateTime, Text, bindparam, select

from domain.channels.events import (
    EndpointActivated,
    EndpointChanged,
    EndpointDeactivated,
    EndpointRegistered,
    EndpointRemoved,
    SecretRotated,
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
"""Types hold no spaces, so the list of them is one text."""

NOTHING = ""
"""Stands where there is no description or no reason: None would keep what was there before."""

ENDPOINTS = ReadTable(
    "channels_endpoints_v1",
    Column("endpoint_id", Text(collation="C"), primary_key=True),
    Column("test", Boolean, nullable=False),
    Column("registered_at", DateTime(timezone=True), nullable=False),
    Column("url", Text, nullable=False),
    Column("types", Text, nullable=False),
    Column("description_sealed", Text, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("reason", Text, nullable=False),
    Column("rotated_at", DateTime(timezone=True)),
    Column("old_secret_until", DateTime(timezone=True)),
    latest=(
        "url",
        "types",
        "description_sealed",
        "active",
        "reason",
        "rotated_at",
        "old_secret_until",
    ),
)
"""A description is sealed with the key of the endpoint itself."""


def _registered(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    _, sealed = stored(event.description)
    row = (
        event.endpoint_id,
        event.test,
        recorded.recorded_at,
        event.url,
        SEPARATOR.join(event.types),
        sealed or NOTHING,
        True,
        NOTHING,
        None,
        None,
    )
    return (Insert(ENDPOINTS, row),)


def _changed(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    _, sealed = stored(event.description)
    latest = (event.url, SEPARATOR.join(event.types), sealed or NOTHING, None, None, None, None)
    return (Increment(ENDPOINTS, (event.endpoint_id,), (), latest),)


def _rotated(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    latest = (None, None, None, None, None, recorded.recorded_at, event.old_until)
    return (Increment(ENDPOINTS, (event.endpoint_id,), (), latest),)


def _activated(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    latest = (None, None, None, True, NOTHING, None, None)
    return (Increment(ENDPOINTS, (event.endpoint_id,), (), latest),)


def _deactivated(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    latest = (None, None, None, False, event.reason, None, None)
    return (Increment(ENDPOINTS, (event.endpoint_id,), (), latest),)


def _removed(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    return (Delete(ENDPOINTS, (event.endpoint_id,)),)


CHANNELS_ENDPOINTS = ReadModel(
    "channels_endpoints",
    1,
    (ENDPOINTS,),
    {
        EndpointRegistered: _registered,
        EndpointChanged: _changed,
        SecretRotated: _rotated,
        EndpointActivated: _activated,
        EndpointDeactivated: _deactivated,
        EndpointRemoved: _removed,
    },
)

_ENDPOINT = ENDPOINTS.table.c
_ALL = Query(
    select(ENDPOINTS.table)
    .where(_ENDPOINT.tenant_id == bindparam("tenant_id"))
    .order_by(_ENDPOINT.endpoint_id)
)
_ONE = Query(
    select(ENDPOINTS.table).where(
        _ENDPOINT.tenant_id == bindparam("tenant_id"),
        _ENDPOINT.endpoint_id == bindparam("endpoint_id"),
    )
)


async def endpoints(connection: Connection, tenant_id: object) -> list[dict[str, Any]]:
    """Give all endpoints of a tenant, which are few; descriptions are sealed."""
    return await _ALL.all(connection, tenant_id=tenant_id)


async def endpoint(
    connection: Connection, tenant_id: object, endpoint_id: str
) -> dict[str, Any] | None:
    """Give one endpoint, or None."""
    return await _ONE.one(connection, tenant_id=tenant_id, endpoint_id=endpoint_id)
