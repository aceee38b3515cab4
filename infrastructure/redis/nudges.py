"""Hints that a tenant's log has grown. They make things fast; losing them loses nothing."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import suppress
from typing import Any
from uuid import UUID

from redis.asyncio import Redis
from redis.exceptions import RedisError

CHANNEL = "defter:nudges"
RETRY_SECONDS = 1.0
TIMEOUT_SECONDS = 2.0
PAUSE_AFTER_FAILURE_SECONDS = 1.0
PACE_SECONDS = 0.02
"""Between two messages: more would wake a projector that still rests. Each costs whoever writes
0.6 ms, and all who follow something alike."""


class Nudges:
    """Publishes which tenants were written; never waits, never fails its caller."""

    def __init__(self, redis_url: str) -> None:
        self._redis = _client(redis_url, socket_timeout=TIMEOUT_SECONDS)
        self._waiting: set[UUID] = set()
        self._task: asyncio.Task[None] | None = None

    def publish(self, tenants: Iterable[UUID]) -> None:
        """Hint that these tenants were written; what is not sent yet is joined with it."""
        self._waiting.update(tenants)
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._send())

    async def close(self) -> None:
        """Stop sending."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        await self._redis.aclose()

    async def _send(self) -> None:
        while self._waiting:
            message = " ".join(map(str, self._waiting))
            self._waiting.clear()
            try:
                await self._redis.publish(CHANNEL, message)
                await asyncio.sleep(PACE_SECONDS)
            except (RedisError, OSError):
                await asyncio.sleep(PAUSE_AFTER_FAILURE_SECONDS)


async def nudged(redis_url: str) -> AsyncIterator[list[UUID]]:
    """Give the tenants that are hinted at, for ever; while Valkey is away there are no hints."""
    while True:
        redis = _client(redis_url)
        try:
            async with redis.pubsub(ignore_subscribe_messages=True) as channel:
                await channel.subscribe(CHANNEL)
                async for message in channel.listen():
                    yield _tenants(message["data"])
        except (RedisError, OSError):
            await asyncio.sleep(RETRY_SECONDS)
        finally:
            await redis.aclose()


def _client(redis_url: str, *, socket_timeout: float | None = None) -> Any:  # noqa: ANN401 - redis-py is typed in part
    return Redis.from_url(  # pyright: ignore[reportUnknownMemberType]
        redis_url, socket_timeout=socket_timeout, socket_connect_timeout=TIMEOUT_SECONDS
    )


def _tenants(data: bytes) -> list[UUID]:
    tenants: list[UUID] = []
    for word in data.decode(errors="replace").split():
        with suppress(ValueError):
            tenants.append(UUID(word))
    return tenants
