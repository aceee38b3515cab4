"""How often something may be asked, and the headers that tell of it.

The headers are those of draft-ietf-httpapi-ratelimit-headers: `RateLimit-Policy` and `RateLimit`.
"""

from collections.abc import Awaitable

from infrastructure.redis.quota import Quota, Rate, Standing
from interfaces.http.edge.exchange import Exchange
from interfaces.http.wire.problems import Problem


class Limit:
    """A rate, and the refusal of what exceeds it."""

    def __init__(self, name: str, rate: Rate, quota: Quota, *, code: str, detail: str) -> None:
        window = max(round(rate.burst / rate.per_second), 1)
        self.policy = b'"%b";q=%d;w=%d' % (name.encode(), rate.burst, window)
        self._name = name.encode()
        self._rate = rate
        self._quota = quota
        self._code = code
        self._detail = detail

    async def count(self, exchange: Exchange, key: str) -> None:
        """Count one request of a key; raises a 429 that says when to come again."""
        standing = await self._quota.spend(key, self._rate)
        exchange.limited = (*exchange.limited, (self.policy, self._told(standing)))
        if not standing.allowed:
            raise Problem(
                429,
                self._code,
                self._detail,
                headers=((b"retry-after", b"%d" % standing.reset_seconds),),
            )

    def _told(self, standing: Standing) -> bytes:
        return b'"%b";r=%d;t=%d' % (self._name, standing.remaining, standing.reset_seconds)


class KeyQuota:
    """The layer that counts what each key sends."""

    def __init__(self, quota: Quota, rate: Rate) -> None:
        self._limit = Limit(
            "key",
            rate,
            quota,
            code="request.quota_exceeded",
            detail="this key has sent too much; come again a little later",
        )

    def __call__(self, exchange: Exchange) -> Awaitable[None]:
        """Count the request."""
        principal = exchange.principal
        return self._limit.count(exchange, f"{principal.tenant_id}:{principal.key_id}")
