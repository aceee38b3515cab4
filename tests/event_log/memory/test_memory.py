"""What the writer remembers is bounded, disposable and never decided on when stale."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import psycopg
import pytest

from application.wallet.topups import TopUp
from domain.kernel.events import Claim
from domain.wallet.wallet import Status, Wallet
from infrastructure.event_log.writing import catching_up, statements
from infrastructure.event_log.writing.deciding import Decision, TenantBatch
from infrastructure.event_log.writing.memory import End, LogMemory
from infrastructure.event_log.writing.needs import Fetched, Needs, fetch
from infrastructure.event_log.writing.rows import SNAPSHOT_EVERY_EVENTS
from infrastructure.postgres.connections import connect, runtime_conninfo
from infrastructure.postgres.pipelines import Call, Results
from tests.event_log.shop import MASTER_KEYS, Shop, lira, open_books
from tests.kit.leftovers import none_of


async def long_stream(shop: Shop, events: int) -> str:
    (ada,) = await shop.wallets(1)
    for _ in range(0, events, 500):
        await shop.tell_all([TopUp(ada, lira(1)) for _ in range(500)])
    return ada


def stream_events() -> str:
    """Give the query of a cold load for psycopg's placeholders."""
    assert "$1, $2, $3" in statements.STREAMS.sql.decode()
    return statements.STREAMS.sql.decode().replace(
        "$1, $2, $3", "%s::uuid[], %s::text[], %s::int[]"
    )


def _wallet(wallet_id: str, owner: str = "o") -> Wallet:
    return Wallet(wallet_id, owner, lira(1), lira(0), 1, lira(0), {}, Status.OPEN)


def scanned(shop: Shop, stream: str, fold_version: int) -> int:
    """Count the events that a cold load reads."""
    return len(shop.ask(stream_events(), [shop.tenant_id], [stream], [fold_version]))


async def test_a_cold_load_reads_from_the_snapshot_on_by_the_index_alone(shop: Shop) -> None:
    ada = await long_stream(shop, 5_000)
    asked = ([shop.tenant_id], [f"wallet-{ada}"], [Wallet.FOLD_VERSION])
    with psycopg.connect(runtime_conninfo(shop.database_url)) as runtime:
        tenants = "{" + str(shop.tenant_id) + "}"
        runtime.execute("SELECT set_config('app.tenants', %s, true)", (tenants,))
        explained = f"EXPLAIN (ANALYZE, TIMING OFF, COSTS OFF) {stream_events()}"
        plan = "\n".join(row[0] for row in runtime.execute(explained, asked))  # type: ignore[arg-type] - text of our own
    assert "Index Scan using events_tenant_id_stream_version_key" in plan
    assert "(version > " in plan.partition("Index Cond: ")[2]
    assert "Rows Removed by Filter" not in plan


async def test_a_long_stream_is_loaded_from_its_snapshot(shop: Shop) -> None:
    ada = await long_stream(shop, 5_000)
    assert scanned(shop, f"wallet-{ada}", Wallet.FOLD_VERSION) <= 1_000
    assert shop.problems() == [], "also that the snapshot is what its events fold to"
    async with shop.beside() as cold:
        outcome = await cold.transfer(ada, "wal_nobody", 1)
        assert outcome.refused
        await cold.tell(TopUp(ada, lira(1)))
    assert shop.balances()[ada] == 5_001


async def test_a_snapshot_of_another_fold_is_ignored(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = await long_stream(shop, 1_500)
    monkeypatch.setattr(Wallet, "FOLD_VERSION", 77)
    assert scanned(shop, f"wallet-{ada}", 77) == 1_501
    with psycopg.connect(shop.database_url) as admin:
        spoilt = admin.execute(
            "UPDATE defter.snapshots SET state = 'x' WHERE tenant_id = %s", (shop.tenant_id,)
        )
        assert spoilt.rowcount == 1
    async with shop.beside() as cold:
        await cold.tell(TopUp(ada, lira(1)))
    stored = shop.ask(
        "SELECT version, fold_version FROM defter.snapshots WHERE tenant_id = %s", shop.tenant_id
    )
    assert stored == [(1_502, 77)], "the next snapshot is of the new fold"


@pytest.mark.parametrize("cache_bytes", [0, 2_000, 20_000])
async def test_a_tiny_memory_is_slow_but_right(shop: Shop, cache_bytes: int) -> None:
    wallets = await shop.wallets(20, 100)
    async with shop.beside(cache_bytes=cache_bytes) as tiny, shop.beside() as other:
        for n in range(6):
            await asyncio.gather(
                *(
                    place.transfer(wallets[k], wallets[(k + n + 1) % 20], 7)
                    for k in range(20)
                    for place in (tiny, other)
                )
            )
    assert sum(shop.balances().values()) == 2_000


async def test_a_tiny_memory_that_lanes_share_is_right_for_many_tenants(shop: Shop) -> None:
    async with shop.beside(cache_bytes=3_000, group_tenants=2) as tiny, shop.beside() as other:
        shops: list[tuple[Shop, Shop]] = []
        for _ in range(8):
            one = Shop(tiny.writer, shop.database_url, uuid4())
            await open_books(one)
            two = Shop(other.writer, shop.database_url, one.tenant_id)
            two.acknowledged = one.acknowledged
            await one.wallets(3, 100)
            shops.append((one, two))
        for n in range(10):
            await asyncio.gather(
                *(
                    place.transfer(f"wal_{n % 3:08d}", f"wal_{(n + 1) % 3:08d}", 3)
                    for pair in shops
                    for place in pair
                    for _ in range(3)
                )
            )
        for one, _ in shops:
            assert one.problems() == []
            assert sum(one.balances().values()) == 300


def test_memory_stays_under_its_limit() -> None:
    memory = LogMemory(100_000)
    for n in range(1_000):
        tenant_id = uuid4()
        known = memory.tenant(tenant_id)
        known.remember(f"wallet-{n}", 1, _wallet(f"w{n}"), 0)
        known.claims.put(Claim("kind", str(n)), "owner")
        memory.trim([tenant_id])
        if n % 50 == 0:
            assert memory.weight <= 100_000
    assert memory.weight > 50_000, "what fits is kept"


def test_a_stream_weighs_what_it_holds_from_its_first_event_on() -> None:
    memory = LogMemory(1_000_000)
    known = memory.tenant(uuid4())
    known.remember("wallet-1", 0, None, 0)
    nothing = memory.weight
    known.remember("wallet-1", 1, _wallet("w", "o" * 1_000), 0)
    assert memory.weight > nothing + 1_000


def test_trimming_never_replaces_the_memory_of_a_tenant_under_way() -> None:
    memory = LogMemory(1)
    under_way, other = uuid4(), uuid4()
    known = memory.tenant(under_way)
    known.end = End(7)
    memory.tenant(other).remember("wallet-1", 1, lira(1), 0)
    memory.trim([under_way, other])
    assert memory.tenant(under_way) is known, (
        "a lane would go on with a memory nobody keeps current"
    )
    assert known.end == End(7)


async def test_a_log_that_went_on_too_far_is_read_anew(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    (ada,) = await shop.wallets(1, 5)
    async with shop.beside() as second:
        await second.tell(TopUp(ada, lira(1)))
        monkeypatch.setattr(catching_up, "GAP_EVENTS_MAX", 10)
        await shop.tell_all([TopUp(ada, lira(1)) for _ in range(30)])
        await second.tell(TopUp(ada, lira(1)))
    assert shop.balances()[ada] == 37


async def test_a_log_that_was_taken_back_is_read_anew(shop: Shop) -> None:
    """After a fail-over that lost the newest events, positions are used again."""
    ada, bora = await shop.wallets(2, 100)
    async with shop.beside() as second:
        await second.transfer(ada, bora, 100)
        await shop.transfer(bora, ada, 1)
        last = len(shop.rows().events)
        with psycopg.connect(shop.database_url, autocommit=True) as admin:
            admin.execute("ALTER TABLE defter.events DISABLE TRIGGER append_only")
            admin.execute(
                "DELETE FROM defter.events WHERE tenant_id = %s AND position > %s",
                (shop.tenant_id, last - 4),
            )
            admin.execute("ALTER TABLE defter.events ENABLE ALWAYS TRIGGER append_only")
            admin.execute("DELETE FROM defter.snapshots WHERE tenant_id = %s", (shop.tenant_id,))
        second.acknowledged.clear()
        async with shop.beside() as third:
            await third.tell(TopUp(ada, lira(1)))
            await third.tell(TopUp(ada, lira(1)))
            await third.tell(TopUp(ada, lira(1)))
            await third.tell(TopUp(ada, lira(1)))
        outcome = await second.transfer(ada, bora, 104)
        assert not outcome.refused, "the hundred never left"
    assert shop.balances() == {ada: 0, bora: 204}
    with psycopg.connect(shop.database_url, autocommit=True) as admin:
        admin.execute("ALTER TABLE defter.commands DISABLE TRIGGER keep_accepted")
        admin.execute("DELETE FROM defter.commands WHERE tenant_id = %s", (shop.tenant_id,))
        admin.execute("ALTER TABLE defter.commands ENABLE ALWAYS TRIGGER keep_accepted")
        admin.execute("ALTER TABLE defter.events DISABLE TRIGGER append_only")
        admin.execute("DELETE FROM defter.events WHERE tenant_id = %s", (shop.tenant_id,))
        admin.execute("ALTER TABLE defter.events ENABLE ALWAYS TRIGGER append_only")
        admin.execute("DELETE FROM defter.claims WHERE tenant_id = %s", (shop.tenant_id,))
    shop.acknowledged.clear()


async def test_the_log_never_goes_back_in_time(shop: Shop) -> None:
    times = iter([timedelta(hours=n) for n in (9, 3, 7, 1)])
    start = datetime.now(UTC)
    clock = {"now": start}
    async with shop.beside(clock=lambda: clock["now"]) as second:
        (ada,) = await shop.wallets(1)
        for ahead in times:
            clock["now"] = start + ahead
            await second.tell(TopUp(ada, lira(1)))
    recorded = [row.recorded_at for row in shop.rows().events]
    assert recorded == sorted(recorded)
    assert recorded[-4:] == [recorded[-1]] * 4


async def test_a_batch_is_freed_when_it_ends_and_the_collector_has_nothing_to_find(
    shop: Shop,
) -> None:
    (ada,) = await shop.wallets(1)
    with none_of(TenantBatch, Decision):
        for _ in range(3):
            await shop.tell_all([TopUp(ada, lira(1)) for _ in range(5)])
        await shop.send(TopUp(ada, lira(1)))


async def test_a_snapshot_that_comes_while_a_stream_is_read_hides_no_event(shop: Shop) -> None:
    """Another process keeps one between any two statements of those who look before they lock."""
    ada, bora = await shop.wallets(2)
    for _ in range(SNAPSHOT_EVERY_EVENTS - 1):
        await shop.tell(TopUp(ada, lira(10)))
    for _ in range(SNAPSHOT_EVERY_EVENTS - 1):
        await shop.transfer(ada, bora, 9)
    stream, memory = f"wallet-{ada}", LogMemory(1_000_000)
    async with await connect(shop.database_url) as connection:
        await connection.run(statements.BEGIN(), statements.of_tenants([shop.tenant_id]))

        async def slowly(*calls: Call) -> Results:
            results: Results = []
            for call in calls:
                results += await connection.run(call)
                await shop.transfer(ada, bora, 9)
            return results

        needs = Needs(streams={(shop.tenant_id, stream)})
        await fetch(connection, needs, memory, Fetched(), MASTER_KEYS, run=slowly)
    assert shop.rows().snapshots[stream][0] == 2 * SNAPSHOT_EVERY_EVENTS
    read = memory.tenant(shop.tenant_id).streams[stream]
    assert read.version == 2 * SNAPSHOT_EVERY_EVENTS - 1
    assert read.state.available == lira(19)


async def test_a_memory_that_lacks_an_event_is_dropped(shop: Shop) -> None:
    """It can not come about; were it so, money would be spent twice."""
    ada, bora = await shop.wallets(2, 100)
    last = shop.rows().events[-1]
    await shop.transfer(ada, bora, 90)
    await shop.transfer(ada, bora, 5)
    memory, tenant_id = LogMemory(1_000_000), shop.tenant_id
    known = memory.tenant(tenant_id)
    known.remember(f"wallet-{bora}", 2, _wallet(bora), 0)
    known.remember(f"wallet-{ada}", 1, _wallet(ada), 0)
    known.end = End(last.position, last.event_id, last.recorded_at)
    async with await connect(shop.database_url) as connection:
        _, _, since = await connection.run(
            statements.BEGIN(),
            statements.of_tenants([tenant_id]),
            statements.EVENTS_SINCE([tenant_id], [last.position]),
        )
        assert catching_up.catch_up(memory, Fetched(), [tenant_id], connection.rows(since)) == {}
    assert known.end is None
    assert not known.streams
