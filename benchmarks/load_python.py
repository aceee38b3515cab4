"""The load generator for machines without wrk: raw HTTP/1.1 over asyncio, in a process of its own.

Arguments: url, wallet id file, mode, currency, seed, connections, seconds, then `-H 'Name: value'`.
"""

import argparse
import asyncio
import json
import random
import time
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.load import RESULT_MARK


class Client:
    """Builds requests and counts answers; one for all connections of the process."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        self.address = urlsplit(str(arguments.url))
        self.statuses: Counter[int] = Counter()
        self.latencies_us: list[float] = []
        self.errors: Counter[str] = Counter()
        self._wallets = Path(arguments.wallets).read_text().split()
        self._hot = arguments.mode == "hot"
        self._currency = str(arguments.currency)
        self._seed = int(arguments.seed)
        self._chance = random.Random(self._seed)  # noqa: S311 - repeatable load, no secret
        self._sent = 0
        lines = [f"POST {self.address.path} HTTP/1.1", f"Host: {self.address.netloc}"]
        lines += ["Content-Type: application/json", *arguments.header]
        self._head = "\r\n".join(lines)

    def request(self) -> bytes:
        self._sent += 1
        source, target = self._chance.sample(self._wallets, 2)
        if self._hot:
            target = self._wallets[0]
            source = self._chance.choice(self._wallets[1:]) if source == target else source
        body = (
            f'{{"source":"{source}","target":"{target}","amount":'
            f'{{"minor":{self._chance.randint(1, 100)},"currency":"{self._currency}"}}}}'
        )
        key = f"bench-{self._seed}-1-{self._sent}"
        return (
            f"{self._head}\r\nIdempotency-Key: {key}\r\nContent-Length: {len(body)}\r\n\r\n{body}"
        ).encode()

    async def repeat(self, until: float) -> None:
        try:
            reader, writer = await asyncio.open_connection(self.address.hostname, self.address.port)
        except OSError:
            self.errors["connect"] += 1
            return
        try:
            while time.perf_counter() < until:
                await self._exchange(reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            self.errors["read"] += 1
        finally:
            writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        started = time.perf_counter()
        writer.write(self.request())
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = head.split(b"content-length:")[1].split(b"\r\n")[0]
        await reader.readexactly(int(length))
        self.latencies_us.append((time.perf_counter() - started) * 1_000_000)
        self.statuses[int(head[9:12])] += 1


def _percentile(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


async def _run(client: Client, connections: int, seconds: float) -> None:
    started = time.perf_counter()
    await asyncio.gather(*(client.repeat(started + seconds) for _ in range(connections)))
    duration_us = int((time.perf_counter() - started) * 1_000_000)
    ordered = sorted(client.latencies_us)
    shares = {"p50_us": 0.5, "p95_us": 0.95, "p99_us": 0.99, "max_us": 1.0}
    measured = {
        "requests": len(ordered),
        "duration_us": duration_us,
        **{name: _percentile(ordered, share) for name, share in shares.items()},
        **{kind: client.errors[kind] for kind in ("connect", "read", "write", "timeout")},
        "statuses": client.statuses,
    }
    print(RESULT_MARK + json.dumps(measured))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("url", "wallets", "mode", "currency", "seed"):
        parser.add_argument(name)
    parser.add_argument("connections", type=int)
    parser.add_argument("seconds", type=float)
    parser.add_argument("-H", dest="header", action="append", default=[])
    arguments = parser.parse_args()
    asyncio.run(_run(Client(arguments), arguments.connections, arguments.seconds))


if __name__ == "__main__":
    main()
