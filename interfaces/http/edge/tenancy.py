"""Which tenant a request is for: what the key says, then the host, then the token (`sessions`)."""

import time
from uuid import UUID

from infrastructure.tenants.directory import KeyDirectory, Remembered
from interfaces.http.edge.exchange import Exchange
from interfaces.http.wire.problems import Problem, unauthenticated

HOST_CACHE_SECONDS = 5.0
HOST_BYTES_MAX = 255


class ByHost:
    """The tenant that the host name was mapped to; most hosts belong to no tenant."""

    def __init__(self, directory: KeyDirectory) -> None:
        self._hosts = Remembered(directory.tenant_of_host, seconds=HOST_CACHE_SECONDS)
        self._ready: tuple[bytes, float, UUID | None] = (b"", 0.0, None)

    async def __call__(self, exchange: Exchange) -> UUID | None:
        """Look the host up."""
        host = exchange.headers.get(b"host", b"")
        last, until, tenant = self._ready
        if host == last and time.monotonic() < until:
            return tenant
        name = host[:HOST_BYTES_MAX].decode("latin-1").lower().rpartition(":")
        bare = name[0] if name[2].isdigit() and name[0] else host.decode("latin-1").lower()
        tenant = await self._hosts.get(bare[:HOST_BYTES_MAX])
        self._ready = (host, time.monotonic() + 1.0, tenant)
        return tenant


class Tenancy:
    """The layer of the tenant: the key decides, and the host must not differ."""

    def __init__(self, by_host: ByHost) -> None:
        self._by_host = by_host

    async def __call__(self, exchange: Exchange) -> None:
        """Refuse a request whose key and host disagree, or whose tenant is suspended."""
        principal = exchange.principal
        tenant = await self._by_host(exchange)
        if tenant is not None and tenant != principal.tenant_id:
            raise unauthenticated(
                "tenant.disagreement", "the key belongs to another tenant than this host"
            )
        if principal.suspended:
            raise Problem(403, "tenant.suspended", "the tenant is suspended")
