"""Tenants kept apart, waiting for a position, and look-ups before a tenant is known."""

import asyncio
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from application.tenants.tenants import PLATFORM
from domain.kernel.events import Event, Personal
from domain.tenants.events import (
    DomainMapped,
    KeyExpirySet,
    KeyIssued,
    KeyRevoked,
    StaffAdded,
    StaffReactivated,
    StaffSuspended,
    TenantCreated,
    TenantSuspended,
)
from infrastructure.postgres.connections import connect
from infrastructure.postgres.reads import NotCaughtUp, Reads
from projections.read_models import READ_MODELS
from projections.tenants.directory import keys, staff, tenant
from projections.tenants.lookups import PLATFORM_LOG
from projections.wallet.balances import bonus_lots, wallet, wallets, wallets_of
from projections.wallet.holds import hold, holds
from tests.kit.lively.whole import lively
from tests.projections.stepping import catch_up
from tests.projections.written_logs import Log

SHOP = uuid4()
LAST = datetime(2030, 1, 1, tzinfo=UTC)


def directory_events() -> tuple[Event, ...]:
    shop = str(SHOP)
    issued = [
        KeyIssued(
            shop,
            f"key_{n:04}",
            "secret",
            f"hash-{n}",
            "…abcd",
            "stf_1",
            ("wallet.read", "*"),
            ("10.0.0.0/8",),
            None,
        )
        for n in range(3)
    ]
    return (
        TenantCreated(shop, "shop", "The Shop", test=True),
        DomainMapped(shop, "shop.example"),
        StaffAdded(shop, "stf_1", Personal("stf_1", "Ayşe")),
        *issued,
        KeyExpirySet(shop, "key_0001", LAST),
        KeyRevoked(shop, "key_0002"),
        TenantSuspended(shop, Personal(shop, "unpaid")),
        StaffSuspended(shop, "stf_1"),
        StaffReactivated(shop, "stf_1"),
    )


async def test_keys_and_hosts_are_looked_up_without_a_tenant(database_url: str) -> None:
    assert UUID(PLATFORM_LOG) == PLATFORM
    log, impostor = Log(PLATFORM), Log()
    log.record(directory_events())
    log.store(database_url)
    impostor.record((TenantCreated(str(uuid4()), "evil", "Evil", test=False),))
    impostor.record((DomainMapped(str(impostor.events[0][3].key), "evil.example"),))
    impostor.store(database_url)
    async with await connect(database_url) as connection:
        for one in (log, impostor):
            assert await catch_up(connection, one.tenant_id) == ()
    reads = Reads(database_url)
    await reads.open()
    async with reads.lookup() as connection:
        cursor = await connection.execute(
            "SELECT * FROM read_models.key_by_hash_v2(%s)", ("hash-1",)
        )
        assert await cursor.fetchall() == [
            (
                SHOP,
                "shop",
                True,
                "key_0001",
                "secret",
                "stf_1",
                ["wallet.read", "*"],
                ["10.0.0.0/8"],
                LAST,
                None,
                True,
                False,
            )
        ]
        cursor = await connection.execute(
            "SELECT tenant, slug FROM read_models.tenant_by_domain_v2('shop.example')"
        )
        assert await cursor.fetchall() == [(SHOP, "shop")]
        cursor = await connection.execute(
            "SELECT * FROM read_models.tenant_by_domain_v2('evil.example')"
        )
        assert await cursor.fetchall() == []
        cursor = await connection.execute("SELECT count(*) FROM read_models.tenant_keys_v2")
        assert await cursor.fetchone() == (0,)
    async with reads.tenant(PLATFORM, projections=("tenant_directory",)) as look:
        found = await keys(look.connection, PLATFORM, SHOP, limit=10)
        assert [(key["key_id"], key["revoked_at"] is None) for key in found] == [
            ("key_0000", True),
            ("key_0001", True),
            ("key_0002", False),
        ]
        assert all("key_hash" not in key for key in found)
        (person,) = await staff(look.connection, PLATFORM, SHOP, limit=10)
        assert (person["name_subject"], person["name_sealed"]) == ("stf_1", "sealed:stf_1")
        row = await tenant(look.connection, PLATFORM, SHOP)
        assert row is not None
        assert row["slug"] == "shop"
    await reads.close()


@pytest.mark.parametrize("table", [table.name for model in READ_MODELS for table in model.tables])
async def test_no_tenant_sees_or_writes_rows_of_another(database_url: str, table: str) -> None:
    log = lively(PLATFORM)
    log.record(directory_events())
    log.store(database_url)
    async with await connect(database_url) as connection:
        await catch_up(connection, PLATFORM)
        count = f"SELECT count(*) FROM read_models.{table}".encode()  # noqa: S608
        assert await (await connection.execute(count)).fetchone() == (0,)
        async with connection.transaction():
            scope = "SELECT set_config('app.tenants', %s, true)"
            await connection.execute(scope, (f"{{{uuid4()}}}",))
            assert await (await connection.execute(count)).fetchone() == (0,)
            await connection.execute(scope, (f"{{{PLATFORM}}}",))
            row = await (await connection.execute(count)).fetchone()
            assert row is not None
            assert row[0] > 0


async def test_an_answer_waits_for_its_position_and_is_refused_past_the_deadline(
    database_url: str,
) -> None:
    log = lively()
    log.store(database_url, last=10)
    reads = Reads(database_url)
    await reads.open()
    async with await connect(database_url) as connection:
        await catch_up(connection, log.tenant_id)
        with pytest.raises(NotCaughtUp):
            async with reads.tenant(
                log.tenant_id,
                projections=("wallet_balances",),
                min_position=11,
                deadline_seconds=0.1,
            ):
                pass
        log.store(database_url, first=11)

        async def look() -> int:
            async with reads.tenant(
                log.tenant_id, projections=("wallet_balances",), min_position=11
            ) as found:
                return found.position

        waiting = asyncio.create_task(look())
        await catch_up(connection, log.tenant_id)
        assert await waiting == len(log.events)
    await reads.close()


async def test_wallets_and_holds_are_found(database_url: str) -> None:
    log = lively()
    log.store(database_url)
    async with await connect(database_url) as connection:
        await catch_up(connection, log.tenant_id)
    reads = Reads(database_url)
    await reads.open()
    of = log.tenant_id
    async with reads.tenant(of, projections=("wallet_balances", "wallet_holds")) as look:
        connection = look.connection
        row = await wallet(connection, of, "wal_aaaa")
        assert row is not None
        assert row["available"] == log.wallet("wal_aaaa").available.minor
        assert await wallet(connection, of, "wal_zzzz") is None
        assert (row["bonus"], row["status"]) == (0, "open")
        (row,) = await wallets_of(connection, of, "usr_wal_bbbb", limit=9)
        assert (row["wallet_id"], row["bonus"], row["status"]) == ("wal_bbbb", 300, "frozen")
        assert await wallets_of(connection, of, "usr_wal_bbbb", after="wal_bbbb", limit=9) == []
        (lot,) = await bonus_lots(connection, of, "wal_bbbb")
        assert (lot["lot_id"], lot["campaign"], lot["remaining"]) == ("bon_0002", "spring", 300)
        assert await bonus_lots(connection, of, "wal_aaaa") == []
        first = await wallets(connection, of, limit=1)
        second = await wallets(connection, of, after=first[0]["wallet_id"], limit=9)
        assert [w["wallet_id"] for w in first + second] == ["wal_aaaa", "wal_bbbb", "wal_cccc"]
        found = await hold(connection, of, "hld_0001")
        assert found is not None
        assert [(c["amount"], c["refunded"]) for c in found["captures"]] == [(1500, 0), (1500, 500)]
        listed = await holds(connection, of, "wal_aaaa", only_open=False, limit=9)
        assert [h["status"] for h in listed] == ["captured", "released"]
        assert await holds(connection, of, "wal_aaaa", only_open=True, limit=9) == []
    await reads.close()
