"""JOB-02, JOB-04: what one process, timer or tenant does wrong harms no other, and nothing ends."""

import asyncio
from collections.abc import AsyncGenerator, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from application.envelope import Envelope
from application.process import Known, Passing, Perform, Process, Reaction, SetTimer
from application.sending import CommandFailed, Outcome, Overloaded
from application.tenants.clock import AdvanceClock
from application.wallet.holds import ExpireHold
from domain.kernel.events import Recorded
from domain.ledger.books import Books
from domain.ledger.events import BOOKS_KEY
from domain.wallet.events import WalletOpened
from infrastructure.postgres.connections import connect
from infrastructure.postgres.pipelines import PipelinedConnection
from infrastructure.processes.advance import NotSent
from infrastructure.processes.filing import Filed, file
from infrastructure.processes.scheduler import Scheduler
from infrastructure.processes.tenant_clock import TenantClock
from infrastructure.processes.timers import fire, next_due
from infrastructure.projections.checkpoints import begin
from tests.conftest import ServerUrls
from tests.event_log.shop import Shop, open_shop
from tests.kit.lively.whole import lively
from tests.processes.following import SenderThatNotes, follow_to_the_end, processes_of, timers
from tests.processes.test_following import GREETINGS, HOLDS
from tests.projections.stepping import checkpoints, until

SOON = datetime(2026, 1, 1, tzinfo=UTC)
NOON = datetime(2126, 3, 5, 12, tzinfo=UTC)
NOT_DUE = Outcome(1, refused=True, body=b'{"code":"wallet.hold_not_due"}')


@pytest.fixture
async def shop(module_database_url: str) -> AsyncGenerator[Shop]:
    async with open_shop(module_database_url) as opened:
        yield opened


@pytest.fixture
async def connection(module_database_url: str) -> AsyncGenerator[PipelinedConnection]:
    async with await connect(module_database_url) as opened:
        yield opened


class FullSender(SenderThatNotes):
    """Takes nothing in."""

    async def send_many(self, envelopes: Sequence[Envelope]) -> list[Outcome | BaseException]:
        raise Overloaded(f"{len(envelopes)} are too many")


async def set_timer(
    connection: PipelinedConnection,
    shop: Shop,
    key: str,
    *,
    name: str = "wallet.hold_expiry",
    due: datetime = NOON,
) -> None:
    await begin(connection, shop.tenant_id)
    await file(connection, shop.tenant_id, [Filed(1, uuid4(), SetTimer(name, key, due))])
    await connection.execute("COMMIT")


async def test_a_timer_that_leads_to_no_command_keeps_no_other_waiting(
    shop: Shop, connection: PipelinedConnection
) -> None:
    def clumsy(key: str) -> object:
        raise ZeroDivisionError(key)

    await set_timer(connection, shop, "k", name="test.clumsy")
    await set_timer(connection, shop, "hld_1", name="test.fine")
    sender = SenderThatNotes()
    known = {"test.clumsy": clumsy, "test.fine": ExpireHold}
    assert await fire(connection, shop.tenant_id, NOON, sender=sender, timers=known) == 1
    assert [key for _, key, _ in timers(shop.database_url, shop.tenant_id)] == ["k"]


async def test_a_full_writer_leaves_timers_as_they_are(
    shop: Shop, connection: PipelinedConnection
) -> None:
    await set_timer(connection, shop, "hld_1")
    assert await fire(connection, shop.tenant_id, NOON, sender=FullSender()) == 0
    assert await fire(connection, shop.tenant_id, NOON, sender=SenderThatNotes()) == 1


async def test_a_timer_that_fails_long_after_it_was_due_waits_a_minute_from_now(
    shop: Shop, connection: PipelinedConnection
) -> None:
    await set_timer(connection, shop, "hld_1")
    sender = SenderThatNotes(wallet_expire_hold=CommandFailed())
    late = NOON + timedelta(days=1)
    await fire(connection, shop.tenant_id, late, sender=sender)
    await fire(connection, shop.tenant_id, late + timedelta(seconds=59), sender=sender)
    assert len(sender.sent) == 1
    await fire(connection, shop.tenant_id, late + timedelta(seconds=60), sender=sender)
    assert len(sender.sent) == 2


async def test_a_timer_that_came_too_early_by_the_log_s_clock_is_asked_anew(
    shop: Shop, connection: PipelinedConnection
) -> None:
    await set_timer(connection, shop, "hld_1")
    sender = SenderThatNotes(wallet_expire_hold=NOT_DUE)
    assert await fire(connection, shop.tenant_id, NOON, sender=sender) == 0
    sender.answers.clear()
    later = NOON + timedelta(minutes=1)
    assert await fire(connection, shop.tenant_id, later, sender=sender) == 1
    first, second = sender.sent
    assert first.command_id != second.command_id


async def test_a_clock_moves_past_timers_that_nobody_can_fire(
    shop: Shop, connection: PipelinedConnection
) -> None:
    now = datetime.now(UTC)
    await set_timer(connection, shop, "k", name="later.release", due=now + timedelta(hours=1))
    await set_timer(connection, shop, "k", name="test.clumsy", due=now + timedelta(hours=2))

    def clumsy(key: str) -> object:
        raise ZeroDivisionError(key)

    clock = TenantClock(shop.database_url, shop.writer, timers={"test.clumsy": clumsy})
    to = now + timedelta(days=1)
    async with asyncio.timeout(10):
        outcome, fired = await clock.advance(shop.envelope(AdvanceClock(to)))
    assert (outcome.refused, fired) == (False, 0)
    moves = shop.ask(
        "SELECT count(*) FROM defter.events WHERE tenant_id = %s AND type = %s",
        shop.tenant_id,
        "tenants.clock_advanced",
    )
    assert moves == [(2,)]


async def test_a_clock_waits_for_what_a_scheduler_fires(
    shop: Shop, connection: PipelinedConnection
) -> None:
    now = datetime.now(UTC)
    late = now + timedelta(hours=2)
    await set_timer(connection, shop, "hld_none", due=late)
    under_way, go_on = asyncio.Event(), asyncio.Event()

    class Slow(SenderThatNotes):
        async def send_many(self, envelopes: Any) -> Any:  # noqa: ANN401 - as the base
            under_way.set()
            await go_on.wait()
            return await super().send_many(envelopes)

    firing = asyncio.create_task(fire(connection, shop.tenant_id, late, sender=Slow()))
    await under_way.wait()
    clock = TenantClock(shop.database_url, shop.writer)
    moving = asyncio.create_task(clock.advance(shop.envelope(AdvanceClock(late))))
    done, _ = await asyncio.wait({moving}, timeout=1)
    assert not done
    go_on.set()
    assert await firing == 1
    _, fired = await moving
    assert fired == 0
    async with await connect(shop.database_url) as other:
        await begin(other, shop.tenant_id)
        assert await next_due(other, shop.tenant_id) is None


async def test_a_full_writer_leaves_the_step_undone(database_url: str) -> None:
    log = lively()
    log.store(database_url)
    async with await connect(database_url) as connection:
        with pytest.raises(NotSent):
            await follow_to_the_end(
                connection, log.tenant_id, processes_of(FullSender(), GREETINGS)
            )


def _spoil(url: str, type_: str, data: bytes, position: int) -> None:
    with psycopg.connect(url) as owner:
        owner.execute("ALTER TABLE defter.events DISABLE TRIGGER append_only")
        owner.execute(
            "UPDATE defter.events SET data = %s, type = %s WHERE position = %s",
            (data, type_, position),
        )
        owner.execute("ALTER TABLE defter.events ENABLE ALWAYS TRIGGER append_only")


async def test_an_event_that_can_not_be_read_parks_processes_and_ends_none(
    database_url: str,
) -> None:
    log = lively()
    log.store(database_url)
    opened = next(p for p, _, _, event in log.events if isinstance(event, WalletOpened))
    _spoil(database_url, WalletOpened.NAME, b"{}", opened)
    async with await connect(database_url) as connection:
        parked = await follow_to_the_end(
            connection, log.tenant_id, processes_of(SenderThatNotes(), GREETINGS)
        )
    assert parked == (GREETINGS.key,)
    found = checkpoints(database_url, log.tenant_id)[GREETINGS.key]
    assert found[:2] == (opened - 1, opened)


async def test_a_process_that_fails_before_an_unknown_event_stays_parked_where_it_failed(
    database_url: str,
) -> None:
    log = lively()
    log.store(database_url)
    opened = next(p for p, _, _, event in log.events if isinstance(event, WalletOpened))
    _spoil(database_url, "later.release", b"{}", len(log.events))

    def fails(recorded: Recorded) -> Iterable[Reaction]:
        raise ZeroDivisionError(recorded.position)

    clumsy = Process("clumsy", {WalletOpened: fails})
    async with await connect(database_url) as connection:
        await follow_to_the_end(
            connection, log.tenant_id, processes_of(SenderThatNotes(), clumsy, HOLDS)
        )
    found = checkpoints(database_url, log.tenant_id)
    assert found[clumsy.key] == (opened - 1, opened, "ZeroDivisionError")
    assert found[HOLDS.key] == (len(log.events) - 1, len(log.events), "UnknownEvent")


@pytest.mark.parametrize("fails_at", ["evolve", "attentive"])
async def test_a_process_that_can_not_know_its_stream_parks_alone(
    database_url: str, fails_at: str
) -> None:
    log = lively()
    log.store(database_url)

    class Clumsy(Books):
        @classmethod
        def evolve(cls, state: Any, event: Any) -> Any:  # noqa: ANN401 - as the base
            if fails_at == "evolve":
                raise ZeroDivisionError
            return Books.evolve(state, event)

    def attentive(books: Books | None) -> bool:
        if books is not None and fails_at == "attentive":
            raise ZeroDivisionError
        return False

    def relay(_books: Books, _passing: Passing) -> Iterable[Reaction]:
        yield Perform("test.hook")

    hooks = Process("hooks", knows=Known(Clumsy, BOOKS_KEY), attentive=attentive, relay=relay)
    async with await connect(database_url) as connection:
        processes = processes_of(SenderThatNotes(), hooks, HOLDS)
        parked = await follow_to_the_end(connection, log.tenant_id, processes)
        assert parked == (hooks.key,)
        with psycopg.connect(database_url) as owner:
            owner.execute("UPDATE defter.checkpoints SET parked_at = NULL, position = 1")
        again = processes_of(SenderThatNotes(), hooks, HOLDS)
        assert await follow_to_the_end(connection, log.tenant_id, again) == (hooks.key,)
    assert checkpoints(database_url, log.tenant_id)[HOLDS.key][0] == len(log.events)


async def test_a_tenant_whose_commands_hang_keeps_no_other_tenant_waiting(
    servers: ServerUrls, database_url: str
) -> None:
    tenants = [uuid4() for _ in range(5)]
    with psycopg.connect(database_url) as owner:
        for tenant_id in tenants:
            owner.execute("INSERT INTO defter.log_head VALUES (%s)", (tenant_id,))
    async with await connect(database_url) as connection:
        for tenant_id in tenants:
            await begin(connection, tenant_id)
            timer = SetTimer("wallet.hold_expiry", "hld_1", SOON)
            await file(connection, tenant_id, [Filed(1, uuid4(), timer)])
            await connection.execute("COMMIT")
    go_on = asyncio.Event()

    class HangsForOne(SenderThatNotes):
        async def send_many(self, envelopes: Any) -> Any:  # noqa: ANN401 - as the base
            outcomes = await super().send_many(envelopes)
            if envelopes[0].tenant_id == tenants[0]:
                await go_on.wait()
            return outcomes

    sender, stop = HangsForOne(), asyncio.Event()
    running = asyncio.create_task(
        Scheduler(database_url, servers.redis_url, sender, processes=()).run(stop)
    )
    try:
        await until(lambda: sum(len(timers(database_url, one)) for one in tenants) == 1)
        await until(lambda: len(sender.sent) == len(tenants) + 1)  # it goes on alone
    finally:
        stop.set()
        go_on.set()
        await running
    assert [timers(database_url, one) for one in tenants] == [[]] * len(tenants)
    assert len({envelope.command_id for envelope in sender.sent}) == len(tenants)
