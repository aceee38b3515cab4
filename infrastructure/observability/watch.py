"""Looks every few seconds at what no request tells, for the metrics."""

import asyncio

from psycopg import Error
from psycopg_pool import PoolTimeout

from infrastructure.observability.metrics import Metrics
from infrastructure.postgres.reads import Reads
from infrastructure.projections.standing import lags
from infrastructure.redis.quota import Quota

WATCH_SECONDS = 5.0

_IMBALANCE = b"SELECT currency, imbalance FROM read_models.imbalance_v2()"


async def watch(reads: Reads, quota: Quota, metrics: Metrics) -> None:
    """Keep lags, the sum of all balances and the state of quotas up to date."""
    while True:
        metrics.quota_local.set(not quota.shared)
        try:
            async with reads.lookup() as connection:
                found = await lags(connection)
                for lag in found:
                    metrics.projection_lag.labels(lag.projection).set(lag.positions)
                    metrics.projection_lag_seconds.labels(lag.projection).set(lag.seconds)
                metrics.parked_projections.set(sum(lag.tenants_parked for lag in found))
                cursor = await connection.execute(_IMBALANCE)
                for currency, imbalance in await cursor.fetchall():
                    metrics.ledger_imbalance.labels(currency).set(int(imbalance))
        except (Error, OSError, PoolTimeout):
            pass  # the health page says that the database is away
        await asyncio.sleep(WATCH_SECONDS)
