"""Which tenant a request is for: what the key says, then the host, then the token (`sessions`)."""

import time
from collections.abc import Awaitable, Callable
from uuid import UUID

from infrastructure.tenants.directory import KeyDirectory, Remembered
from interfaces.http.edge.exchange import Exchange
from interfaces.http.wire.problems import Problem, unauthenticated

HOST_CACHE_SECONDS = 5.0
HOST_BYTES_MAX = 255

Resolver = Callable[[Exchange], Awaitable[UUID | None]]


async def by_principal(exchange: Exchange) -> UUID | None:
    """Take the tenant of whoever asks."""
    return exchange.principal.tenant_id


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
    """The layer of the tenant: the first resolver that knows one decides, and none may differ."""

    def __init__(self, by_host: ByHost) -> None:
        self._resolvers: tuple[Resolver, ...] = (by_principal, by_host)

    async def __call__(self, exchange: Exchange) -> None:
        """Refuse a request whose key and host disagree, or whose tenant is suspended."""
        agreed: UUID | None = None
        for resolver in self._resolvers:
            tenant = await resolver(exchange)
            if tenant is None:
                continue
            if agreed is not None and tenant != agreed:
                raise unauthenticated(
                    "tenant.disagreement", "the key belongs to another tenant than this host"
                )
            agreed = tenant
        if exchange.principal.suspended:
            raise Problem(403, "tenant.suspended", "the tenant is suspended")
