"""Looks every few seconds at what no request tells, for the metrics."""

import asyncio

from psycopg import Error
from psycopg_pool import PoolTimeout

from infrastructure.observability.metrics import Metrics
from infrastructure.observability.survey import survey
from infrastructure.postgres.reads import Reads
from infrastructure.redis.quota import Quota

WATCH_SECONDS = 5.0


async def watch(reads: Reads, quota: Quota, metrics: Metrics) -> None:
    """Keep what stands still or lags, and the state of quotas, up to date."""
    while True:
        metrics.quota_local.set(not quota.shared)
        try:
            async with reads.lookup() as connection:
                metrics.surveyed.survey = await survey(connection)
        except (Error, OSError, PoolTimeout):
            pass  # the health page says that the database is away
        await asyncio.sleep(WATCH_SECONDS)
