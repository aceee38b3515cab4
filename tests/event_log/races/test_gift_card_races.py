"""WLT-11: one gift card redeemed from 64 clients at once, through several writers."""

import asyncio

import pytest

from application.wallet.gift_cards import IssueGiftCard, RedeemGiftCard
from tests.event_log.shop import Shop, lira

pytestmark = pytest.mark.row("WLT-11")

CLIENTS, MINOR = 64, 1_000


@pytest.mark.parametrize("each", [None, 30])
async def test_a_card_gives_what_is_on_it_once_whoever_asks(shop: Shop, each: int | None) -> None:
    wallets = await shop.wallets(8)
    await shop.tell(IssueGiftCard(lira(MINOR), "code", "…K7Q2"))
    amount = None if each is None else lira(each)
    async with shop.beside() as second, shop.beside() as third:
        places = (shop, second, third)
        outcomes = await asyncio.gather(
            *(
                places[n % 3].send(RedeemGiftCard(wallets[n % 8], ("code",), amount))
                for n in range(CLIENTS)
            )
        )
    succeeded = sum(not outcome.refused for outcome in outcomes)
    assert succeeded == (1 if each is None else MINOR // each)
    assert sum(shop.balances().values()) == (MINOR if each is None else succeeded * each)
    (ended,) = shop.ask(
        "SELECT sum((convert_from(data, 'UTF8')::jsonb -> 'amount' ->> 'minor')::int) <= %s"
        " FROM defter.events WHERE tenant_id = %s AND type = 'wallet.gift_card_redeemed'",
        MINOR,
        shop.tenant_id,
    )
    assert ended == (True,)
    assert shop.problems() == []
