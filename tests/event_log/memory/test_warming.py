"""A process that starts reads what was written last, and decides no worse for it."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from application.envelope import Envelope
from application.wallet.topups import TopUp
from application.wallet.wallets import OpenWallet
from infrastructure.event_log.writing import batch, catching_up
from infrastructure.event_log.writing import needs as needs_module
from infrastructure.event_log.writing.channel import Channel
from infrastructure.event_log.writing.early import warming
from infrastructure.event_log.writing.memory import LogMemory, StreamEntry
from infrastructure.event_log.writing.needs import Needs, Run
from infrastructure.event_log.writing.parts import Log
from infrastructure.event_log.writing.queues import Queues
from infrastructure.event_log.writing.writer import Writer
from infrastructure.postgres.pipelines import PipelinedConnection
from tests.event_log.shop import MASTER_KEYS, STAFF, Shop, lira, open_books

ROOM = 1_000_000


async def warmed(shop: Shop, *, room: int = ROOM, memory: LogMemory | None = None) -> LogMemory:
    memory = memory or LogMemory(room)
    shared = Log(memory, MASTER_KEYS, lambda: datetime.now(UTC))
    await warming.warm_up(Channel(shop.database_url), shared, Queues())
    return memory


@asynccontextmanager
async def warm_beside(shop: Shop) -> AsyncGenerator[Shop]:
    """Let a writer begin that has read ahead when this returns."""
    writer = Writer(shop.database_url, MASTER_KEYS)
    await writer.start(warm=True)
    try:
        await asyncio.gather(*warm_ups())
        warm = Shop(writer, shop.database_url, shop.tenant_id)
        warm.acknowledged = shop.acknowledged
        yield warm
    finally:
        await writer.stop()


def warm_ups() -> list[asyncio.Task[None]]:
    return [one for one in asyncio.all_tasks() if one.get_coro().__name__ == "warm_up"]  # type: ignore[union-attr]


def wallets_in(memory: LogMemory, tenant_id: UUID) -> Mapping[str, StreamEntry]:
    streams = memory.tenant(tenant_id).streams
    return {name: entry for name, entry in streams.items() if name.startswith("wallet-")}


def end_of(memory: LogMemory, shop: Shop) -> int:
    end = memory.tenant(shop.tenant_id).end
    assert end is not None
    return end.position


async def test_what_was_touched_is_known_as_the_log_says_it(shop: Shop) -> None:
    names = await shop.wallets(3, 100)
    await shop.transfer(names[0], names[1], 40)
    memory = await warmed(shop)
    known = wallets_in(memory, shop.tenant_id)
    available = {name: entry.state.available.minor for name, entry in known.items()}
    assert available == {f"wallet-{n}": balance for n, balance in shop.balances().items()}
    last = shop.rows().events[-1]
    tenant = memory.tenant(shop.tenant_id)
    assert tenant.end == (last.position, last.event_id, last.recorded_at)


async def test_commands_find_known_what_they_would_have_asked_for(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, bora = await shop.wallets(2, 100)
    asked: set[str] = set()

    async def fetch(connection: PipelinedConnection, needs: Needs, *rest: Any, run: Run) -> None:  # noqa: ANN401 - as it takes them
        asked.update(stream for _, stream in needs.streams)
        await needs_module.fetch(connection, needs, *rest, run=run)

    monkeypatch.setattr(batch, "fetch", fetch)
    async with shop.beside() as cold:
        await cold.transfer(ada, bora, 1)
    assert {f"wallet-{ada}", f"wallet-{bora}"} <= asked
    asked.clear()
    async with warm_beside(shop) as warm:
        assert not (await warm.transfer(ada, bora, 99)).refused
    assert not {f"wallet-{ada}", f"wallet-{bora}"} & asked


async def test_what_others_wrote_after_it_counts(shop: Shop) -> None:
    ada, bora = await shop.wallets(2, 100)
    async with warm_beside(shop) as warm:
        await shop.transfer(ada, bora, 100)
        assert (await warm.transfer(ada, bora, 1)).refused, "nothing is left"
        assert not (await warm.transfer(bora, ada, 200)).refused
    assert shop.balances() == {ada: 200, bora: 0}


async def test_what_others_write_meanwhile_is_in_what_is_read_next(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, bora = await shop.wallets(2, 100)
    memory = await warmed(shop)
    await shop.transfer(ada, bora, 30)
    await shop.tell(OpenWallet("cus_cem", "TRY", "wal_cem"))
    monkeypatch.setattr(warming, "STREAMS_AT_ONCE", 2)
    await warmed(shop, memory=memory)
    known = wallets_in(memory, shop.tenant_id)
    available = {name: entry.state.available.minor for name, entry in known.items()}
    assert available == {f"wallet-{n}": balance for n, balance in shop.balances().items()}
    assert end_of(memory, shop) == shop.rows().events[-1].position
    monkeypatch.setattr(catching_up, "GAP_EVENTS_MAX", 1)
    await shop.transfer(bora, ada, 1)
    await shop.tell(OpenWallet("cus_derya", "TRY", "wal_derya"))
    await warmed(shop, memory=memory)
    assert end_of(memory, shop) == shop.rows().events[-1].position
    known = wallets_in(memory, shop.tenant_id)
    assert known.keys() == {"wallet-wal_derya"}, "the rest was dropped: too much had happened"


async def test_commands_of_two_processes_go_on_while_one_of_them_reads_ahead(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    wallets = await shop.wallets(40, 100)
    monkeypatch.setattr(warming, "STREAMS_AT_ONCE", 1)
    writer = Writer(shop.database_url, MASTER_KEYS)
    await writer.start(warm=True)
    try:
        warm = Shop(writer, shop.database_url, shop.tenant_id)
        warm.acknowledged = shop.acknowledged
        rounds = 0
        while any(not one.done() for one in warm_ups()):
            await asyncio.gather(
                *(
                    place.transfer(wallets[k], wallets[(k + rounds + 1) % 40], 7)
                    for k in range(40)
                    for place in (warm, shop)
                )
            )
            rounds += 1
        assert rounds > 1
    finally:
        await writer.stop()
    assert sum(shop.balances().values()) == 4_000


async def test_a_process_that_stops_ends_its_reading_ahead(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    await shop.wallets(40)
    monkeypatch.setattr(warming, "STREAMS_AT_ONCE", 1)
    writer = Writer(shop.database_url, MASTER_KEYS)
    await writer.start(warm=True)
    assert len(warm_ups()) == 1
    await writer.stop()
    assert warm_ups() == []


async def test_who_borrows_a_tenant_has_it_alone() -> None:
    queues, tenant_id = Queues(), uuid4()
    await queues.borrow(tenant_id)
    assert queues.taken(tenant_id)
    queues.give_back(tenant_id, ())
    assert not queues.taken(tenant_id)
    pending = asyncio.get_running_loop().create_future()
    queues.put(waiting(tenant_id), pending)
    await queues.borrow(tenant_id)
    taking = asyncio.create_task(queues.take(held=False, tenants_max=1))
    await asyncio.sleep(0)
    assert not taking.done(), "a batch waits until it is given back"
    queues.give_back(tenant_id, ())
    group = await taking
    assert group is not None
    borrowing = asyncio.create_task(queues.borrow(tenant_id))
    await asyncio.sleep(0)
    assert not borrowing.done(), "and who borrows waits for the batch"
    queues.give_back(tenant_id, group[tenant_id])
    await borrowing
    assert queues.taken(tenant_id)
    assert queues.waiting == 1
    for handed_over in (False, True):
        another = asyncio.create_task(queues.borrow(tenant_id))
        await asyncio.sleep(0)
        if handed_over:
            queues.give_back(tenant_id, ())
        another.cancel()
        with pytest.raises(asyncio.CancelledError):
            await another
        assert queues.taken(tenant_id) is not handed_over


def waiting(tenant_id: UUID) -> Envelope:
    return Envelope(tenant_id, uuid4(), b"h" * 32, TopUp("wal_1", lira(1)), STAFF, "cor")


async def test_the_log_written_last_and_its_end_come_first(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    await shop.wallets(2)
    other = Shop(shop.writer, shop.database_url, uuid4())
    await open_books(other)
    names = await other.wallets(3)
    await other.tell(TopUp(names[1], lira(5)))
    monkeypatch.setattr(warming, "STREAMS_AT_ONCE", 1)
    memory = await warmed(shop, room=1)
    assert not memory.weight, "there is no room"
    memory = await warmed(shop, room=3_000)
    assert not memory.tenant(shop.tenant_id).streams
    assert f"wallet-{names[1]}" in memory.tenant(other.tenant_id).streams
    assert f"wallet-{names[0]}" not in memory.tenant(other.tenant_id).streams
    monkeypatch.setattr(warming, "WARM_EVENTS_MAX", 1)
    memory = await warmed(shop)
    assert len(memory.tenant(shop.tenant_id).streams) == 1, "its last event touched no other"


@pytest.mark.parametrize("torn", [True, False])
async def test_a_log_that_can_not_be_read_is_left_to_its_commands(
    shop: Shop, *, torn: bool
) -> None:
    """One with events of a later release, or with a hole in a stream."""
    await shop.wallets(2)
    other = Shop(shop.writer, shop.database_url, uuid4())
    await open_books(other)
    await other.wallets(1)
    with psycopg.connect(shop.database_url, autocommit=True) as admin:
        admin.execute("ALTER TABLE defter.events DISABLE TRIGGER append_only")
        admin.execute("DELETE FROM defter.snapshots WHERE tenant_id = %s", (other.tenant_id,))
        spoil: Any = (
            "UPDATE defter.events SET version = version + 1"
            if torn
            else "UPDATE defter.events SET type = 'later.than_this'"
        )
        spoil += " WHERE tenant_id = %s AND stream LIKE 'wallet-%%'"
        assert admin.execute(spoil, (other.tenant_id,)).rowcount
        admin.execute("ALTER TABLE defter.events ENABLE ALWAYS TRIGGER append_only")
    memory = await warmed(shop)
    assert memory.tenant(other.tenant_id).end is None
    assert not memory.tenant(other.tenant_id).streams
    assert len(wallets_in(memory, shop.tenant_id)) == 2


async def test_without_a_database_commands_are_taken_all_the_same(shop: Shop) -> None:
    nowhere = Writer("postgresql://defter@127.0.0.1:1/nothing", MASTER_KEYS)
    await nowhere.start(warm=True)
    await asyncio.gather(*warm_ups())
    assert nowhere.ended is not None
    assert not nowhere.ended.done()
    await nowhere.stop()
    assert shop.problems() == []
