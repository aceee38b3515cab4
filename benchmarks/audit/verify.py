"""How fast a log is verified, books included: `python -m benchmarks.audit.verify [EVENTS]`.

The check takes turns with merely fetching the same rows: as a reader of the log gets them, and as
the bare bytes that the check itself reads. Medians are told, and the median share of each round,
for what else the machine does falls on all. Nothing else of Defter runs; the database is made for
it.
"""

import asyncio
import resource
import statistics
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Executor
from typing import Any

from psycopg import AsyncConnection

from benchmarks.audit.long_log import LongLog
from benchmarks.figures import Figure
from benchmarks.identity.telling import tell
from infrastructure.event_log.keyring import MasterKeys
from infrastructure.event_log.migrate import migrate
from infrastructure.event_log.reader import read_feed
from infrastructure.identity.signing_keys import SigningKeys, Use
from infrastructure.log_check.beside import checker
from infrastructure.log_check.check import verify_log
from infrastructure.log_check.seen import STRETCH_EVENTS, look
from infrastructure.postgres.connections import connect
from infrastructure.projections.checkpoints import first_sight
from infrastructure.sealing.leaves import read_leaves
from infrastructure.sealing.sealer import SEALER, Sealer

EVENTS = 300_000
SHORT = 3
"""The log that shows that memory stays is so many times shorter."""

ROUNDS = 3
KIB = 1024
BAR = "at least 100,000/s"
SHARE_BAR = "at least 0.4"


def measure(database_url: str, _redis_url: str) -> Sequence[Figure]:
    migrate(database_url)
    events = int(sys.argv[1]) if len(sys.argv) > 1 else EVENTS
    return asyncio.run(_measure(database_url, events))


async def _measure(database_url: str, events: int) -> Sequence[Figure]:
    short, long = LongLog(), LongLog()
    peaks: list[int] = []
    seen: dict[str, list[float]] = {"rows": [], "bytes": [], "verified": []}
    with checker(events) as beside:
        async with await connect(database_url) as connection:
            for log, size in ((short, events // SHORT), (long, events)):
                await asyncio.to_thread(log.lay_down, database_url, size)
                await _seal(database_url, log)
                await _verify(connection, log, beside)
                peaks.append(await _peak(beside))
            turns: dict[str, Callable[[], Awaitable[int]]] = {
                "rows": lambda: _rows(connection, long),
                "bytes": lambda: _bytes(connection, long),
                "verified": lambda: _verify(connection, long, beside),
            }
            for _ in range(ROUNDS):
                for name, turn in turns.items():
                    began = time.monotonic()
                    count = await turn()
                    seen[name].append(count / (time.monotonic() - began))
    middle = {name: statistics.median(rates) for name, rates in seen.items()}
    return (
        Figure("rows fetched", f"{middle['rows']:,.0f}/s", ""),
        Figure("the same as bare bytes", f"{middle['bytes']:,.0f}/s", ""),
        Figure("verified, books included", f"{middle['verified']:,.0f}/s", BAR),
        Figure("of fetching rows", f"{_share(seen, 'rows'):.2f}", SHARE_BAR),
        Figure("of fetching bytes", f"{_share(seen, 'bytes'):.2f}", ""),
        Figure(
            f"memory of both processes, {events // SHORT:,} and {events:,} events",
            " and ".join(f"{peak // KIB} MiB" for peak in peaks),
            "flat",
        ),
    )


def _share(seen: dict[str, list[float]], fetched: str) -> float:
    return statistics.median(
        one / other for one, other in zip(seen["verified"], seen[fetched], strict=True)
    )


async def _seal(database_url: str, log: LongLog) -> None:
    keys = SigningKeys(database_url, MasterKeys(bytes(32)), use=Use.CHECKPOINT)
    sealer = Sealer(keys)
    async with await connect(database_url) as connection:
        await first_sight(connection, log.tenant_id, [SEALER])
        while (await sealer.advance(connection, log.tenant_id)).more:
            pass


async def _rows(connection: AsyncConnection[Any], log: LongLog) -> int:
    count = 0
    while True:
        await look(connection, log.tenant_id)
        rows = await read_feed(connection, log.tenant_id, after=count, limit=STRETCH_EVENTS)
        await connection.execute(b"COMMIT")
        if not rows:
            return count
        count = rows[-1].position


async def _bytes(connection: AsyncConnection[Any], log: LongLog) -> int:
    count = 0
    while True:
        await look(connection, log.tenant_id)
        last = count + STRETCH_EVENTS
        leaves = await read_leaves(connection, log.tenant_id, after=count, last=last)
        await connection.execute(b"COMMIT")
        if not leaves:
            return count
        count += len(leaves)


async def _verify(connection: AsyncConnection[Any], log: LongLog, beside: Executor) -> int:
    verified = await verify_log(connection, log.tenant_id, beside)
    if verified.findings or verified.incomplete:
        raise RuntimeError(f"the log is not sound: {verified}")
    return verified.events


async def _peak(beside: Executor) -> int:
    loop = asyncio.get_running_loop()
    return _own_peak() + await loop.run_in_executor(beside, _own_peak)


def _own_peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


if __name__ == "__main__":
    raise SystemExit(tell(measure, "verify"))
