"""Drive one server with transfers for a few seconds and say what it answered.

wrk with a Lua script where wrk is installed; otherwise a slower Python generator that names itself.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypedDict, cast

Mode = Literal["uniform", "hot"]

THREADS_MAX = 2
GRACE_SECONDS = 30
BUSINESS_REFUSALS = range(400, 500)
ACCEPTED = range(200, 300)
SCRIPT = Path(__file__).with_name("transfers.lua")
READS_SCRIPT = SCRIPT.parent / "catalog" / "pages.lua"
RESULT_MARK = "RESULT "


class LoadError(Exception):
    """The generator did not say what it measured."""


class Measured(TypedDict):
    requests: int
    duration_us: int
    p50_us: float
    p95_us: float
    p99_us: float
    max_us: float
    connect: int
    read: int
    write: int
    timeout: int
    statuses: dict[str, int]


@dataclass(frozen=True)
class LoadResult:
    """What one load run saw; `per_second` counts accepted (2xx) answers only.

    `refused` are 4xx answers, `failed` every other answer and every socket error.
    """

    requests: int
    seconds: float
    per_second: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    max_ms: float
    refused: int
    failed: int
    generator: str


def run_load(  # noqa: PLR0913 - every knob of a load, by name
    *,
    url: str,
    wallets: Path,
    mode: Mode,
    connections: int,
    seconds: float,
    headers: Mapping[str, str],
    currency: str,
    seed: int,
) -> LoadResult:
    """Send transfers to `url` over `connections` keep-alive connections for whole `seconds`.

    Two runs against the same data need different seeds: the seed is part of every Idempotency-Key.
    """
    arguments = [str(wallets), mode, currency, str(seed)]
    header_arguments = [part for item in headers.items() for part in ("-H", ": ".join(item))]
    wrk = shutil.which("wrk")
    duration = max(1, round(seconds))
    if wrk is None:
        command = [sys.executable, "-m", "benchmarks.load_python", url, *arguments]
        command += [str(connections), str(duration), *header_arguments]
    else:
        threads = min(THREADS_MAX, connections)
        command = [wrk, "-t", str(threads), "-c", str(connections), "-d", f"{duration}s"]
        command += ["--timeout", "10s", *header_arguments, "-s", str(SCRIPT), url]
        command += ["--", *arguments]
    return _run(command, duration, generator="wrk" if wrk else "python (slower)")


def run_reads(  # noqa: PLR0913 - every knob of a load, by name
    *,
    url: str,
    paths: Path,
    connections: int,
    seconds: float,
    headers: Mapping[str, str],
    seed: int,
) -> LoadResult:
    """Ask for the paths of a file, one a line, by chance; this takes wrk."""
    duration = max(1, round(seconds))
    threads = min(THREADS_MAX, connections)
    command = ["wrk", "-t", str(threads), "-c", str(connections), "-d", f"{duration}s"]
    command += ["--timeout", "10s"]
    command += [part for item in headers.items() for part in ("-H", ": ".join(item))]
    command += ["-s", str(READS_SCRIPT), url, "--", str(paths), str(seed)]
    return _run(command, duration, generator="wrk")


def _run(command: list[str], duration: int, *, generator: str) -> LoadResult:
    finished = subprocess.run(  # noqa: S603 - wrk or our own module, no shell
        command,
        capture_output=True,
        text=True,
        timeout=duration + GRACE_SECONDS,
        check=False,
        cwd=SCRIPT.parent.parent,
    )
    _, mark, result = finished.stdout.partition(RESULT_MARK)
    if not mark:
        raise LoadError(f"{finished.stdout}{finished.stderr}")
    measured = cast("Measured", json.loads(result))
    return _load_result(measured, generator=generator)


def _load_result(measured: Measured, *, generator: str) -> LoadResult:
    answers = {int(status): count for status, count in measured["statuses"].items()}
    accepted = sum(count for status, count in answers.items() if status in ACCEPTED)
    refused = sum(count for status, count in answers.items() if status in BUSINESS_REFUSALS)
    socket_errors = sum(
        (measured["connect"], measured["read"], measured["write"], measured["timeout"])
    )
    seconds = measured["duration_us"] / 1_000_000
    return LoadResult(
        requests=measured["requests"],
        seconds=seconds,
        per_second=accepted / seconds,
        p50_ms=measured["p50_us"] / 1_000,
        p95_ms=measured["p95_us"] / 1_000,
        p99_ms=measured["p99_us"] / 1_000,
        max_ms=measured["max_us"] / 1_000,
        refused=refused,
        failed=sum(answers.values()) - accepted - refused + socket_errors,
        generator=generator,
    )
