"""What others notice of 50 people who log in at once: `python -m benchmarks.identity.logins`.

One client sends transfers one after the other, and a process of its own keeps 50 logins under way.
Rounds with and without logins take turns, so that what else the machine does falls on both; the
latencies of all rounds of a kind are one sample. The database is made for it and thrown away.
"""

import asyncio
import http.client
import json
import secrets
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from urllib.parse import urlsplit

import httpx

from benchmarks.defter import Defter
from benchmarks.figures import Figure
from benchmarks.identity.telling import tell
from benchmarks.processes import ROOT

PEOPLE = 50
ROUNDS = 6
ROUND_SECONDS = 5.0
PAUSE_SECONDS = 0.004
OTHERS_MAX = 2.0
"""How many times the idle p99 others may take."""

PASSWORD = "nine-otters-paint-the-harbour"  # noqa: S105 - of nobody
LOGINS = "logins"


def email_of(number: int) -> str:
    return f"person{number}@bench.example"


def measure(database_url: str, redis_url: str) -> Sequence[Figure]:
    defter = Defter(database_url, redis_url, wallet_count=1_000)
    defter.prepare()
    defter.start(1)
    try:
        people = {"name": "Ada", "password": PASSWORD}
        for number in range(PEOPLE):
            body = people | {"email": email_of(number)}
            answer = defter.client.post("/api/users", json=body, headers=dict(defter.headers))
            answer.raise_for_status()
        transfers(defter, ROUND_SECONDS)  # the first ones warm everything up
        idle: list[float] = []
        busy: list[float] = []
        done = 0
        for _ in range(ROUNDS):
            idle += transfers(defter, ROUND_SECONDS)
            with logging_in(defter) as load:
                assert load.stdout is not None  # noqa: S101 - a pipe was asked for
                load.stdout.readline()
                busy += transfers(defter, ROUND_SECONDS)
                load.terminate()
                done += int(load.communicate()[0] or 0)
    finally:
        defter.stop_roles()
    before, during = p99(idle), p99(busy)
    return (
        Figure("transfers while nobody logs in, p99", f"{before * 1e3:.1f} ms", ""),
        Figure(
            f"transfers while {PEOPLE} log in at once, p99",
            f"{during * 1e3:.1f} ms, {during / before:.2f} times",
            f"at most {OTHERS_MAX:g} times",
        ),
        Figure("logins meanwhile", f"{done / (ROUNDS * ROUND_SECONDS):.1f} a second", ""),
    )


def transfers(defter: Defter, seconds: float) -> list[float]:
    """Send transfers one after the other; give how long each took."""
    address = urlsplit(defter.url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=30)
    ids, taken = defter.wallet_ids(), list[float]()
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        body = json.dumps(defter.random_transfers(ids, 1)[0])
        headers = {
            **defter.headers,
            "Content-Type": "application/json",
            "Idempotency-Key": secrets.token_hex(16),
        }
        began = time.perf_counter()
        connection.request("POST", "/api/wallet/transfers", body, headers)
        answer = connection.getresponse()
        answer.read()
        taken.append(time.perf_counter() - began)
        assert answer.status == 201, answer.status  # noqa: S101, PLR2004 - created
        time.sleep(PAUSE_SECONDS)
    connection.close()
    return taken


def logging_in(defter: Defter) -> subprocess.Popen[str]:
    """Keep everybody logging in until terminated; it then tells how many logins there were."""
    command = [sys.executable, "-m", "benchmarks.identity.logins", LOGINS, defter.url, defter.key]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)  # noqa: S603 - ourselves


async def keep_logging_in(url: str, key: str) -> None:
    done = 0
    stop = asyncio.Event()
    limits = httpx.Limits(max_connections=PEOPLE)
    async with httpx.AsyncClient(base_url=url, timeout=60, limits=limits) as client:

        async def one(number: int) -> None:
            nonlocal done
            body = {"email": email_of(number), "password": PASSWORD}
            while True:
                answer = await client.post("/api/auth/login", json=body, headers={"X-API-Key": key})
                answer.raise_for_status()
                done += 1

        sys.stdout.write("under way\n")
        sys.stdout.flush()
        people = [asyncio.create_task(one(number)) for number in range(PEOPLE)]
        asyncio.get_running_loop().add_signal_handler(15, stop.set)
        await stop.wait()
        for task in people:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
    sys.stdout.write(str(done))


def p99(taken: Sequence[float]) -> float:
    return statistics.quantiles(taken, n=100)[98]


def main(words: Sequence[str]) -> int:
    if words and words[0] == LOGINS:
        asyncio.run(keep_logging_in(words[1], words[2]))
        return 0
    return tell(measure, "logins")


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
