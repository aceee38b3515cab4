"""How many webhooks a second one worker delivers, beside a client that only posts."""

import asyncio
import json
import secrets
import sys
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from typing import Any

import httpx
import psycopg

from benchmarks.defter import BULK, CURRENCY, PROGRAM, Defter
from benchmarks.figures import Figure, Setting
from benchmarks.processes import ServerProcess, free_port

DELIVERIES = 20_000
BARE_POSTS = 2_000
BARE_AT_ONCE = 20
PATIENCE_SECONDS = 180
RECEIVER = (sys.executable, "-m", "benchmarks.webhooks.receiver")
BODY_BYTES = 600
FILED = "SELECT count(*) FROM defter.effects WHERE effect = 'channels.webhook'"
DONE = f"{FILED} AND state = 'done'"


def webhooks(setting: Setting) -> Sequence[Figure]:
    """Events that were written and filed before, until the receiver has had all of them."""
    defter, count = setting.defter, setting.sized(DELIVERIES)
    defter.wallet_count = BULK
    defter.prepare()
    with _receiver() as other:
        asyncio.run(_post_bare(f"{other.url}/hook"))
        bare = _rate(_received(other))
    with _receiver() as receiver:
        _write(defter, f"{receiver.url}/hook", count)
        with _role(defter, "scheduler"):
            _until(lambda: _count(defter, FILED) >= count)
            with _role(defter, "worker"):
                _until(lambda: _count(defter, DONE) >= count)
        received = _received(receiver)
    rate, twice = _rate(received), received["count"] - count
    value = f"{rate:,.0f}/s ({rate / bare:.1f} times a bare httpx client), {twice} of them twice"
    return (Figure(f"{count:,} webhook deliveries, one worker", value, "at least 500/s"),)


def _write(defter: Defter, url: str, count: int) -> None:
    with _role(defter, "api", port := free_port()) as api:
        api.wait_until_it_answers()
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
            endpoint = {"url": url, "types": ["wallet.funds_topped_up"]}
            _post(client, defter, "/api/webhooks/endpoints", endpoint)
            ids = defter.wallet_ids()
            for start in range(0, count, BULK):
                commands = [
                    {"wallet_id": ids[n % BULK], "amount": {"minor": 1, "currency": CURRENCY}}
                    for n in range(start, min(start + BULK, count))
                ]
                body = {"mode": "independent", "commands": commands}
                _post(client, defter, "/api/wallet/top-ups/batch", body)


def _post(client: httpx.Client, defter: Defter, path: str, body: dict[str, Any]) -> None:
    headers = {**defter.headers, "idempotency-key": secrets.token_hex(16)}
    client.post(path, json=body, headers=headers).raise_for_status()


async def _post_bare(url: str) -> None:
    body = json.dumps({"data": "x" * BODY_BYTES}).encode()
    left = iter(range(BARE_POSTS))
    async with httpx.AsyncClient() as client:

        async def some() -> None:
            for _ in left:
                (await client.post(url, content=body)).raise_for_status()

        await asyncio.gather(*(some() for _ in range(BARE_AT_ONCE)))


@contextmanager
def _receiver() -> Generator[ServerProcess]:
    port = free_port()
    process = ServerProcess([*RECEIVER, str(port)], port=port, environment={})
    try:
        process.wait_until_it_answers()
        yield process
    finally:
        process.stop()


@contextmanager
def _role(defter: Defter, role: str, port: int = 0) -> Generator[ServerProcess]:
    environment = {**defter.environment, "DEFTER_PORT": str(port)}
    process = ServerProcess([*PROGRAM, role], port=port, environment=environment)
    try:
        yield process
    finally:
        process.stop()


def _received(receiver: ServerProcess) -> dict[str, Any]:
    return httpx.get(receiver.url).json()


def _rate(received: dict[str, Any]) -> float:
    return received["count"] / (received["last"] - received["first"])


def _count(defter: Defter, query: str) -> int:
    with psycopg.connect(defter.database_url) as connection:
        row = connection.execute(query.encode()).fetchone()
    return row[0] if row else 0


def _until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not true():
        if time.monotonic() > deadline:
            raise TimeoutError("it did not come to it in time")
        time.sleep(0.1)
