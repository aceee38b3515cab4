"""Race for the end of holds: captures and releases through two API processes, and the timer.

`python -m tests.faults.hold_races --rounds 1000 --seed 1` runs on embedded servers in a temporary
folder. In each round 64 clients and the scheduler race for one hold; it must end exactly once.
"""

import argparse
import asyncio
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import psycopg

from tests.faults.checker import problems_of, read_rows
from tests.faults.targets import Stack, running

RACERS = 64
ROUNDS_AT_ONCE = 4
LASTS_SECONDS = 1.2
ENDED_SECONDS_MAX = 10.0
WALLET = "wal_races001"
OK, CREATED = 200, 201

ENDS = """
SELECT stream, type FROM defter.events
WHERE tenant_id = %s AND (type IN ('wallet.hold_released', 'wallet.hold_expired')
   OR (type = 'wallet.hold_captured'
       AND convert_from(data, 'UTF8')::jsonb -> 'remaining' ->> 'minor' = '0'))
"""


@dataclass
class Races:
    """What the clients were told, over all rounds."""

    stack: Stack
    chance: random.Random
    told: Counter[int] = field(default_factory=Counter[int])
    won: Counter[str] = field(default_factory=Counter[str])
    holds: list[str] = field(default_factory=list[str])

    async def run(self, rounds: int) -> None:
        """Open a wallet and hold all rounds, some at a time."""
        limits = httpx.Limits(max_connections=RACERS * ROUNDS_AT_ONCE)
        async with httpx.AsyncClient(
            headers={"X-API-Key": self.stack.secret_key}, timeout=30, limits=limits
        ) as http:
            url = self.stack.url
            opened = {"owner": "cus_races1", "currency": "TRY", "wallet_id": WALLET}
            (await http.post(f"{url}/api/wallet", json=opened)).raise_for_status()
            funds = {"amount": {"minor": 10 * rounds, "currency": "TRY"}}
            await self._post(http, url, f"/api/wallet/{WALLET}/top-ups", funds, "funds")
            turns = asyncio.Semaphore(ROUNDS_AT_ONCE)
            await asyncio.gather(*(self._round(http, n, turns) for n in range(rounds)))

    async def _round(self, http: httpx.AsyncClient, n: int, turns: asyncio.Semaphore) -> None:
        async with turns:
            hold = f"hld_race{n:06d}"
            self.holds.append(hold)
            due = datetime.now(UTC) + timedelta(seconds=LASTS_SECONDS)
            amount = {"minor": 10, "currency": "TRY"}
            body = {"amount": amount, "hold_id": hold, "expires_at": due.isoformat()}
            await self._post(http, self.stack.url, f"/api/wallet/{WALLET}/holds", body, hold)
            # Some rounds are won by clients, some by the timer, and most are close.
            around = self.chance.uniform(0.1, 1.2) * LASTS_SECONDS
            await asyncio.gather(*(self._race(http, hold, k, around) for k in range(RACERS)))
            await self._ended(http, hold)

    async def _race(self, http: httpx.AsyncClient, hold: str, k: int, around: float) -> None:
        await asyncio.sleep(around + self.chance.uniform(0.0, 0.1))
        what = "captures" if k % 2 else "release"
        url = self.stack.urls[k // 2 % len(self.stack.urls)]
        path = f"/api/wallet/{WALLET}/holds/{hold}/{what}"
        answer = await self._post(http, url, path, {}, f"{hold}/{k}")
        self.told[answer.status_code] += 1
        if answer.status_code == CREATED:
            self.won[what] += 1

    async def _ended(self, http: httpx.AsyncClient, hold: str) -> None:
        async with asyncio.timeout(ENDED_SECONDS_MAX):
            while True:
                answer = await http.get(f"{self.stack.url}/api/wallet/{WALLET}/holds/{hold}")
                if answer.status_code == OK and answer.json()["status"] != "open":
                    return
                await asyncio.sleep(0.05)

    @staticmethod
    async def _post(
        http: httpx.AsyncClient, url: str, path: str, body: object, key: str
    ) -> httpx.Response:
        return await http.post(url + path, json=body, headers={"Idempotency-Key": key})


def judge(races: Races, ends: Sequence[tuple[str, str]]) -> list[str]:
    """Tell who won, and give what is wrong."""
    by_hold: dict[str, list[str]] = {hold: [] for hold in races.holds}
    for stream, kind in ends:
        by_hold[stream.removeprefix("hold-")].append(kind)
    kinds = Counter(kind for found in by_hold.values() for kind in found)
    sys.stdout.write(
        f"{len(by_hold):,} holds, {RACERS} racers each: "
        + ", ".join(f"{count} ended by {kind}" for kind, count in sorted(kinds.items()))
        + f"; answers {dict(sorted(races.told.items()))}\n"
    )
    wrong = [
        f"{hold} ended {len(found)} times: {found}"
        for hold, found in by_hold.items()
        if len(found) != 1
    ]
    told = {
        "captures": kinds["wallet.hold_captured"],
        "release": kinds["wallet.hold_released"],
    }
    for what, count in told.items():
        if races.won[what] != count:
            wrong.append(f"{races.won[what]} {what} were acknowledged, {count} are in the log")
    return wrong


def run(folder: Path, *, rounds: int, seed: int) -> list[str]:
    """Carry the races out and give what is wrong."""
    with running(folder, apis=2) as stack:
        races = Races(stack, random.Random(seed))  # noqa: S311 - a seed
        asyncio.run(races.run(rounds))
        with psycopg.connect(stack.database_url) as connection:
            ends = connection.execute(ENDS, (stack.tenant_id,)).fetchall()
        rows = read_rows(stack.database_url, stack.tenant_id)
    return judge(races, ends) + problems_of(rows, {})


def main(words: Sequence[str]) -> int:
    """Race; ends with 1 if a hold did not end exactly once."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args(words)
    with tempfile.TemporaryDirectory() as folder:
        wrong = run(Path(folder), rounds=asked.rounds, seed=asked.seed)
    for line in wrong:
        sys.stdout.write(f"WRONG: {line}\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
