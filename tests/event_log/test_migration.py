"""The log's tables: built once, whoever starts first, and ready to be distributed."""

import asyncio
import os
import sys
from typing import ClassVar
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from psycopg import sql

from domain.kernel.events import Event
from infrastructure.event_log.event_types import EVENT_TYPES, UPCASTERS, check_upcasters
from infrastructure.event_log.migrate import migrate
from infrastructure.postgres.connections import DatabaseUnsafe
from tests.event_log.shop import open_shop


def schema_of(database_url: str) -> list[tuple[object, ...]]:
    """Give what the catalogue says of the log's columns, constraints, policies and grants."""
    with psycopg.connect(database_url) as admin:
        return admin.execute(
            "SELECT 'column', table_name, column_name, data_type FROM information_schema.columns"
            " WHERE table_schema = 'defter' UNION ALL"
            " SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid)"
            " FROM pg_constraint WHERE connamespace = 'defter'::regnamespace UNION ALL"
            " SELECT 'policy', tablename, policyname, qual FROM pg_policies UNION ALL"
            " SELECT 'grant', table_name, grantee, privilege_type"
            " FROM information_schema.role_table_grants WHERE table_schema = 'defter'"
            " ORDER BY 1, 2, 3, 4"
        ).fetchall()


async def migrated_apart(database_url: str) -> int | None:
    """Migrate in a process of its own: Alembic keeps its connection in a global."""
    code = "import sys; from infrastructure.event_log.migrate import migrate; migrate(sys.argv[1])"
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        code,
        database_url,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    return await child.wait()


async def test_migrating_again_changes_nothing_and_loses_nothing(database_url: str) -> None:
    async with open_shop(database_url) as shop:
        await shop.wallets(3, 5)
        before, rows = schema_of(database_url), shop.rows()
        await asyncio.to_thread(migrate, database_url)
        assert schema_of(database_url) == before
        assert shop.rows() == rows
        await shop.wallets(0)
        assert shop.problems() == []


async def test_processes_that_start_together_migrate_one_after_the_other(
    empty_database_url: str, database_url: str
) -> None:
    await asyncio.gather(*(asyncio.to_thread(migrate, empty_database_url) for _ in range(4)))
    assert schema_of(empty_database_url) == schema_of(database_url)


async def test_databases_of_one_cluster_can_be_migrated_at_once(
    empty_database_url: str, other_empty_database_url: str
) -> None:
    urls = (empty_database_url, other_empty_database_url)
    for _ in range(3):
        assert await asyncio.gather(*(migrated_apart(url) for url in urls)) == [0, 0]
        for url in urls:
            with psycopg.connect(url, autocommit=True) as admin:
                admin.execute("DROP SCHEMA defter CASCADE")


OF_NO_TENANT = ["alembic_version", "faults", "schedules"]
"""Tables for operators, in which nothing of a tenant stands."""


def test_every_key_of_the_log_starts_with_the_tenant(module_database_url: str) -> None:
    with psycopg.connect(module_database_url) as admin:
        keys = admin.execute(
            "SELECT i.indrelid::regclass::text, a.attname FROM pg_index i"
            " JOIN pg_class c ON c.oid = i.indrelid"
            " JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]"
            " WHERE c.relnamespace = 'defter'::regnamespace AND i.indisunique"
            " AND NOT c.relname = ANY(%s)",
            (OF_NO_TENANT,),
        ).fetchall()
        assert len(keys) >= 8
        assert {column for _, column in keys} == {"tenant_id"}
        sequences = admin.execute(
            "SELECT count(*) FROM pg_class WHERE relkind = 'S'"
            " AND relnamespace = 'defter'::regnamespace"
        ).fetchone()
        assert sequences == (0,)


def test_a_gap_between_schemas_stops_the_start() -> None:
    class Grown(Event):
        NAME: ClassVar[str] = "test.grown"
        SCHEMA: ClassVar[int] = 3

    def add(fields: dict[str, object]) -> dict[str, object]:
        return fields

    types = {**EVENT_TYPES, Grown.NAME: Grown}
    check_upcasters(types, {**UPCASTERS, (Grown.NAME, 1): add, (Grown.NAME, 2): add})
    with pytest.raises(RuntimeError, match=r"test\.grown"):
        check_upcasters(types, {**UPCASTERS, (Grown.NAME, 1): add})
    with pytest.raises(RuntimeError, match=r"test\.grown"):
        check_upcasters(EVENT_TYPES, {**UPCASTERS, (Grown.NAME, 1): add})


async def test_a_database_that_does_not_keep_text_as_utf_8_is_refused(
    empty_database_url: str,
) -> None:
    bytes_alone = f"{urlsplit(empty_database_url).path.removeprefix('/')}_ascii"
    with psycopg.connect(empty_database_url, autocommit=True) as admin:
        admin.execute(
            sql.SQL(
                "CREATE DATABASE {} TEMPLATE template0 ENCODING 'SQL_ASCII'"
                " LOCALE 'C' LOCALE_PROVIDER libc"
            ).format(sql.Identifier(bytes_alone))
        )
        try:
            url = urlunsplit(urlsplit(empty_database_url)._replace(path=f"/{bytes_alone}"))
            with pytest.raises(DatabaseUnsafe, match="encoded as SQL_ASCII"):
                await asyncio.to_thread(migrate, url)
        finally:
            drop = sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(bytes_alone))
            admin.execute(drop)
