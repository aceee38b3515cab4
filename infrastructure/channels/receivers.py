"""What a delivery needs of the log: the event, the endpoint as it is now, and its open secrets."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import AsyncConnection
from standardwebhooks import Webhook

from application.tenants.tenants import PLATFORM
from domain.channels.endpoints import Endpoints
from domain.channels.events import (
    ENDPOINTS_KEY,
    EndpointActivated,
    EndpointChanged,
    EndpointDeactivated,
    EndpointRegistered,
    EndpointRemoved,
    SecretRotated,
)
from domain.kernel.events import Event, Personal, stream_of
from domain.tenants.events import TenantCreated
from domain.tenants.tenant import Tenant
from infrastructure.effects.effect import Effect, World
from infrastructure.event_log.cloud_events import source_of
from infrastructure.event_log.codec import decode
from infrastructure.event_log.reader import StoredEvent

TENANTS_KEPT_MAX = 1_000
STREAM = stream_of(Endpoints.CATEGORY, ENDPOINTS_KEY)

_EVENTS = b"""
SELECT position, event_id, stream, version, type, schema, data, ''::bytea, recorded_at
FROM defter.events WHERE tenant_id = %s AND position = ANY(%s)
"""
_VERSION = b"""
SELECT version FROM defter.events WHERE tenant_id = %s AND stream = %s
ORDER BY version DESC LIMIT 1
"""
_STREAM = b"""
SELECT position, type, schema, data FROM defter.events
WHERE tenant_id = %s AND stream = %s ORDER BY version
"""
_CREATED = b"""
SELECT type, schema, data FROM defter.events
WHERE tenant_id = %s AND stream = %s ORDER BY version LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Receiver:
    """An endpoint as it is now. `since` is the position from which on it has been active."""

    url: str
    test: bool
    active: bool
    since: int
    secret: Personal
    old_secret: Personal | None = None
    old_until: datetime | None = None


class Seen(NamedTuple):
    """What one look brought: events by position, and all receivers with their open secrets."""

    source: str
    events: Mapping[int, StoredEvent]
    receivers: Mapping[str, Receiver]
    signers: Mapping[Personal, Webhook]


class _Known(NamedTuple):
    version: int
    source: str
    receivers: Mapping[str, Receiver]
    signers: Mapping[Personal, Webhook]


class _Look:
    def __init__(self, task: "asyncio.Task[Seen]") -> None:
        self.task = task
        self.positions: set[int] = set()


class Receivers:
    """Looks once for all deliveries of a tenant that ask at about the same time."""

    def __init__(self) -> None:
        self._looks: dict[UUID, _Look] = {}
        self._known: dict[UUID, _Known] = {}

    async def look(self, world: World, effect: Effect) -> Seen:
        """Give what a delivery needs, as it is now."""
        tenant_id = effect.tenant_id
        look = self._looks.get(tenant_id)
        if look is None:
            task = asyncio.create_task(self._see(world, tenant_id))
            look = self._looks[tenant_id] = _Look(task)
        look.positions.add(effect.position)
        return await asyncio.shield(look.task)

    async def _see(self, world: World, tenant_id: UUID) -> Seen:
        look: _Look | None = None
        try:
            known = self._known.get(tenant_id)
            source = known.source if known is not None else await _source(world, tenant_id)
            async with world.look(tenant_id) as connection:
                look = self._looks.pop(tenant_id)  # whoever asks from now on looks again
                given = (tenant_id, [*look.positions])
                cursor = await connection.execute(_EVENTS, given, prepare=True)
                events = {row[0]: StoredEvent(*row) for row in await cursor.fetchall()}
                given = (tenant_id, STREAM)
                row = await (await connection.execute(_VERSION, given, prepare=True)).fetchone()
                version = row[0] if row else 0
                if known is None or known.version != version:
                    known = await _read(world, connection, tenant_id, version, source)
                    self._keep(tenant_id, known)
        finally:
            if look is None:
                self._looks.pop(tenant_id, None)
        return Seen(source, events, known.receivers, known.signers)

    def _keep(self, tenant_id: UUID, known: _Known) -> None:
        self._known.pop(tenant_id, None)
        if len(self._known) >= TENANTS_KEPT_MAX:
            del self._known[next(iter(self._known))]
        self._known[tenant_id] = known


async def _source(world: World, tenant_id: UUID) -> str:
    stream = stream_of(Tenant.CATEGORY, str(tenant_id))
    async with world.look(PLATFORM) as connection:
        row = await (await connection.execute(_CREATED, (PLATFORM, stream))).fetchone()
    created = decode(row[0], row[1], bytes(row[2])) if row else None
    return source_of(created.slug if isinstance(created, TenantCreated) else str(tenant_id))


async def _read(
    world: World,
    connection: AsyncConnection[Any],
    tenant_id: UUID,
    version: int,
    source: str,
) -> _Known:
    rows = await (await connection.execute(_STREAM, (tenant_id, STREAM))).fetchall()
    receivers = receivers_of(
        (position, decode(name, schema, bytes(data))) for position, name, schema, data in rows
    )
    sealed = [
        secret
        for receiver in receivers.values()
        for secret in (receiver.secret, receiver.old_secret)
        if secret is not None
    ]
    opened = await world.opener.open(connection, tenant_id, sealed)
    signers = {secret: Webhook(text) for secret, text in opened.items() if text is not None}
    return _Known(version, source, receivers, signers)


def receivers_of(events: Iterable[tuple[int, Event]]) -> dict[str, Receiver]:
    """Fold the events of endpoints, each with its position, into what deliveries need."""
    receivers: dict[str, Receiver] = {}
    for position, event in events:
        match event:
            case EndpointRegistered(endpoint_id):
                receivers[endpoint_id] = Receiver(
                    event.url, event.test, active=True, since=position, secret=event.secret
                )
            case EndpointChanged(endpoint_id):
                receivers[endpoint_id] = replace(receivers[endpoint_id], url=event.url)
            case SecretRotated(endpoint_id):
                receivers[endpoint_id] = replace(
                    receivers[endpoint_id],
                    secret=event.secret,
                    old_secret=receivers[endpoint_id].secret,
                    old_until=event.old_until,
                )
            case EndpointDeactivated(endpoint_id):
                receivers[endpoint_id] = replace(receivers[endpoint_id], active=False)
            case EndpointActivated(endpoint_id):
                receivers[endpoint_id] = replace(
                    receivers[endpoint_id], active=True, since=position
                )
            case EndpointRemoved(endpoint_id):
                del receivers[endpoint_id]
            case _:
                pass
    return receivers
