"""Kill workers, schedulers and Valkey while effects are performed; then count what came of each.

`python -m tests.faults.effects --effects 20000 --rounds 500 --seed 1` runs on embedded servers in a
temporary folder. The receiver answers badly now and then, too.
"""

import argparse
import asyncio
import base64
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import psycopg

from application.wallet.wallets import OpenWallet
from infrastructure.embedded.servers import Servers, embedded_servers
from infrastructure.event_log.migrate import migrate
from tests.event_log.shop import Shop, open_shop
from tests.faults.effect_roles import TARGETS

SECONDS_BETWEEN_KILLS = (0.3, 1.2)
WALLETS_AT_ONCE = 50
SETTLED_SECONDS_MAX = 600
BAD_ANSWERS = 0.05
LOST_ANSWERS = 0.03
ROLES = ("scheduler", "scheduler", "worker", "worker")
HANDS = ThreadPoolExecutor(max_workers=1)
"""The thread that kills and starts: a server ends with the thread that started it."""

OUTCOMES = """
SELECT count(*), count(*) FILTER (WHERE effect.state = 'done'),
    count(*) FILTER (WHERE succeeded.count = 1), coalesce(max(effect.attempts), 0)
FROM defter.effects effect LEFT JOIN LATERAL (
    SELECT count(*) FROM defter.effect_attempts attempt
    WHERE attempt.tenant_id = effect.tenant_id AND attempt.effect_id = effect.effect_id
      AND attempt.succeeded
) succeeded ON true
WHERE effect.tenant_id = %s
"""


@dataclass
class Receiver:
    """Counts what it is told; some of it answers badly, some of it never."""

    chance: random.Random
    told: Counter[UUID] = field(default_factory=Counter[UUID])
    well: Counter[UUID] = field(default_factory=Counter[UUID])
    url: str = ""

    @asynccontextmanager
    async def listening(self) -> AsyncGenerator["Receiver"]:
        """Answer on a port of its own."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        async with server:
            yield self

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                length = 0
                while line not in {b"\r\n", b""}:
                    if line.lower().startswith(b"content-length:"):
                        length = int(line.split(b":")[1])
                    line = await reader.readline()
                effect_id = UUID((await reader.readexactly(length)).decode())
                self.told[effect_id] += 1
                luck = self.chance.random()
                if luck < LOST_ANSWERS:
                    return
                status = b"503 Busy" if luck < LOST_ANSWERS + BAD_ANSWERS else b"200 OK"
                self.well[effect_id] += status == b"200 OK"
                writer.write(b"HTTP/1.1 " + status + b"\r\ncontent-length: 0\r\n\r\n")
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


@dataclass
class Campaign:
    """Two of each role on embedded servers, and what was killed."""

    servers: Servers
    receiver: Receiver
    chance: random.Random
    roles: list[subprocess.Popen[bytes]] = field(default_factory=list[subprocess.Popen[bytes]])
    kills: Counter[str] = field(default_factory=Counter[str])

    def start(self, n: int) -> subprocess.Popen[bytes]:
        """Start a role as a process of its own."""
        environment = {
            **os.environ,
            "DATABASE_URL": self.servers.database_url,
            "REDIS_URL": self.servers.redis_url,
            "DEFTER_MASTER_KEYS": base64.b64encode(b"m" * 32).decode(),
            "PYTHONPATH": os.pathsep.join(sys.path),
            "PYTHONDONTWRITEBYTECODE": "",
            "PYTHONPYCACHEPREFIX": str(Path(tempfile.gettempdir()) / f"defter-kills-{os.getuid()}"),
        }
        program = [sys.executable, "-m", "tests.faults.effect_roles", ROLES[n], self.receiver.url]
        return subprocess.Popen(program, env=environment, stdout=subprocess.DEVNULL)

    def start_all(self) -> None:
        """Start every role."""
        self.roles = [self.start(n) for n in range(len(ROLES))]

    def kill_one(self) -> None:
        """Kill -9 a role or Valkey, which may forget its last second, and start it again."""
        n = self.chance.randrange(len(ROLES) + 1)
        if n == len(ROLES):
            os.kill(self.servers.valkey_pid, signal.SIGKILL)
            self.servers.valkey.restart()
            self.kills["valkey"] += 1
            return
        self.roles[n].kill()
        self.roles[n].wait()
        self.roles[n] = self.start(n)
        self.kills[ROLES[n]] += 1

    def stop_all(self) -> None:
        """End every role."""
        for role in self.roles:
            role.terminate()
        for role in self.roles:
            role.wait()


async def run(folder: Path, *, effects: int, rounds: int, seed: int) -> list[str]:
    """Carry the campaign out, print what happened, and give what is wrong."""
    chance = random.Random(seed)  # noqa: S311 - a seed
    loop = asyncio.get_running_loop()
    hands = loop.run_in_executor
    context = embedded_servers(folder)
    servers = await hands(HANDS, context.__enter__)
    try:
        await hands(None, migrate, servers.database_url)
        async with (
            Receiver(chance).listening() as receiver,
            open_shop(servers.database_url) as shop,
        ):
            campaign = Campaign(servers, receiver, chance)
            await hands(HANDS, campaign.start_all)
            try:
                opening = asyncio.create_task(_open(shop, effects // len(TARGETS), rounds))
                for _ in range(rounds):
                    await asyncio.sleep(chance.uniform(*SECONDS_BETWEEN_KILLS))
                    await hands(HANDS, campaign.kill_one)
                await opening
                began = time.monotonic()
                while time.monotonic() - began < SETTLED_SECONDS_MAX:
                    found = await hands(None, _outcomes, shop)
                    if found[1] == effects:
                        break
                    await asyncio.sleep(1)
            finally:
                await hands(HANDS, campaign.stop_all)
            found = await hands(None, _outcomes, shop)
            settled = time.monotonic() - began
    finally:
        await hands(HANDS, context.__exit__, None, None, None)
    return judge(campaign, found, effects, settled)


def judge(campaign: Campaign, found: Sequence[int], effects: int, settled: float) -> list[str]:
    """Tell what happened, and give what is wrong."""
    filed, done, once, attempts = found
    told, well = campaign.receiver.told, campaign.receiver.well
    kills = ", ".join(f"{count} {name}" for name, count in sorted(campaign.kills.items()))
    repeated = sum(count > 1 for count in well.values())
    sys.stdout.write(
        f"{campaign.kills.total()} kills ({kills}), {filed:,} effects filed, {done:,} done,"
        f" {once:,} with one recorded success, {sum(told.values()):,} calls,"
        f" {repeated:,} effects answered well more than once (the receiver knows them by id),"
        f" at most {attempts} attempts, settled {settled:.0f} s after the last kill\n"
    )
    wrong: list[str] = []
    if filed != effects:
        wrong.append(f"{effects:,} effects should have been filed")
    if done != filed:
        wrong.append(f"{filed - done:,} effects are not done")
    if once != filed:
        wrong.append(f"{filed - once:,} effects do not have exactly one recorded success")
    if len(well) != filed:
        wrong.append(f"{filed - len(well):,} effects were never answered well")
    return wrong


async def _open(shop: Shop, wallets: int, rounds: int) -> None:
    """Open wallets, spread over the time of the kills."""
    pause = rounds * sum(SECONDS_BETWEEN_KILLS) / 2 / max(1, wallets // WALLETS_AT_ONCE)
    for first in range(0, wallets, WALLETS_AT_ONCE):
        ids = range(first, min(first + WALLETS_AT_ONCE, wallets))
        await shop.tell_all([OpenWallet(f"cus_{n:08d}", "TRY") for n in ids])
        await asyncio.sleep(pause)


def _outcomes(shop: Shop) -> tuple[int, int, int, int]:
    with psycopg.connect(shop.database_url, autocommit=True) as connection:
        row = connection.execute(OUTCOMES, (shop.tenant_id,)).fetchone()
    assert row is not None
    return row


def main(words: Sequence[str]) -> int:
    """Run the campaign; ends with 1 if anything was lost or recorded twice."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--effects", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args(words)
    with tempfile.TemporaryDirectory() as folder:
        wrong = asyncio.run(
            run(Path(folder), effects=asked.effects, rounds=asked.rounds, seed=asked.seed)
        )
    for line in wrong:
        sys.stdout.write(f"WRONG: {line}\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
