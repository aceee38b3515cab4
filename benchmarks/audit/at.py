"""How long `audit at` takes on a stream of 100,000 events: `python -m benchmarks.audit.at`.

The stream is laid down as the writer would have left it, with every thousandth snapshot kept and
the newest one. DATABASE_URL names a server on which a database to throw away may be made; the
figures are of the folding and its queries, without HTTP.
"""

import asyncio
import os
import statistics
import sys
import time
import uuid
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from random import Random
from typing import Any

import msgspec
import psycopg

from benchmarks.history import Row, Rows, begin_log, lay_down
from benchmarks.run import Servers
from domain.kernel.events import Event, stream_of
from domain.kernel.money import Money
from domain.wallet import topups
from domain.wallet.events import WalletOpened
from domain.wallet.wallet import Wallet
from infrastructure.audit.blame import last_set
from infrastructure.audit.states import NOTHING, standing_at
from infrastructure.event_log.migrate import migrate
from infrastructure.event_log.reader import version_at
from infrastructure.event_log.writing.rows import MILESTONE_EVERY_EVENTS, SNAPSHOT_EVERY_EVENTS
from infrastructure.postgres.connections import connect

EVENTS = 100_000
TRIES = 60
SLOW_TRIES = 3
BAR_SECONDS = 0.3
CURRENCY = "TRY"
WALLET = "wal_01k3xq8m5wf2v9c7d4h6jt0b1n"
STREAM = stream_of(Wallet.CATEGORY, WALLET)
TENANT = uuid.UUID("7e000000-0000-4000-8000-00000000a0a7")
KEEP = "INSERT INTO defter.{table} (tenant_id, stream, version, fold_version, state)"
VALUES = " VALUES (%s, %s, %s, %s, %s)"


def lay_stream(database_url: str) -> None:
    """Write the stream and what is kept of it."""
    now = datetime.now(UTC)
    kept: list[tuple[Any, ...]] = []
    log = Rows(TENANT, now, events_per_commit=1)

    def rows() -> Iterator[Row]:
        wallet: Wallet | None = None
        for n in range(1, EVENTS + 1):
            event = _next(wallet, now)
            wallet = Wallet.evolve(wallet, event)  # type: ignore[arg-type] - of a wallet
            yield from log.of((event,))
            if n % MILESTONE_EVERY_EVENTS == 0 or n == EVENTS - SNAPSHOT_EVERY_EVENTS + 1:
                state = msgspec.json.encode(wallet)
                kept.append((TENANT, STREAM, n, Wallet.FOLD_VERSION, state))

    begin_log(database_url, TENANT)
    lay_down(database_url, rows())
    with psycopg.connect(database_url) as connection, connection.cursor() as cursor:
        cursor.executemany((KEEP.format(table="milestones") + VALUES).encode(), kept[:-1])
        cursor.execute((KEEP.format(table="snapshots") + VALUES).encode(), kept[-1])


def _next(wallet: Wallet | None, now: datetime) -> Event:
    if wallet is None:
        return WalletOpened(WALLET, "cus_01k3xq8m5w", CURRENCY)
    (event,) = topups.top_up(
        wallet,
        Money(1, CURRENCY),
        top_up_id=f"top_{wallet.version:026d}",
        source="bank",
        effective_on=now.date(),
        note=None,
    )
    return event


async def measure(database_url: str) -> bool:
    """Print the figures; tells whether the bar is kept."""
    chosen = Random(7)  # noqa: S311 - any positions
    async with await connect(database_url) as connection:

        async def at(position: int, *, scratch: bool = False) -> None:
            version = await version_at(connection, TENANT, STREAM, position)
            begin = NOTHING if scratch else None
            await standing_at(connection, TENANT, STREAM, version, begin=begin)

        async def timed(ask: Callable[[], Awaitable[object]]) -> float:
            await connection.execute("BEGIN")
            await connection.execute(
                "SELECT set_config('app.tenants', %s, true)", (f"{{{TENANT}}}",)
            )
            start = time.perf_counter()
            await ask()
            taken = time.perf_counter() - start
            await connection.execute("ROLLBACK")
            return taken

        places = [chosen.randint(1, EVENTS) for _ in range(TRIES)]
        some = sorted([await timed(lambda place=place: at(place)) for place in places])
        worst = EVENTS // 2 - 1
        tries = range(SLOW_TRIES)
        far = [await timed(lambda: at(worst)) for _ in tries]
        scratch = [await timed(lambda: at(EVENTS, scratch=True)) for _ in tries]
        blame = [await timed(lambda: last_set(connection, TENANT, STREAM, EVENTS)) for _ in tries]
    median, p99 = statistics.median(some), some[int(len(some) * 0.99)]
    for name, seconds in (
        ("any of its positions, median", median),
        ("any of its positions, slowest of 60", p99),
        ("the position furthest from a kept state", min(far)),
        ("its end with every event folded (--from-scratch)", min(scratch)),
        ("blame of every field", min(blame)),
    ):
        sys.stdout.write(f"{name}: {seconds * 1000:,.0f} ms\n")
    return p99 <= BAR_SECONDS


def main() -> int:
    """Measure in a database of its own."""
    database_url = Servers(os.environ["DATABASE_URL"], redis_url="").fresh_database("bench_at")
    migrate(database_url)
    lay_stream(database_url)
    return 0 if asyncio.run(measure(database_url)) else 1


if __name__ == "__main__":
    sys.exit(main())
