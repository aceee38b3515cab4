"""The projector: an engine with its hints, for a process of its own or a task of another."""

import asyncio
import gc

from infrastructure.projections.engine import Engine
from infrastructure.redis.nudges import nudged

GC_ALLOCATIONS = 100_000
GC_GENERATIONS = 50
"""A batch is some hundred thousand tuples that live for a second and form no cycles; at Python's
usual thresholds the collector walks them again and again (measured: half of all time)."""


async def run_projector(database_url: str, redis_url: str, stop: asyncio.Event) -> None:
    """Keep all read models up to date until `stop` is set."""
    gc.set_threshold(GC_ALLOCATIONS, GC_GENERATIONS, GC_GENERATIONS)
    engine = Engine(database_url)
    listening = asyncio.create_task(_listen(engine, redis_url))
    try:
        await engine.run(stop)
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)


async def _listen(engine: Engine, redis_url: str) -> None:
    async for tenants in nudged(redis_url):
        engine.nudge(tenants)
