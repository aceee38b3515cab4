"""What scripts of other web origins may ask (CORS, the Fetch standard).

Origins are allowed by the tenant, and by the installation for all tenants. A preflight carries no
key, so it is answered by the host's tenant or the installation. No cookies are used here, so
credentials are never allowed, nor is every origin.
"""

from collections.abc import Awaitable

from interfaces.http.edge.exchange import NO_CONTENT, Exchange
from interfaces.http.edge.tenancy import ByHost
from interfaces.http.parts import Origins
from interfaces.http.wire.problems import Problem

ORIGIN_HEADER = b"origin"
PREFLIGHT_HEADER = b"access-control-request-method"
PREFLIGHT_SECONDS = 600

_VARIES = ((b"vary", b"Origin"),)
_MAY_BE_ASKED = (
    (b"access-control-allow-methods", b"GET, HEAD, POST, PUT, PATCH, DELETE"),
    (
        b"access-control-allow-headers",
        (
            b"Authorization, Content-Type, Defter-Act-For, Defter-Correlation-Id,"
            b" Defter-Min-Position, Idempotency-Key, If-Match, If-None-Match, X-API-Key,"
            b" X-Request-Id"
        ),
    ),
    (b"access-control-max-age", b"%d" % PREFLIGHT_SECONDS),
)
_MAY_BE_READ = (
    b"access-control-expose-headers",
    (
        b"Defter-Correlation-Id, Defter-Next-After, Defter-Position, ETag, Idempotent-Replay,"
        b" RateLimit, RateLimit-Policy, Retry-After, WWW-Authenticate, X-Request-Id"
    ),
)


class CrossOrigin:
    """The layer that tells browsers which origins may read, and answers their preflights."""

    def __init__(self, origins: Origins, by_host: ByHost, everywhere: frozenset[str]) -> None:
        self._origins = origins
        self._by_host = by_host
        self._everywhere = everywhere

    def __call__(self, exchange: Exchange) -> Awaitable[None] | None:
        """Let an origin in that the host's tenant or the installation allows."""
        given = exchange.headers.get(ORIGIN_HEADER)
        return None if given is None else self._judge(exchange, given)

    def of_tenant(self, exchange: Exchange) -> Awaitable[None] | None:
        """Let an origin in that the key's tenant allows."""
        judged = exchange.cross_origin is not _VARIES
        return None if judged else self._judge_by_key(exchange, exchange.headers[ORIGIN_HEADER])

    async def _judge(self, exchange: Exchange, given: bytes) -> None:
        exchange.cross_origin = _VARIES
        origin = given.decode("latin-1")
        if origin in self._everywhere or await self._allowed_by_host(exchange, origin):
            _allow(exchange, given)
        if exchange.method == "OPTIONS" and PREFLIGHT_HEADER in exchange.headers:
            if exchange.cross_origin is _VARIES:
                raise Problem(403, "request.origin_refused", "this origin may not ask here")
            await exchange.answer(NO_CONTENT, b"", b"", _MAY_BE_ASKED)

    async def _judge_by_key(self, exchange: Exchange, given: bytes) -> None:
        if given.decode("latin-1") in await self._origins.of(exchange.principal.tenant_id):
            _allow(exchange, given)

    async def _allowed_by_host(self, exchange: Exchange, origin: str) -> bool:
        tenant_id = await self._by_host(exchange)
        return tenant_id is not None and origin in await self._origins.of(tenant_id)


def _allow(exchange: Exchange, origin: bytes) -> None:
    exchange.cross_origin = (*_VARIES, (b"access-control-allow-origin", origin), _MAY_BE_READ)
