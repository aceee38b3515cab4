"""How fast a replay is beside a rebuild of all read models: `python -m benchmarks.audit.replay`.

The projector fills every read model from a log of transfers, then `defter audit replay` derives all
of them and every posting again and compares; they take turns, so that what else the machine does
falls on both. The last replay is of a log three times as long, for its memory. The database is made
for it.
"""

import os
import statistics
import subprocess
import time
from collections.abc import Sequence

import psycopg

from benchmarks.defter import BACKGROUND_NICENESS, PROGRAM, Defter
from benchmarks.figures import MIB, Figure, fill_anew
from benchmarks.history import lengthen_log
from benchmarks.identity.telling import tell

TRANSFERS = 100_000
TIMES_LONGER = 3
ROUNDS = 3
SHARE_MIN = 1.0
KIB = 2**10


def replay(defter: Defter) -> tuple[float, int]:
    """Replay everything in a process of its own; gives its seconds and the memory at its peak."""
    command = ["nice", "-n", str(BACKGROUND_NICENESS), *PROGRAM, "audit", "replay", "-o", "jsonl"]
    began = time.monotonic()
    process = subprocess.Popen(command, env=defter.environment, stdout=subprocess.DEVNULL)  # noqa: S603
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.monotonic() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"the replay ended with {process.returncode}")
    return seconds, usage.ru_maxrss * KIB


def measure(database_url: str, redis_url: str) -> Sequence[Figure]:
    defter = Defter(database_url, redis_url)
    defter.prepare()
    lengthen_log(defter, TRANSFERS)
    rates: list[tuple[float, float]] = []
    memory = count = 0
    for _ in range(ROUNDS):
        count, filled = fill_anew(defter)
        replayed, memory = replay(defter)
        rates.append((count / filled, count / replayed))
    lengthen_log(defter, TRANSFERS * (TIMES_LONGER - 1))
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("VACUUM (ANALYZE) defter.events")
    defter.start_role("projector")
    try:
        defter.wait_for_read_models()
    finally:
        defter.stop_roles()
    seconds, more_memory = replay(defter)
    rebuild, again = (statistics.median(some) for some in zip(*rates, strict=True))
    share = statistics.median(one / other for other, one in rates)
    long = count + 2 * TRANSFERS * (TIMES_LONGER - 1)
    return (
        Figure(f"rebuild of all read models, {count:,} events", f"{rebuild:,.0f}/s", ""),
        Figure(
            "replay of them and of every posting, compared",
            f"{again:,.0f}/s, {share:.2f} of the rebuild",
            f"at least {SHARE_MIN:.2f}",
        ),
        Figure("its memory at the peak", f"{memory / MIB:,.0f} MiB", ""),
        Figure(f"replay of {long:,} events", f"{long / seconds:,.0f}/s", ""),
        Figure("its memory at the peak", f"{more_memory / MIB:,.0f} MiB", "flat"),
    )


if __name__ == "__main__":
    raise SystemExit(tell(measure, "replay"))
