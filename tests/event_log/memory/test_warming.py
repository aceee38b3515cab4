"""A process that starts reads what was written last, and decides no worse for it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from application.wallet.topups import TopUp
from infrastructure.event_log.keyring import MasterKeys
from infrastructure.event_log.writing import batch, warming
from infrastructure.event_log.writing import needs as needs_module
from infrastructure.event_log.writing.batch import Log
from infrastructure.event_log.writing.channel import Channel
from infrastructure.event_log.writing.memory import LogMemory, StreamEntry
from infrastructure.event_log.writing.needs import Fetched, Needs, Run
from infrastructure.event_log.writing.writer import Writer
from infrastructure.postgres.pipelines import PipelinedConnection
from tests.event_log.shop import MASTER_KEYS, Shop, lira, open_books

ROOM = 1_000_000


async def warmed(shop: Shop, *, room: int = ROOM) -> LogMemory:
    memory = LogMemory(room)
    channel = Channel(shop.database_url)
    try:
        await warming.warm_up(channel, Log(memory, MASTER_KEYS, lambda: datetime.now(UTC)))
    finally:
        await channel.close()
    return memory


def wallets_in(memory: LogMemory, tenant_id: UUID) -> Mapping[str, StreamEntry]:
    streams = memory.tenant(tenant_id).streams
    return {name: entry for name, entry in streams.items() if name.startswith("wallet-")}


async def test_what_was_touched_is_known_as_the_log_says_it(shop: Shop) -> None:
    names = await shop.wallets(3, 100)
    await shop.transfer(names[0], names[1], 40)
    memory = await warmed(shop)
    known = wallets_in(memory, shop.tenant_id)
    available = {name: entry.state.available.minor for name, entry in known.items()}
    assert available == {f"wallet-{n}": balance for n, balance in shop.balances().items()}
    last = shop.rows().events[-1]
    tenant = memory.tenant(shop.tenant_id)
    assert (tenant.position, tenant.event_id) == (last.position, last.event_id)


async def test_commands_find_known_what_they_would_have_asked_for(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, bora = await shop.wallets(2, 100)
    asked: set[str] = set()

    async def fetch(
        connection: PipelinedConnection,
        needs: Needs,
        memory: LogMemory,
        fetched: Fetched,
        master_keys: MasterKeys,
        *,
        run: Run,
    ) -> None:
        asked.update(stream for _, stream in needs.streams)
        await needs_module.fetch(connection, needs, memory, fetched, master_keys, run=run)

    monkeypatch.setattr(batch, "fetch", fetch)
    async with shop.beside() as cold:
        await cold.transfer(ada, bora, 1)
    assert {f"wallet-{ada}", f"wallet-{bora}"} <= asked
    asked.clear()
    writer = Writer(shop.database_url, MASTER_KEYS)
    await writer.warm_up()
    await writer.start()
    try:
        warm = Shop(writer, shop.database_url, shop.tenant_id)
        warm.acknowledged = shop.acknowledged
        assert not (await warm.transfer(ada, bora, 99)).refused
    finally:
        await writer.stop()
    assert not {f"wallet-{ada}", f"wallet-{bora}"} & asked


async def test_what_others_wrote_after_it_counts(shop: Shop) -> None:
    ada, bora = await shop.wallets(2, 100)
    writer = Writer(shop.database_url, MASTER_KEYS)
    await writer.warm_up()
    await shop.transfer(ada, bora, 100)
    await writer.start()
    try:
        warm = Shop(writer, shop.database_url, shop.tenant_id)
        warm.acknowledged = shop.acknowledged
        assert (await warm.transfer(ada, bora, 1)).refused, "nothing is left"
        assert not (await warm.transfer(bora, ada, 200)).refused
    finally:
        await writer.stop()
    assert shop.balances() == {ada: 200, bora: 0}
    assert shop.problems() == []


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


async def test_time_is_over_at_once(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    await shop.wallets(2)
    monkeypatch.setattr(warming, "WARM_SECONDS_MAX", -1.0)
    assert not (await warmed(shop)).weight


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
    assert memory.tenant(other.tenant_id).position is None
    assert not memory.tenant(other.tenant_id).streams
    assert len(wallets_in(memory, shop.tenant_id)) == 2


async def test_without_a_database_there_is_nothing_to_know(shop: Shop) -> None:
    nowhere = Writer("postgresql://defter@127.0.0.1:1/nothing", MASTER_KEYS)
    await nowhere.warm_up()
    assert shop.problems() == []
