"""Race for the last unit: one comes, everybody wants to reserve it, who got it takes it away."""

import asyncio
import random
import sys
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psycopg

from tests.faults.checker import problems_of, read_rows
from tests.faults.targets import Stack, running

LANES = 4
"""So many variants are raced for at the same time."""

CREATED, REFUSED = 201, 409
ATTEMPTS_MAX = 3
STOCK = "/api/admin/stock"

MOVES = """
SELECT stream, type, convert_from(data, 'UTF8')::jsonb ->> 'reservation_id',
    (convert_from(data, 'UTF8')::jsonb ->> 'quantity')::bigint
FROM defter.events WHERE tenant_id = %s
  AND type IN ('stock.moved', 'stock.reserved', 'stock.reserved_stock_issued')
ORDER BY position
"""
Move = tuple[str, str, str | None, int]


@dataclass
class Race:
    """What the buyers were told, over all rounds."""

    stack: Stack
    chance: random.Random
    buyers: int
    told: Counter[str] = field(default_factory=Counter[str])
    winners: dict[int, list[str]] = field(default_factory=dict[int, list[str]])
    unheard: int = 0
    """Requests that broke off and were sent again."""

    async def run(self, rounds: int) -> None:
        """Make what is sold, and hold the rounds, one after the other in each lane."""
        async with self._client() as http:
            values = [str(lane) for lane in range(LANES)]
            product = {
                "texts": {"en": {"name": "Last unit"}},
                "options": [{"name": "lane", "values": values}],
                "variants": [
                    {
                        "sku": f"LAST-{lane}",
                        "variant_id": f"var_lane{lane}",
                        "options": {"lane": lane},
                    }
                    for lane in values
                ],
            }
            made = await self._post(http, self.stack.url, "/api/admin/products", product, "made")
            made.raise_for_status()
        await asyncio.gather(*(self._lane(lane, rounds) for lane in range(LANES)))

    def _client(self) -> httpx.AsyncClient:
        # One for each lane: what a pool costs for a request grows with its connections.
        limits = httpx.Limits(max_connections=self.buyers, keepalive_expiry=60)
        key = {"X-API-Key": self.stack.secret_key}
        return httpx.AsyncClient(headers=key, timeout=60, limits=limits)

    async def _lane(self, lane: int, rounds: int) -> None:
        async with self._client() as http:
            for n in range(lane, rounds, LANES):
                await self._round(http, f"var_lane{lane}", n)

    async def _round(self, http: httpx.AsyncClient, variant: str, n: int) -> None:
        url = self.stack.url
        unit = {"variant_id": variant, "quantity": 1}
        came = {**unit, "reason": "received"}
        moved = await self._post(http, url, f"{STOCK}/movements", came, f"unit-{n}")
        moved.raise_for_status()
        bought = await asyncio.gather(*(self._buy(http, unit, n, k) for k in range(self.buyers)))
        self.winners[n] = [name for name in bought if name is not None]
        for name in self.winners[n]:
            path = f"{STOCK}/reservations/{name}/issue"
            (await self._post(http, url, path, {}, f"issue-{name}")).raise_for_status()

    async def _buy(
        self, http: httpx.AsyncClient, unit: Mapping[str, object], n: int, k: int
    ) -> str | None:
        await asyncio.sleep(self.chance.uniform(0.0, 0.01))
        url = self.stack.urls[k % len(self.stack.urls)]
        name = f"rsv_r{n:06d}b{k:03d}"
        body = {"lines": [unit], "reservation_id": name}
        answer = await self._post(http, url, f"{STOCK}/reservations", body, name)
        code = answer.json().get("code", "reserved")
        self.told[f"{answer.status_code} {code}"] += 1
        return name if answer.status_code == CREATED else None

    async def _post(
        self, http: httpx.AsyncClient, url: str, path: str, body: object, key: str
    ) -> httpx.Response:
        """Send a command; whoever hears nothing asks again, under the same key."""
        for _ in range(ATTEMPTS_MAX - 1):
            try:
                return await http.post(url + path, json=body, headers={"Idempotency-Key": key})
            except httpx.TransportError:
                self.unheard += 1
        return await http.post(url + path, json=body, headers={"Idempotency-Key": key})


def judge(race: Race, moves: Iterable[Move]) -> list[str]:
    """Give what is wrong, by what was told and by what stands in the log."""
    wrong = [
        f"round {n}: {len(names)} of {race.buyers} got the last unit"
        for n, names in sorted(race.winners.items())
        if len(names) != 1
    ]
    kinds = {f"{CREATED} reserved", f"{REFUSED} stock.insufficient"}
    wrong += [f"{count} times: {told}" for told, count in race.told.items() if told not in kinds]
    on_hand, reserved, kept = Counter[str](), Counter[str](), set[str]()
    for stream, kind, reservation, quantity in moves:
        if kind == "stock.moved":
            on_hand[stream] += quantity
        elif kind == "stock.reserved":
            reserved[stream] += quantity
            kept.add(str(reservation))
        else:
            reserved[stream] -= quantity
        # A sale moves what is reserved one event before the reservation says so.
        sold = kind == "stock.moved" and quantity < 0
        if on_hand[stream] < 0 or (reserved[stream] > on_hand[stream] and not sold):
            wrong.append(f"{stream}: {reserved[stream]} reserved of {on_hand[stream]}")
    acknowledged = {name for names in race.winners.values() for name in names}
    wrong += [f"{name} was acknowledged, or is in the log, alone" for name in kept ^ acknowledged]
    return wrong


def run(folder: Path, *, rounds: int, buyers: int, seed: int) -> list[str]:
    """Carry the races out and give what is wrong."""
    with running(folder, apis=2) as stack:
        race = Race(stack, random.Random(seed), buyers)  # noqa: S311 - a seed
        begun = time.monotonic()
        asyncio.run(race.run(rounds))
        seconds = time.monotonic() - begun
        with psycopg.connect(stack.database_url) as connection:
            moves = connection.execute(MOVES, (stack.tenant_id,)).fetchall()
        rows = read_rows(stack.database_url, stack.tenant_id)
    won = sum(len(names) == 1 for names in race.winners.values())
    sys.stdout.write(
        f"{rounds:,} rounds of {buyers} buyers on two processes in {seconds:,.0f} s:"
        f" exactly one won in {won:,}; answers {dict(sorted(race.told.items()))},"
        f" {race.unheard} asked again\n"
    )
    return judge(race, moves) + problems_of(rows, {})
