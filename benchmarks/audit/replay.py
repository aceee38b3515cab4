"""How fast a replay is beside a rebuild of all read models: `python -m benchmarks.audit.replay`.

The projector fills every read model from a log of transfers, then `defter audit replay` derives all
of them and every posting again and compares; they take turns, so that what else the machine does
falls on both. The first replay is of a log a third as long, for its memory. Both start a process,
and a replay makes its tables and drops them: of a short log that is a good part. The database is
made for it.
"""

import os
import statistics
import subprocess
import time
from collections.abc import Sequence

from benchmarks.defter import BACKGROUND_NICENESS, PROGRAM, Defter
from benchmarks.figures import MIB, Figure, fill_anew
from benchmarks.history import lengthen_log
from benchmarks.identity.telling import tell

TRANSFERS = 300_000
SHORT_TRANSFERS = 100_000
"""Of the log that shows what memory does with length."""

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
    lengthen_log(defter, SHORT_TRANSFERS)
    short, _ = fill_anew(defter)
    seconds, short_memory = replay(defter)
    lengthen_log(defter, TRANSFERS - SHORT_TRANSFERS)
    rates: list[tuple[float, float]] = []
    memory = count = 0
    for _ in range(ROUNDS):
        count, filled = fill_anew(defter)
        replayed, memory = replay(defter)
        rates.append((count / filled, count / replayed))
    rebuild, again = (statistics.median(some) for some in zip(*rates, strict=True))
    share = statistics.median(one / other for other, one in rates)
    return (
        Figure(f"rebuild of all read models, {count:,} events", f"{rebuild:,.0f}/s", ""),
        Figure(
            "replay of them and of every posting, compared",
            f"{again:,.0f}/s, {share:.2f} of the rebuild",
            f"at least {SHARE_MIN:.2f}",
        ),
        Figure("its memory at the peak", f"{memory / MIB:,.0f} MiB", ""),
        Figure(f"replay of {short:,} events", f"{short / seconds:,.0f}/s", ""),
        Figure("its memory at the peak", f"{short_memory / MIB:,.0f} MiB", "flat"),
    )


if __name__ == "__main__":
    raise SystemExit(tell(measure, "replay"))
