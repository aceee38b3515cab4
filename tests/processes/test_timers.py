"""WLT-14, JOB-02: what is due happens once, at its time, whoever looks and whatever is stopped."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from application.process import SetTimer
from application.sending import CommandFailed, LogUnavailable, Outcome, Overloaded
from application.wallet.bonus import GrantBonus
from application.wallet.holds import CaptureHold, PlaceHold, ReleaseHold
from application.wallet.topups import TopUp
from application.wallet.wallets import OpenWallet
from domain.wallet.bonus import BONUS_WARNING_LEAD
from infrastructure.postgres.connections import connect
from infrastructure.postgres.pipelines import PipelinedConnection
from infrastructure.processes.filing import Filed, file
from infrastructure.processes.scheduler import Scheduler
from infrastructure.processes.timers import (
    FIRED_AT_ONCE_MAX,
    Fired,
    due_tenants,
    fire,
    fire_together,
)
from infrastructure.projections.checkpoints import begin
from tests.conftest import ServerUrls
from tests.event_log.shop import Shop, lira, open_shop
from tests.processes.following import SenderThatNotes, timers
from tests.projections.stepping import until

NOON = datetime(2126, 3, 5, 12, tzinfo=UTC)
EVENT = UUID(int=7)


@pytest.fixture
async def shop(module_database_url: str) -> AsyncGenerator[Shop]:
    async with open_shop(module_database_url) as opened:
        yield opened
        assert opened.problems() == []


@pytest.fixture
async def connection(module_database_url: str) -> AsyncGenerator[PipelinedConnection]:
    async with await connect(module_database_url) as opened:
        yield opened


async def set_timers(connection: PipelinedConnection, shop: Shop, *keys: str) -> None:
    await begin(connection, shop.tenant_id)
    filed = [Filed(1, EVENT, SetTimer("wallet.hold_expiry", key, NOON)) for key in keys]
    await file(connection, shop.tenant_id, filed)
    await connection.execute("COMMIT")


async def test_a_timer_fires_when_it_is_due_and_not_before(
    shop: Shop, connection: PipelinedConnection
) -> None:
    await set_timers(connection, shop, "hld_1")
    sender = SenderThatNotes()
    early = NOON - timedelta(microseconds=1)
    assert await fire(connection, shop.tenant_id, early, sender=sender) == 0
    assert await fire(connection, shop.tenant_id, NOON, sender=sender) == 1
    assert await fire(connection, shop.tenant_id, NOON, sender=sender) == 0
    assert [envelope.command.hold_id for envelope in sender.sent] == ["hld_1"]
    assert timers(shop.database_url, shop.tenant_id) == []


async def test_a_timer_whose_command_was_refused_is_done(
    shop: Shop, connection: PipelinedConnection
) -> None:
    await set_timers(connection, shop, "hld_1")
    refused = Outcome(1, refused=True, body=b"{}")
    sender = SenderThatNotes(wallet_expire_hold=refused)
    assert await fire(connection, shop.tenant_id, NOON, sender=sender) == 1
    assert timers(shop.database_url, shop.tenant_id) == []


async def test_a_timer_that_was_not_decided_stays_and_is_sent_again_under_the_same_id(
    shop: Shop, connection: PipelinedConnection
) -> None:
    await set_timers(connection, shop, "hld_1")
    sender = SenderThatNotes(wallet_expire_hold=LogUnavailable("away"))
    assert await fire(connection, shop.tenant_id, NOON, sender=sender) == 0
    sender.answers.clear()
    assert await fire(connection, shop.tenant_id, NOON, sender=sender) == 1
    first, second = sender.sent
    assert first.command_id == second.command_id


async def test_a_timer_whose_command_fails_is_tried_again_a_minute_later(
    shop: Shop, connection: PipelinedConnection
) -> None:
    await set_timers(connection, shop, "hld_1")
    sender = SenderThatNotes(wallet_expire_hold=CommandFailed())
    assert await fire(connection, shop.tenant_id, NOON, sender=sender) == 0
    assert await fire(connection, shop.tenant_id, NOON, sender=sender) == 0
    assert len(sender.sent) == 1
    await fire(connection, shop.tenant_id, NOON + timedelta(minutes=1), sender=sender)
    assert len(sender.sent) == 2


async def test_the_rows_that_one_scheduler_fires_are_passed_by_by_the_other(
    shop: Shop, connection: PipelinedConnection
) -> None:
    await set_timers(connection, shop, "hld_1", "hld_2")
    under_way, go_on = asyncio.Event(), asyncio.Event()

    class Slow(SenderThatNotes):
        async def send_many(self, envelopes: Any) -> Any:  # noqa: ANN401 - as the base
            under_way.set()
            await go_on.wait()
            return await super().send_many(envelopes)

    slow, other = Slow(), SenderThatNotes()
    first = asyncio.create_task(fire(connection, shop.tenant_id, NOON, sender=slow))
    await under_way.wait()
    async with await connect(shop.database_url) as second:
        assert await fire(second, shop.tenant_id, NOON, sender=other) == 0
    go_on.set()
    assert await first == 2
    assert other.sent == []


async def test_what_is_due_for_many_tenants_fires_together_each_by_its_own_time(
    connection: PipelinedConnection,
) -> None:
    tenants = [uuid4() for _ in range(3)]
    await begin(connection, *tenants)
    for n, tenant_id in enumerate(tenants):
        keys = ["hld_1", "hld_2"] if n else [f"hld_{key:04}" for key in range(400)]
        filed = [Filed(1, EVENT, SetTimer("wallet.hold_expiry", key, NOON)) for key in keys]
        await file(connection, tenant_id, filed)
    await connection.execute("COMMIT")
    full, some, early = tenants
    sender = SenderThatNotes()
    due = {full: NOON, some: NOON, early: NOON - timedelta(microseconds=1)}
    fired = await fire_together(connection, due, sender=sender)
    share = FIRED_AT_ONCE_MAX // len(due)
    assert fired == Fired(Counter({full: share, some: 2}), {full})
    assert [envelope.command.hold_id for envelope in sender.sent if envelope.tenant_id == full] == [
        f"hld_{key:04}" for key in range(share)
    ]
    assert await fire_together(connection, {full: NOON, some: NOON}, sender=sender) == Fired(
        Counter({full: 400 - share}), set()
    )


async def test_what_fails_for_one_tenant_is_nothing_to_the_others(
    connection: PipelinedConnection,
) -> None:
    failing, well = uuid4(), uuid4()
    await begin(connection, failing, well)
    for tenant_id in (failing, well):
        timer = SetTimer("wallet.hold_expiry", "hld_1", NOON)
        await file(connection, tenant_id, [Filed(1, EVENT, timer)])
    await connection.execute("COMMIT")

    class FailsForOne(SenderThatNotes):
        async def send_many(self, envelopes: Any) -> Any:  # noqa: ANN401 - as the base
            if envelopes[0].tenant_id == failing:
                raise Overloaded("no room")
            return await super().send_many(envelopes)

    due = {failing: NOON, well: NOON}
    assert (await fire_together(connection, due, sender=FailsForOne())).gone == {well: 1}
    bug = SenderThatNotes(wallet_expire_hold=CommandFailed())
    assert (await fire_together(connection, due, sender=bug)).gone == {}
    later = dict.fromkeys(due, NOON + timedelta(minutes=1))
    assert (await fire_together(connection, later, sender=SenderThatNotes())).gone == {failing: 1}


async def test_it_is_the_tenants_own_time_that_counts(
    shop: Shop, connection: PipelinedConnection
) -> None:
    await set_timers(connection, shop, "hld_1")
    assert shop.tenant_id not in await due_tenants(connection, NOON - timedelta(days=1))
    found = await due_tenants(connection, NOON + timedelta(days=1))
    assert found[shop.tenant_id] == NOON + timedelta(days=1)


async def test_holds_expire_by_themselves_and_only_what_is_left_of_them(
    shop: Shop, servers: ServerUrls
) -> None:
    wallet = (await shop.tell(OpenWallet("cus_ada1", "TRY")))["wallet_id"]
    await shop.tell(TopUp(wallet, lira(10_000)))
    soon = datetime.now(UTC) + timedelta(seconds=1)
    placed = [
        (await shop.tell(PlaceHold(wallet, lira(1_000), expires_at=soon)))["hold_id"]
        for _ in range(4)
    ]
    await shop.tell(PlaceHold(wallet, lira(500)))
    untouched, partly, ended, released = placed
    await shop.tell(CaptureHold(wallet, partly, lira(400)))
    await shop.tell(CaptureHold(wallet, ended))
    await shop.tell(ReleaseHold(wallet, released))
    stop = asyncio.Event()
    schedulers = [
        Scheduler(shop.database_url, servers.redis_url, shop.writer).run(stop) for _ in range(2)
    ]
    running = asyncio.gather(*schedulers)

    def expired() -> set[str]:
        rows = shop.ask(
            "SELECT stream FROM defter.events WHERE tenant_id = %s AND type = %s",
            shop.tenant_id,
            "wallet.hold_expired",
        )
        return {stream.removeprefix("hold-") for (stream,) in rows}

    await until(lambda: expired() == {untouched, partly})
    stop.set()
    await running
    assert timers(shop.database_url, shop.tenant_id) == []
    assert await shop.refusal(ReleaseHold(wallet, untouched)) == "wallet.hold_ended"
    assert await shop.refusal(CaptureHold(wallet, partly, lira(1))) == "wallet.hold_ended"


@pytest.mark.row("WLT-10")
async def test_bonus_ends_by_itself_and_what_comes_back_later_ends_at_once(
    shop: Shop, servers: ServerUrls
) -> None:
    wallet = (await shop.tell(OpenWallet("cus_bora", "TRY")))["wallet_id"]
    soon = datetime.now(UTC) + timedelta(seconds=2)
    await shop.tell(GrantBonus(wallet, lira(100), "spring", soon))
    await shop.tell(GrantBonus(wallet, lira(50), "spring"))
    hold = (await shop.tell(PlaceHold(wallet, lira(30))))["hold_id"]
    stop = asyncio.Event()
    running = asyncio.create_task(
        Scheduler(shop.database_url, servers.redis_url, shop.writer).run(stop)
    )

    def lapsed() -> list[int]:
        rows = shop.ask(
            "SELECT data FROM defter.events WHERE tenant_id = %s AND type = %s ORDER BY position",
            shop.tenant_id,
            "wallet.bonus_expired",
        )
        return [json.loads(bytes(data))["amount"]["minor"] for (data,) in rows]

    await until(lambda: lapsed() == [70])
    await shop.tell(ReleaseHold(wallet, hold))
    assert lapsed() == [70, 30]
    stop.set()
    await running
    assert timers(shop.database_url, shop.tenant_id) == []


@pytest.mark.row("WLT-10")
async def test_a_warning_is_given_once_by_two_schedulers_and_when_all_is_delivered_again(
    shop: Shop, servers: ServerUrls
) -> None:
    wallet = (await shop.tell(OpenWallet("cus_cem1", "TRY")))["wallet_id"]
    soon = datetime.now(UTC) + timedelta(seconds=1)
    ends = soon + BONUS_WARNING_LEAD
    lot = (await shop.tell(GrantBonus(wallet, lira(100), "spring", ends)))["lot_id"]
    end = [("wallet.bonus_expiry", f"{wallet}/{lot}", ends)]

    async def run_until_only_the_end_is_waited_for() -> None:
        stop = asyncio.Event()
        schedulers = [
            Scheduler(shop.database_url, servers.redis_url, shop.writer).run(stop) for _ in range(2)
        ]
        running = asyncio.gather(*schedulers)
        await until(lambda: timers(shop.database_url, shop.tenant_id) == end)
        stop.set()
        await running

    def warned() -> int:
        query = "SELECT count(*) FROM defter.events WHERE tenant_id = %s AND type = %s"
        return shop.ask(query, shop.tenant_id, "wallet.bonus_expiry_warned")[0][0]

    await until(lambda: datetime.now(UTC) > soon)
    await run_until_only_the_end_is_waited_for()
    assert warned() == 1
    again = "DELETE FROM defter.checkpoints WHERE tenant_id = %s RETURNING 1"
    assert shop.ask(again, shop.tenant_id)
    shop.ask("DELETE FROM defter.timers WHERE tenant_id = %s RETURNING 1", shop.tenant_id)
    await run_until_only_the_end_is_waited_for()
    assert warned() == 1
