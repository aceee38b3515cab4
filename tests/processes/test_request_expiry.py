"""WLT-06, WLT-07, WLT-12, JOB-02: requests that nobody decides end by themselves, and give back."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta

import pytest

from application.envelope import Actor
from application.wallet.holds import PlaceHold
from application.wallet.requests.adjusting import RequestAdjustment
from application.wallet.requests.asking import RequestTopUp, RequestWithdrawal
from application.wallet.requests.deciding import ApproveRequest
from application.wallet.requests.payouts import PayWithdrawal
from domain.wallet.requests.adjustments import Direction, ReasonCode
from infrastructure.processes.scheduler import Scheduler
from tests.conftest import ServerUrls
from tests.event_log.shop import Shop, lira, open_shop
from tests.kit.requests import IBAN
from tests.processes.following import timers
from tests.projections.stepping import until

CHECKER = Actor("stf_umut")


@pytest.fixture
async def shop(database_url: str) -> AsyncGenerator[Shop]:
    async with open_shop(database_url) as opened:
        yield opened
        assert opened.problems() == []


async def test_only_what_is_still_undecided_expires(shop: Shop, servers: ServerUrls) -> None:
    (wallet,) = await shop.wallets(1, 1_000)
    soon = datetime.now(UTC) + timedelta(seconds=1)

    async def ask(command: object) -> str:
        return (await shop.tell(command))["request_id"]

    top_up = await ask(RequestTopUp(wallet, lira(5), expires_at=soon))
    undecided, approved = [
        await ask(RequestWithdrawal(wallet, lira(200), IBAN, expires_at=soon)) for _ in range(2)
    ]
    debit = (Direction.DEBIT, ReasonCode.CORRECTION, "credited twice")
    adjustment, adjusted = [
        await ask(RequestAdjustment(wallet, lira(100), *debit, expires_at=soon)) for _ in range(2)
    ]
    for name in (approved, adjusted):
        await shop.tell(ApproveRequest(name), actor=CHECKER)
    stop = asyncio.Event()
    scheduler = Scheduler(shop.database_url, servers.redis_url, shop.writer)
    running = asyncio.create_task(scheduler.run(stop))

    def expired() -> set[str]:
        names = [
            f"wallet.{name}_expired" for name in ("top_up_request", "withdrawal", "adjustment")
        ]
        query = "SELECT stream FROM defter.events WHERE tenant_id = %s AND type = ANY(%s)"
        return {stream.partition("-")[2] for (stream,) in shop.ask(query, shop.tenant_id, names)}

    await until(lambda: expired() == {top_up, undecided, adjustment})
    stop.set()
    await running
    assert timers(shop.database_url, shop.tenant_id) == []
    late = await shop.refusal(ApproveRequest(undecided), actor=CHECKER)
    assert late == "wallet.request_not_pending"
    await shop.tell(PayWithdrawal(approved))
    await shop.tell(PlaceHold(wallet, lira(700)))


async def test_withdrawals_that_race_with_holds_never_take_more_than_there_is(shop: Shop) -> None:
    (wallet,) = await shop.wallets(1, 1_000)
    async with shop.beside() as other:
        racers = [
            one.send(command)
            for one in (shop, other)
            for _ in range(16)
            for command in (
                RequestWithdrawal(wallet, lira(100), IBAN),
                PlaceHold(wallet, lira(100)),
            )
        ]
        outcomes = await asyncio.gather(*racers)
    assert len(racers) == 64
    assert sum(not outcome.refused for outcome in outcomes) == 10
    assert {b"wallet.insufficient_funds" in one.body for one in outcomes if one.refused} == {True}


async def test_of_many_who_approve_at_once_one_does(shop: Shop) -> None:
    (wallet,) = await shop.wallets(1, 1_000)
    request_id = (await shop.tell(RequestTopUp(wallet, lira(500))))["request_id"]
    async with shop.beside() as other:
        outcomes = await asyncio.gather(
            *[
                one.send(ApproveRequest(request_id), actor=Actor(f"stf_{n:04}"))
                for one in (shop, other)
                for n in range(16)
            ]
        )
    assert sum(not outcome.refused for outcome in outcomes) == 1
    assert shop.balances()[wallet] == 1_500
