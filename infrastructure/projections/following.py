"""An engine with its hints: how a role follows the logs until it is told to stop."""

import asyncio

from infrastructure.projections.engine import Engine, Follower
from infrastructure.redis.nudges import nudged


async def follow(
    database_url: str,
    redis_url: str,
    follower: Follower,
    stop: asyncio.Event,
    *,
    pace_seconds: float | None = None,
) -> None:
    """Take a follower forward until `stop` is set; `pace_seconds` is as an engine's."""
    engine = Engine(database_url, follower, pace_seconds=pace_seconds)
    listening = asyncio.create_task(_listen(engine, redis_url))
    try:
        await engine.run(stop)
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)


async def _listen(engine: Engine, redis_url: str) -> None:
    async for tenants in nudged(redis_url):
        engine.nudge(tenants)
