"""Tenants are strangers to one another, and the past is not changed: the database sees to it."""

from collections.abc import Generator
from typing import LiteralString
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege

from application.wallet.topups import TopUp
from application.wallet.transfers import TransferFunds
from application.wallet.wallets import OpenWallet
from infrastructure.postgres.connections import runtime_conninfo
from tests.event_log.shop import Shop, lira, open_books

TABLES: tuple[LiteralString, ...] = (
    "log_head",
    "events",
    "commands",
    "claims",
    "snapshots",
    "milestones",
    "subject_keys",
    "checkpoints",
)
APPEND_ONLY: tuple[LiteralString, ...] = ("log_head", "events", "commands")
STRANGER = UUID(int=7)


@pytest.fixture
def runtime(module_database_url: str) -> Generator[psycopg.Connection]:
    """A connection as the running service has it, in a transaction."""
    with psycopg.connect(runtime_conninfo(module_database_url)) as connection:
        yield connection
        connection.rollback()


def as_tenant(connection: psycopg.Connection, tenant: UUID | str) -> None:
    """Let a transaction see one tenant."""
    connection.execute("SELECT set_config('app.tenants', %s, true)", (f"{{{tenant}}}",))


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("setting", [None, "", "{}", f"{{{STRANGER}}}"])
async def test_who_names_no_tenant_or_another_one_sees_nothing(
    shop: Shop, runtime: psycopg.Connection, table: LiteralString, setting: str | None
) -> None:
    await shop.wallets(2, 5)
    if setting is not None:
        runtime.execute("SELECT set_config('app.tenants', %s, true)", (setting,))
    count = f"SELECT count(*) FROM defter.{table}"  # noqa: S608 - our own tables
    assert runtime.execute(count).fetchone() == (0,)


async def test_who_names_a_tenant_sees_that_one_alone(
    shop: Shop, runtime: psycopg.Connection
) -> None:
    async with shop.beside() as neighbour:
        neighbour.tenant_id = uuid4()
        neighbour.acknowledged = {}
        await open_books(neighbour)
        as_tenant(runtime, shop.tenant_id)
        seen = runtime.execute("SELECT DISTINCT tenant_id FROM defter.events").fetchall()
        assert seen == [(shop.tenant_id,)]


@pytest.mark.parametrize("named", [None, STRANGER])
async def test_a_row_of_another_tenant_can_not_be_written(
    shop: Shop, runtime: psycopg.Connection, named: UUID | None
) -> None:
    if named is not None:
        as_tenant(runtime, named)
    with pytest.raises(InsufficientPrivilege):
        runtime.execute("INSERT INTO defter.log_head (tenant_id) VALUES (%s)", (uuid4(),))
    runtime.rollback()
    if named is not None:
        as_tenant(runtime, named)
    with pytest.raises(InsufficientPrivilege):
        runtime.execute(
            "INSERT INTO defter.claims VALUES (%s, 'kind', 'key', 'owner')", (shop.tenant_id,)
        )


@pytest.mark.parametrize("table", TABLES)
def test_row_security_binds_even_the_owner_of_the_tables(
    module_database_url: str, table: str
) -> None:
    with psycopg.connect(module_database_url) as admin:
        assert admin.execute(
            "SELECT relrowsecurity, relforcerowsecurity FROM pg_class"
            " WHERE oid = ('defter.' || %s)::regclass",
            (table,),
        ).fetchone() == (True, True)


@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize("change", ["UPDATE {} SET tenant_id = tenant_id", "TRUNCATE {}"])
async def test_the_owner_and_a_superuser_can_not_change_the_past(
    shop: Shop, module_database_url: str, table: str, change: LiteralString
) -> None:
    await shop.wallets(1, 5)
    for role in (None, "replica"):
        with psycopg.connect(module_database_url) as admin:
            if role:
                admin.execute("SET session_replication_role = replica")
            with pytest.raises(InsufficientPrivilege, match=r"append-only"):
                admin.execute(change.format(f"defter.{table}"))  # type: ignore[arg-type]


@pytest.mark.parametrize("table", APPEND_ONLY)
async def test_nobody_deletes_from_the_past(
    shop: Shop, module_database_url: str, table: LiteralString
) -> None:
    await shop.wallets(1, 5)
    with (
        psycopg.connect(module_database_url) as admin,
        pytest.raises(InsufficientPrivilege, match=r"append-only|pruned"),
    ):
        admin.execute(f"DELETE FROM defter.{table}")  # noqa: S608 - our own tables


@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize(
    "change", ["UPDATE {} SET tenant_id = tenant_id", "DELETE FROM {}", "TRUNCATE {}"]
)
async def test_the_running_service_can_not_change_the_past(
    shop: Shop, runtime: psycopg.Connection, table: str, change: LiteralString
) -> None:
    as_tenant(runtime, shop.tenant_id)
    with pytest.raises(InsufficientPrivilege):
        runtime.execute(change.format(f"defter.{table}"))  # type: ignore[arg-type]


def test_the_service_refuses_to_run_as_one_who_could_change_its_past(
    module_database_url: str,
) -> None:
    with psycopg.connect(runtime_conninfo(module_database_url)) as runtime:
        row = runtime.execute(
            "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles"
            " WHERE rolname = current_user"
        ).fetchone()
        assert row == (False, False, False, False)
        owned = runtime.execute(
            "SELECT count(*) FROM pg_class WHERE relowner = current_user::regrole"
        ).fetchone()
        assert owned == (0,)


async def test_another_tenants_wallet_is_as_absent_as_none(shop: Shop) -> None:
    ada, _ = await shop.wallets(2, 100)
    async with shop.beside() as neighbour:
        neighbour.tenant_id = uuid4()
        neighbour.acknowledged = {}
        await open_books(neighbour)
        assert await neighbour.refusal(TopUp(ada, lira(5))) == "wallet.not_found"
        mine = await neighbour.wallets(1, 50)
        assert mine == [ada], "the same id in another tenant is another wallet"
        stranger = TransferFunds(ada, "wal_00000001", lira(1))
        assert await neighbour.refusal(stranger) == "wallet.not_found"
        assert neighbour.problems() == []
    assert shop.balances()[ada] == 100


async def test_one_batch_of_many_tenants_keeps_each_log_to_itself(shop: Shop) -> None:
    neighbours: list[Shop] = []
    for _ in range(12):
        neighbour = Shop(shop.writer, shop.database_url, uuid4())
        await open_books(neighbour)
        neighbours.append(neighbour)
    envelopes = [
        (neighbour, neighbour.envelope(command))
        for n in range(3)
        for neighbour in neighbours
        for command in neighbour_commands(n)
    ]
    answers = await shop.writer.send_many([envelope for _, envelope in envelopes])
    for (neighbour, envelope), answer in zip(envelopes, answers, strict=True):
        assert not isinstance(answer, BaseException), answer
        neighbour.note(envelope, answer)
    for neighbour in neighbours:
        assert neighbour.problems() == []
        assert len(neighbour.rows().events) == 2 + 6


def neighbour_commands(n: int) -> list[object]:
    """Open a wallet and fill it."""
    return [OpenWallet(f"cus_{n}", "TRY", f"wal_{n}"), TopUp(f"wal_{n}", lira(n + 1))]
