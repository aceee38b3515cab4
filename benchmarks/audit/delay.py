"""How soon an event is under a checkpoint: `python -m benchmarks.audit.delay [SECONDS]`.

Transfers go through at 64 connections with all roles running, the sealer among them. Meanwhile the
newest checkpoint is looked at every 20 ms, and each event is held against the first look that saw a
checkpoint over it, so that looking itself is part of the delay. The database is made for it and
thrown away.
"""

import statistics
import sys
import threading
import time
from bisect import bisect_left
from collections.abc import Sequence
from datetime import UTC, datetime

import psycopg

from benchmarks.defter import CURRENCY, TENANT, Defter
from benchmarks.figures import Figure
from benchmarks.identity.telling import tell
from benchmarks.load import run_load
from infrastructure.onboarding import tenant_id_of

SECONDS = 20.0
CONNECTIONS = 64
SEED = 6
LOOK_SECONDS = 0.02
REST_SECONDS = 3.0
"""After the load, for the last checkpoint."""

BAR = "p99 at most 1 s"
SIZE = "SELECT coalesce(max(size), 0) FROM defter.log_checkpoints WHERE tenant_id = %s"
EVENTS = """
SELECT position, recorded_at FROM defter.events
WHERE tenant_id = %s AND type = 'wallet.transfer_sent' AND recorded_at >= %s ORDER BY position
"""


def look(database_url: str, stop: threading.Event, sizes: list[int], at: list[datetime]) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        while not stop.is_set():
            row = connection.execute(SIZE, (tenant_id_of(TENANT),)).fetchone()
            assert row is not None  # noqa: S101 - an aggregate
            if not sizes or row[0] > sizes[-1]:
                sizes.append(row[0])
                at.append(datetime.now(UTC))
            time.sleep(LOOK_SECONDS)


def measure(database_url: str, redis_url: str) -> Sequence[Figure]:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS
    defter = Defter(database_url, redis_url)
    defter.prepare()
    url = defter.start(1)
    stop, sizes, at = threading.Event(), list[int](), list[datetime]()
    looking = threading.Thread(target=look, args=(database_url, stop, sizes, at))
    began = datetime.now(UTC)
    looking.start()
    try:
        found = run_load(
            url=url,
            wallets=defter.wallets,
            mode="uniform",
            connections=CONNECTIONS,
            seconds=seconds,
            headers=defter.headers,
            currency=CURRENCY,
            seed=SEED,
        )
        time.sleep(REST_SECONDS)
    finally:
        stop.set()
        looking.join()
        defter.stop()
    with psycopg.connect(database_url) as connection:
        events = connection.execute(EVENTS, (tenant_id_of(TENANT), began)).fetchall()
    # Whatever no look saw sealed fails here, and there is no figure.
    delays = [
        (at[bisect_left(sizes, position)] - moment).total_seconds() for position, moment in events
    ]
    percentiles = statistics.quantiles(delays, n=100)
    return (
        Figure(
            f"sealed after, {len(delays):,} transfers at {found.per_second:,.0f}/s",
            f"p50 {percentiles[49]:.2f} s, p99 {percentiles[98]:.2f} s, max {max(delays):.2f} s",
            BAR,
        ),
    )


if __name__ == "__main__":
    sys.exit(tell(measure, "delay"))
