"""Tenants' settings for whoever needs them: read from the platform's log, through a cache."""

from typing import Any, TypeVar
from uuid import UUID

from psycopg import AsyncConnection

from application.tenants.tenants import PLATFORM
from domain.kernel.events import stream_of
from domain.tenants.events import SettingsChanged, settings_key
from domain.tenants.settings import Cors, Group, RequestLimits, Settings, typed
from infrastructure.event_log.codec import decode
from infrastructure.postgres.reads import Reads
from infrastructure.tenants.directory import Remembered

SETTINGS_CACHE_SECONDS = 1.0
"""How long a process may go by what was changed on another one."""

_NEWEST = b"""
SELECT version, type, schema, data FROM defter.events
WHERE tenant_id = %s AND stream = %s ORDER BY version DESC LIMIT 1
"""

G = TypeVar("G", bound=Group)
Connection = AsyncConnection[Any]


async def settings_in(connection: Connection, tenant_id: UUID, kind: type[G]) -> G:
    """Give a tenant's settings of a group; the transaction that is open sees the platform's log."""
    return typed(kind, await newest_settings(connection, settings_key(str(tenant_id), kind.GROUP)))


class TenantSettings:
    """Gives groups of settings. Each event holds a whole group, so the newest one is enough."""

    def __init__(self, reads: Reads) -> None:
        self._reads = reads
        self._known = Remembered(self._look_up, seconds=SETTINGS_CACHE_SECONDS)

    async def of(self, tenant_id: UUID, kind: type[G]) -> G:
        """Give a tenant's settings of a group, such as `Cors`; what was never set has defaults."""
        return typed(kind, await self._known.get(settings_key(str(tenant_id), kind.GROUP)))

    async def current(self, tenant_id: UUID, kind: type[G]) -> tuple[int, G]:
        """Give a group as the log has it now, and its version: 0 where it was never set."""
        found = await self._look_up(settings_key(str(tenant_id), kind.GROUP))
        return (0 if found is None else found.version), typed(kind, found)

    def forget(self, tenant_id: UUID, kind: type[G]) -> None:
        """Look a group up anew, for it was just changed here."""
        self._known.forget(settings_key(str(tenant_id), kind.GROUP))

    async def _look_up(self, key: str) -> Settings | None:
        async with self._reads.tenant(PLATFORM, projections=()) as look:
            return await newest_settings(look.connection, key)


class TenantOrigins:
    """Tells the layer of CORS from which pages a browser may call a tenant's API."""

    def __init__(self, settings: TenantSettings) -> None:
        self._settings = settings

    async def of(self, tenant_id: UUID) -> frozenset[str]:
        """Give the origins that a tenant allows."""
        return frozenset((await self._settings.of(tenant_id, Cors)).origins)


class TenantRules:
    """Tells the layer of limits how often a tenant lets its operations be asked."""

    def __init__(self, settings: TenantSettings) -> None:
        self._settings = settings

    async def of(self, tenant_id: UUID) -> tuple[str, ...]:
        """Give a tenant's rules, as they are written."""
        return (await self._settings.of(tenant_id, RequestLimits)).rules


async def newest_settings(connection: Connection, key: str) -> Settings | None:
    """Give a group as it was set last, if it ever was; the connection sees the platform."""
    stream = stream_of(Settings.CATEGORY, key)
    cursor = await connection.execute(_NEWEST, (PLATFORM, stream), prepare=True)
    row = await cursor.fetchone()
    if row is None:
        return None
    version, name, schema, data = row
    event = decode(name, schema, bytes(data))
    assert isinstance(event, SettingsChanged)
    return Settings(version, event.values)
