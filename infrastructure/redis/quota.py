"""A quota per key, shared by all processes: the generic cell rate algorithm (GCRA) in Valkey.

A key may send `rate` requests a second, and `burst` at once after a rest. The state is one number,
the time at which the key will have rested enough (its theoretical arrival time), and one script
moves it, so processes never disagree.

A round trip for each request would cost more than the request. So all requests of a key that wait
at the same time share one, and a process whose key is busy takes a few ahead: they are counted
before they are used, so a quota is never exceeded; at most a hundredth of the burst can be
unused by one process for `GRANT_SECONDS`. Small quotas are never taken ahead.

While Valkey is away each process keeps the same quota by itself, in memory: with n processes a key
may then send n times as much. One task looks whether Valkey is back; no request waits for that.
"""

import asyncio
import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import structlog
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

CONNECT_SECONDS = 0.25
ANSWER_SECONDS = 0.25
RETRY_SECONDS = 1.0
GRANT_SECONDS = 0.05
AHEAD_SHARE = 100
KEYS_MAX = 20_000

_LOG = structlog.get_logger("quota")

_TAKE = """
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local interval, burst, asked = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local rested = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now)
local room = math.max(math.floor((burst * interval - (rested - now)) / interval + 0.000001), 0)
local granted = math.min(asked, room)
if granted > 0 then
    rested = rested + granted * interval
    redis.call('SET', KEYS[1], string.format('%.2f', rested),
               'PX', math.ceil((rested - now) / 1000) + 1000)
end
return {granted, room - granted, math.ceil(rested - now)}
"""


@dataclass(frozen=True, slots=True)
class Rate:
    """How much a key may send: `per_second` in the long run, `burst` at once."""

    per_second: float
    burst: int

    @property
    def interval_us(self) -> float:
        """The time that one request costs, in microseconds."""
        return 1_000_000 / self.per_second


class Standing(NamedTuple):
    """What a request learnt: whether it may pass, how many more could, when it may come again."""

    allowed: bool
    remaining: int
    reset_seconds: int
    """Until the whole burst is there again; for a refused one, until the next may pass."""


class _Grant:
    """What one process may spend of a key's quota without asking, and who waits for more."""

    __slots__ = ("ahead", "asking", "left", "remaining", "reset_seconds", "until", "waiting")

    def __init__(self) -> None:
        self.left = 0
        self.until = 0.0
        self.ahead = 0
        self.remaining = 0
        self.reset_seconds = 0
        self.waiting: list[asyncio.Future[Standing]] = []
        self.asking: asyncio.Task[None] | None = None


class Quota:
    """Counts requests per key. `url` is that of a Valkey or Redis server."""

    def __init__(self, url: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._redis: Redis = Redis.from_url(  # pyright: ignore[reportUnknownMemberType]
            url,
            socket_connect_timeout=CONNECT_SECONDS,
            socket_timeout=ANSWER_SECONDS,
            retry=Retry(NoBackoff(), 0),
            client_name="defter-quota",
        )
        self._take: Any = self._redis.register_script(_TAKE)
        self._clock = clock
        self._grants: OrderedDict[str, _Grant] = OrderedDict()
        self._alone = Alone(clock)
        self._return: asyncio.Task[None] | None = None

    @property
    def shared(self) -> bool:
        """Whether quotas are shared at present; False while Valkey is away."""
        return self._return is None

    async def spend(self, key: str, rate: Rate) -> Standing:
        """Count one request of a key."""
        grant = self._grants.get(key)
        if grant is None:
            grant = self._new_grant(key)
        if grant.left > 0 and self._clock() < grant.until:
            grant.left -= 1
            return Standing(
                allowed=True,
                remaining=grant.remaining + grant.left,
                reset_seconds=grant.reset_seconds,
            )
        if self._return is not None:
            return self._alone.spend(key, rate)
        waiter: asyncio.Future[Standing] = asyncio.get_running_loop().create_future()
        grant.waiting.append(waiter)
        if grant.asking is None:
            grant.asking = asyncio.ensure_future(self._ask(key, rate, grant))
        return await waiter

    async def look(self, key: str, rate: Rate) -> Standing:
        """Tell how a key stands, and count nothing."""
        if self._return is None:
            try:
                _, room, full_us = await self._take(
                    keys=[f"defter:quota:{key}"], args=[rate.interval_us, rate.burst, 0]
                )
                return _standing(rate, room, full_us)
            except (RedisError, OSError) as away:
                self._go_alone(away)
        return self._alone.look(key, rate)

    async def close(self) -> None:
        """End the connections."""
        if self._return is not None:
            self._return.cancel()
        await self._redis.aclose()

    def _new_grant(self, key: str) -> _Grant:
        grant = self._grants[key] = _Grant()
        if len(self._grants) > KEYS_MAX:
            oldest = next(iter(self._grants))
            if self._grants[oldest].asking is None:
                del self._grants[oldest]
        return grant

    async def _ask(self, key: str, rate: Rate, grant: _Grant) -> None:
        # The requests of this turn of the loop gather before one asks for all of them.
        await asyncio.sleep(0)
        try:
            while grant.waiting:
                waiting, grant.waiting = grant.waiting, []
                await self._ask_for(key, rate, grant, waiting)
        finally:
            grant.asking = None

    async def _ask_for(
        self, key: str, rate: Rate, grant: _Grant, waiting: list[asyncio.Future[Standing]]
    ) -> None:
        ahead = self._how_far_ahead(rate, grant, len(waiting))
        asked = len(waiting) + ahead
        try:
            granted, room, full_us = await self._take(
                keys=[f"defter:quota:{key}"], args=[rate.interval_us, rate.burst, asked]
            )
        except (RedisError, OSError) as away:
            self._go_alone(away)
            for waiter in waiting:
                _answer(waiter, self._alone.spend(key, rate))
            return
        grant.left = max(granted - len(waiting), 0)
        grant.until = self._clock() + GRANT_SECONDS
        grant.remaining = room
        grant.reset_seconds = math.ceil(full_us / 1_000_000)
        for place, waiter in enumerate(waiting):
            if place < granted:
                remaining = room + granted - place - 1
                _answer(waiter, Standing(True, remaining, grant.reset_seconds))  # noqa: FBT003 - named
            else:
                wait_us = full_us - (rate.burst - 1) * rate.interval_us
                _answer(waiter, Standing(False, 0, max(math.ceil(wait_us / 1_000_000), 1)))  # noqa: FBT003

    def _how_far_ahead(self, rate: Rate, grant: _Grant, waiting: int) -> int:
        used_up = grant.left == 0 and self._clock() < grant.until
        wished = max(grant.ahead, waiting) * 2 if used_up else grant.ahead // 2
        grant.ahead = min(wished, rate.burst // AHEAD_SHARE)
        return grant.ahead

    def _go_alone(self, away: Exception) -> None:
        if self._return is None:
            _LOG.warning("quota_alone", error=type(away).__name__)
            self._return = asyncio.ensure_future(self._look_out())

    async def _look_out(self) -> None:
        while True:
            await asyncio.sleep(RETRY_SECONDS)
            try:
                await self._redis.ping()  # type: ignore[misc] - typed for both kinds of client
            except (RedisError, OSError):
                continue
            self._return = None
            self._alone.forget()
            _LOG.info("quota_shared_again")
            return


class Alone:
    """The same algorithm in the memory of one process."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._rested: OrderedDict[str, float] = OrderedDict()

    def spend(self, key: str, rate: Rate) -> Standing:
        """Count one request."""
        now = self._clock() * 1_000_000
        rested = max(self._rested.get(key, 0.0), now)
        room = int((rate.burst * rate.interval_us - (rested - now)) / rate.interval_us + 1e-6)
        if room < 1:
            wait_us = rested - now - (rate.burst - 1) * rate.interval_us
            return Standing(
                allowed=False, remaining=0, reset_seconds=max(math.ceil(wait_us / 1_000_000), 1)
            )
        rested += rate.interval_us
        self._rested[key] = rested
        self._rested.move_to_end(key)
        if len(self._rested) > KEYS_MAX:
            self._rested.popitem(last=False)
        full = math.ceil((rested - now) / 1_000_000)
        return Standing(allowed=True, remaining=room - 1, reset_seconds=full)

    def look(self, key: str, rate: Rate) -> Standing:
        """Tell how a key stands."""
        used_us = max(self._rested.get(key, 0.0) - self._clock() * 1_000_000, 0.0)
        room = int((rate.burst * rate.interval_us - used_us) / rate.interval_us + 1e-6)
        return _standing(rate, room, used_us)

    def forget(self) -> None:
        """Drop everything, for the shared count is back."""
        self._rested.clear()


def _standing(rate: Rate, room: int, used_us: float) -> Standing:
    wait_us = used_us if room > 0 else used_us - (rate.burst - 1) * rate.interval_us
    least = 0 if room > 0 else 1
    return Standing(room > 0, room, max(math.ceil(wait_us / 1_000_000), least))


def _answer(waiter: asyncio.Future[Standing], standing: Standing) -> None:
    # One whose request was cancelled must not keep the others from their answers.
    if not waiter.done():
        waiter.set_result(standing)
