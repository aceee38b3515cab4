"""WLT-11: gift cards expire by themselves, and only what is left on them."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta

import pytest

from application.wallet.gift_cards import IssueGiftCard, RedeemGiftCard, VoidGiftCard
from application.wallet.wallets import OpenWallet
from infrastructure.processes.scheduler import Scheduler
from tests.conftest import ServerUrls
from tests.event_log.shop import Shop, lira, open_shop
from tests.processes.following import timers
from tests.projections.stepping import until

pytestmark = pytest.mark.row("WLT-11")


@pytest.fixture
async def shop(module_database_url: str) -> AsyncGenerator[Shop]:
    async with open_shop(module_database_url) as opened:
        yield opened
        assert opened.problems() == []


async def test_cards_expire_once_whoever_looks(shop: Shop, servers: ServerUrls) -> None:
    wallet = (await shop.tell(OpenWallet("cus_ada1", "TRY")))["wallet_id"]
    soon = datetime.now(UTC) + timedelta(seconds=1)
    cards = [
        (await shop.tell(IssueGiftCard(lira(1_000), f"code-{n}", "…", expires_at=soon)))["card_id"]
        for n in range(4)
    ]
    untouched, partly, used_up, voided = cards
    await shop.tell(IssueGiftCard(lira(70), "code-for-ever", "…"))
    await shop.tell(RedeemGiftCard(wallet, ("code-1",), lira(400)))
    await shop.tell(RedeemGiftCard(wallet, ("code-2",)))
    await shop.tell(VoidGiftCard(voided))
    stop = asyncio.Event()
    running = asyncio.gather(
        *(Scheduler(shop.database_url, servers.redis_url, shop.writer).run(stop) for _ in range(2))
    )

    def expired() -> list[str]:
        rows = shop.ask(
            "SELECT stream FROM defter.events WHERE tenant_id = %s AND type = %s ORDER BY 1",
            shop.tenant_id,
            "wallet.gift_card_expired",
        )
        return [stream.removeprefix("gift_card-") for (stream,) in rows]

    await until(lambda: expired() == sorted((untouched, partly)))
    stop.set()
    await running
    assert timers(shop.database_url, shop.tenant_id) == []
    assert await shop.refusal(RedeemGiftCard(wallet, ("code-0",))) == "wallet.gift_card_ended"
    assert used_up not in expired()
