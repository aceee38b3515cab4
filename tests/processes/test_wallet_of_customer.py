"""WLT-01: each customer has exactly one wallet, whatever is repeated and whoever comes between."""

import asyncio
from collections import Counter

import psycopg
import pytest

from application.processes.wallet_of_customer import WALLET_OF_CUSTOMER
from application.users.customers import RegisterCustomer
from application.wallet.wallets import OpenWallet
from domain.users.customer import Locale
from infrastructure.event_log.codec import decode
from infrastructure.postgres.connections import connect
from infrastructure.processes.follower import Processes
from tests.event_log.shop import Shop, open_shop
from tests.processes.following import follow_to_the_end

pytestmark = pytest.mark.row("WLT-01")

CUSTOMERS = [f"cus_{n:04}" for n in range(40)]


async def follow(shop: Shop) -> None:
    processes = Processes(shop.writer, processes=(WALLET_OF_CUSTOMER,))
    async with await connect(shop.database_url) as connection:
        assert await follow_to_the_end(connection, shop.tenant_id, processes) == ()


def owners(shop: Shop) -> Counter[tuple[str, str]]:
    events = [decode(row.type, row.schema, row.data) for row in shop.rows().events]
    return Counter(
        (getattr(event, "owner"), getattr(event, "currency"))  # noqa: B009 - of one type
        for event in events
        if event.NAME == "wallet.opened"
    )


async def test_every_customer_gets_one_wallet_of_the_base_currency(
    module_database_url: str,
) -> None:
    async with open_shop(module_database_url) as shop:
        early = RegisterCustomer(None, None, Locale.TURKISH, CUSTOMERS[0])
        await shop.tell_all([early, OpenWallet(CUSTOMERS[0], "TRY", "wal_early")])
        followers = [asyncio.create_task(follow(shop)) for _ in range(2)]
        await shop.tell_all(
            [RegisterCustomer(None, None, Locale.TURKISH, one) for one in CUSTOMERS[1:]]
        )
        await asyncio.gather(*followers)
        await follow(shop)
        for _ in range(2):
            with psycopg.connect(shop.database_url) as owner:
                owner.execute("UPDATE defter.checkpoints SET position = 0")
            await follow(shop)
        assert owners(shop) == Counter({(one, "TRY"): 1 for one in CUSTOMERS})
        assert shop.problems() == []
