"""Several writers on one tenant's log: nothing is lost, doubled, overdrawn or out of order."""

import asyncio
import os
import random
import sys
from contextlib import AsyncExitStack
from uuid import UUID

import msgspec
import psycopg

from application.ledger.journal import ReverseEntry
from application.wallet.holds import CaptureHold, PlaceHold
from application.wallet.topups import TopUp
from application.wallet.wallets import OpenWallet
from tests.event_log.shop import Shop, lira

CLIENTS, ROUNDS, WALLETS = 12, 15, 4


async def test_writers_that_race_conserve_money_and_keep_strict_order(shop: Shop) -> None:
    wallets = await shop.wallets(WALLETS, 20)
    async with AsyncExitStack() as stack:
        places = [shop, *[await stack.enter_async_context(shop.beside()) for _ in range(2)]]

        async def client(n: int) -> int:
            chance = random.Random(n)  # noqa: S311 - a seed
            refused = 0
            for _ in range(ROUNDS):
                source, target = chance.sample(wallets, 2)
                place = places[chance.randrange(3)]
                outcome = await place.transfer(source, target, chance.randint(1, 15))
                refused += outcome.refused
            return refused

        refused = await asyncio.gather(*(client(n) for n in range(CLIENTS)))
    assert sum(refused) > 0, "money must have been short, or nothing was at stake"
    assert sum(shop.balances().values()) == 20 * WALLETS
    assert shop.problems() == []


async def test_the_last_of_the_money_goes_out_once(shop: Shop) -> None:
    ada, bora = await shop.wallets(2, 100)
    async with shop.beside() as second, shop.beside() as third:
        for place in (second, third):
            await place.transfer(bora, ada, 1)  # everyone knows both wallets now
        outcomes = await asyncio.gather(
            *(place.transfer(ada, bora, 102) for place in (shop, second, third) for _ in range(5))
        )
    assert sum(not outcome.refused for outcome in outcomes) == 1
    assert shop.balances() == {ada: 0, bora: 200}


async def test_one_hold_is_captured_once_whoever_asks(shop: Shop) -> None:
    ada, _ = await shop.wallets(2, 100)
    hold = (await shop.tell(PlaceHold(ada, lira(60))))["hold_id"]
    async with shop.beside() as second:
        outcomes = await asyncio.gather(
            *(place.send(CaptureHold(ada, hold)) for place in (shop, second) for _ in range(4))
        )
    assert sum(not outcome.refused for outcome in outcomes) == 1


async def test_a_unique_key_is_taken_once_whoever_asks(shop: Shop) -> None:
    async with shop.beside() as second, shop.beside() as third:
        for n in range(8):
            outcomes = await asyncio.gather(
                *(
                    place.send(OpenWallet(f"cus_{n}", "TRY", f"wal_{n}{name}"))
                    for place, name in ((shop, "a"), (second, "b"), (third, "c"))
                )
            )
            assert sum(not outcome.refused for outcome in outcomes) == 1


async def test_a_refusal_is_never_made_on_stale_state(shop: Shop) -> None:
    ada, bora = await shop.wallets(2)
    async with shop.beside() as second:
        for n in range(1, 20):
            assert await second.refusal(TopUp("wal_nobody", lira(1))) == "wallet.not_found"
            await shop.tell(TopUp(ada, lira(n)))
            assert not (await second.transfer(ada, bora, n)).refused, "the money was there"


async def test_an_entry_that_was_not_there_before_the_lock_is_found_under_it(shop: Shop) -> None:
    ada, _ = await shop.wallets(2)
    async with shop.beside() as second:
        for n in range(12):
            # The entry's id is foretold, so that the reversal looks for it while it is written.
            entry = f"wallet-{ada}.{2 * n + 2}"
            wrote, reversal = await asyncio.gather(
                shop.send(TopUp(ada, lira(5))), second.send(ReverseEntry(entry))
            )
            assert reversal.refused == (reversal.position < wrote.position), (
                "decided on stale state"
            )
            if reversal.refused:
                await shop.tell(ReverseEntry(entry))


async def test_an_entry_of_the_same_batch_can_be_reversed(shop: Shop) -> None:
    ada, _ = await shop.wallets(2)
    await shop.tell_all([TopUp(ada, lira(5)), ReverseEntry(f"wallet-{ada}.2")])
    assert shop.balances()[ada] == 0


async def test_a_reader_by_position_misses_nothing_while_writers_race(shop: Shop) -> None:
    wallets = await shop.wallets(WALLETS, 1_000)
    seen: list[int] = []
    done = asyncio.Event()

    async def tail() -> None:
        last = 0
        async with await psycopg.AsyncConnection.connect(
            shop.database_url, autocommit=True
        ) as reader:
            while True:
                ended = done.is_set()
                cursor = await reader.execute(
                    "SELECT position FROM defter.events WHERE tenant_id = %s AND position > %s"
                    " ORDER BY position LIMIT 7",
                    (shop.tenant_id, last),
                )
                rows = await cursor.fetchall()
                seen.extend(row[0] for row in rows)
                last = seen[-1]
                if ended and not rows:
                    return

    reading = asyncio.create_task(tail())
    async with shop.beside() as second, shop.beside() as third:
        for n in range(20):
            await asyncio.gather(
                *(
                    place.transfer(wallets[n % WALLETS], wallets[(n + 1) % WALLETS], 1)
                    for place in (shop, second, third)
                    for _ in range(3)
                )
            )
    done.set()
    await reading
    assert seen == [row.position for row in shop.rows().events]


PROCESS = """
import asyncio, random, sys
from uuid import UUID
from tests.event_log.shop import Shop, writing

async def main(url, tenant_id, seed):
    async with writing(url) as writer:
        shop, chance = Shop(writer, url, UUID(tenant_id)), random.Random(seed)
        async def client():
            for _ in range(25):
                source, target = chance.sample([f"wal_{n:08d}" for n in range(4)], 2)
                await shop.transfer(source, target, chance.randint(1, 15))
        await asyncio.gather(*(client() for _ in range(8)))
        for command_id, told in shop.acknowledged.items():
            print(command_id, told.position, int(told.refused), told.body.decode())

asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3]))
"""


async def test_processes_that_race_conserve_money_and_keep_strict_order(shop: Shop) -> None:
    await shop.wallets(WALLETS, 20)
    children = [
        await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            PROCESS,
            shop.database_url,
            str(shop.tenant_id),
            str(seed),
            stdout=asyncio.subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )
        for seed in range(3)
    ]
    told = 0
    for output, _ in await asyncio.gather(*(child.communicate() for child in children)):
        stored = {row.command_id: row for row in shop.rows().commands}
        for line in output.decode().splitlines():
            if not line[:1].isalnum() or line.startswith("{"):
                continue  # what was logged
            command_id, position, refused, body = line.split(" ", 3)
            row = stored[UUID(command_id)]
            assert (row.position, row.refused) == (int(position), refused == "1")
            assert msgspec.json.decode(row.outcome) == msgspec.json.decode(body)
            told += 1
    assert [child.returncode for child in children] == [0, 0, 0]
    assert told == 600
    assert sum(shop.balances().values()) == 20 * WALLETS
