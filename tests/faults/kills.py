"""Kill -9 under load, many times; then prove that nothing acknowledged is lost or doubled.

`python -m tests.faults.kills --target api|postgres --rounds 50 --seed 1` runs on embedded servers
in a temporary folder. With `--database-url` and `--redis-url` it runs on those, and kills `api`
only.
"""

import argparse
import asyncio
import os
import random
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import msgspec

from application.envelope import Actor, command_id_for
from tests.faults.checker import Rows, problems_of, read_rows
from tests.faults.targets import Stack, running, running_on

CLIENTS = 12
WALLETS = 16
SECONDS_BETWEEN_KILLS = (0.15, 0.7)
ATTEMPTS_MAX = 400
RETRY_SECONDS = 0.1
ANSWER_SECONDS = 12.0
HANDS = ThreadPoolExecutor(max_workers=1)
"""The thread that kills and starts: a server ends with the thread that started it."""

UNDECIDED = frozenset({429, 500, 502, 503, 504})


@dataclass(frozen=True)
class Told:
    """What a client was told about a command."""

    status: int
    position: int
    body: dict[str, Any]


@dataclass
class Campaign:
    """Load on a running Defter, and everything that was answered."""

    stack: Stack
    seed: int
    prefix: str = ""
    told: dict[UUID, Told] = field(default_factory=dict[UUID, Told])
    undecided: Counter[str] = field(default_factory=Counter[str])
    """What clients were told that leaves them to try again, by status and code."""

    faults: int = 0
    over: bool = False

    async def run(self, target: str, rounds: int) -> None:
        """Kill the target `rounds` times under load, then let every client finish."""
        async with httpx.AsyncClient(
            base_url=self.stack.url,
            headers={"X-API-Key": self.stack.secret_key},
            timeout=ANSWER_SECONDS,
        ) as http:
            await asyncio.gather(*(self._opened(http, n) for n in range(WALLETS)))
            clients = [asyncio.create_task(self._client(http, n)) for n in range(CLIENTS)]
            chance = random.Random(self.seed)  # noqa: S311 - a seed
            for _ in range(rounds):
                await asyncio.sleep(chance.uniform(*SECONDS_BETWEEN_KILLS))
                kill = self.stack.targets[target].kill
                await asyncio.get_running_loop().run_in_executor(HANDS, kill)
                self.faults += 1
            self.over = True
            await asyncio.gather(*clients)

    async def _opened(self, http: httpx.AsyncClient, n: int) -> None:
        body = {"owner": f"cus_{n:04d}", "currency": "TRY", "wallet_id": wallet(n)}
        await self._settled(http, "/api/wallet", body, f"{self.prefix}open-{n}")
        await self._settled(
            http, f"/api/wallet/{wallet(n)}/top-ups", lira(500), f"{self.prefix}first-{n}"
        )

    async def _client(self, http: httpx.AsyncClient, n: int) -> None:
        chance = random.Random(f"{self.seed}/{n}")  # noqa: S311 - a seed
        count = 0
        while not self.over:
            count += 1
            key, (source, target) = f"{self.prefix}{n}-{count}", chance.sample(range(WALLETS), 2)
            match chance.randrange(6):
                case 0:
                    path = f"/api/wallet/{wallet(source)}/top-ups"
                    await self._settled(http, path, lira(chance.randint(1, 20)), key)
                case 1:
                    path = f"/api/wallet/{wallet(source)}/holds"
                    held = await self._settled(http, path, lira(chance.randint(1, 200)), key)
                    if held.status < 400:
                        path = f"{path}/{held.body['hold_id']}"
                        step = chance.choice(("captures", "release"))
                        await self._settled(http, f"{path}/{step}", {}, f"{key}-end")
                case _:
                    body = {"source": wallet(source), "target": wallet(target)}
                    body |= lira(chance.randint(1, 300))
                    await self._settled(http, "/api/wallet/transfers", body, key)

    async def _settled(
        self, http: httpx.AsyncClient, path: str, body: dict[str, Any], key: str
    ) -> Told:
        """Send a command until it is decided, always under the same idempotency key."""
        for _ in range(ATTEMPTS_MAX):
            try:
                answer = await http.post(path, json=body, headers={"Idempotency-Key": key})
            except httpx.TransportError:
                answer = None
            if answer is not None and answer.status_code not in UNDECIDED:
                assert "Defter-Position" in answer.headers, answer.text
                told = Told(
                    answer.status_code, int(answer.headers["Defter-Position"]), answer.json()
                )
                actor = Actor(self.stack.staff_id)
                self.told[command_id_for(self.stack.tenant_id, actor, key)] = told
                return told
            self.undecided[_named(answer)] += 1
            await asyncio.sleep(RETRY_SECONDS)
        raise AssertionError(f"{path} was never decided")


def _named(answer: httpx.Response | None) -> str:
    """Name an answer that decides nothing."""
    if answer is None:
        return "no answer"
    try:
        code = answer.json()["code"]
    except (ValueError, KeyError, TypeError):
        code = "without a code"
    patient = "" if "Retry-After" in answer.headers else " without Retry-After"
    return f"{answer.status_code} {code}{patient}"


def wallet(n: int) -> str:
    """Name a wallet."""
    return f"wal_kill{n:04d}"


def lira(minor: int) -> dict[str, Any]:
    """Give a body with an amount."""
    return {"amount": {"minor": minor, "currency": "TRY"}}


def verdict(rows: Rows, told: dict[UUID, Told]) -> tuple[int, int, list[str]]:
    """Count what was acknowledged and is lost or doubled, and name everything that is wrong."""
    stored = {row.command_id: row for row in rows.commands}
    lost, problems = 0, problems_of(rows)
    for command_id, answer in told.items():
        row = stored.get(command_id)
        if row is None:
            lost += 1
            problems.append(f"command {command_id} was acknowledged and is lost")
            continue
        outcome = msgspec.json.decode(row.outcome)
        same = (row.refused, row.position) == (answer.status >= 400, answer.position)
        kept = {"code": outcome["code"]} if row.refused else outcome
        if not same or not kept.items() <= answer.body.items():
            problems.append(f"command {command_id} was told {answer}, stored is {row}")
    doubled = sum(times - 1 for times in Counter(row.event_id for row in rows.events).values())
    doubled += len(rows.commands) - len(stored)
    return lost, doubled, problems


def campaign(stack: Stack, *, target: str, rounds: int, seed: int, prefix: str = "") -> list[str]:
    """Run a campaign on a stack, print what came of it, and give what is wrong."""
    load = Campaign(stack, seed, prefix)
    asyncio.run(load.run(target, rounds))
    lost, doubled, problems = verdict(read_rows(stack.database_url, stack.tenant_id), load.told)
    sums = "sum zero" if not any("sum to" in problem for problem in problems) else "SUM NOT ZERO"
    sys.stdout.write(
        f"{load.faults} faults ({target}), {len(load.told)} acknowledged,"
        f" {load.undecided.total()} retries,"
        f" {lost} lost, {doubled} duplicated, {sums}\n"
    )
    sys.stdout.writelines(f"  {problem}\n" for problem in problems[:20])
    return problems


def main() -> int:
    """Read the command line and run a campaign."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--target", choices=("api", "postgres"), default="api")
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database-url")
    parser.add_argument("--redis-url", default=os.environ.get("REDIS_URL"))
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        stack: AbstractContextManager[Stack] = (
            running_on(asked.database_url, asked.redis_url)
            if asked.database_url
            else running(Path(folder))
        )
        with stack as live:
            found = campaign(live, target=asked.target, rounds=asked.rounds, seed=asked.seed)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
