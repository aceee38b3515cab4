"""Two tenants of one database, and an auditor of the first."""

import asyncio
from collections.abc import Generator
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

import psycopg
import pytest
from psycopg import AsyncConnection
from psycopg.sql import SQL, Identifier

from infrastructure.audit.database_access import end_role, make_role, role_of
from infrastructure.postgres.connections import connect
from tests.kit.lively.whole import lively
from tests.projections.stepping import catch_up
from tests.projections.written_logs import Log


@dataclass
class Books:
    """Two tenants of one database, and the role of the first one's auditor."""

    url: str
    mine: Log
    neighbour: Log
    role: str
    password: str

    def look(self) -> psycopg.Connection:
        """Log in as the auditor."""
        address = urlsplit(self.url)
        host = f"{self.role}:{self.password}@{address.hostname}:{address.port}"
        return psycopg.connect(urlunsplit(address._replace(netloc=host)), autocommit=True)


@pytest.fixture(scope="module")
def audited(module_database_url: str) -> Generator[Books]:
    yield asyncio.run(prepared(module_database_url))
    # Roles outlive databases.
    with psycopg.connect(module_database_url) as owner:
        rows = owner.execute("SELECT tenant_id, auditor FROM defter.auditors").fetchall()
    for tenant_id, auditor in rows:
        asyncio.run(ended(module_database_url, tenant_id, auditor))


async def prepared(url: str) -> Books:
    mine, neighbour = lively(), lively()
    async with await connect(url) as runtime:
        for log in (mine, neighbour):
            log.store(url)
            await catch_up(runtime, log.tenant_id)
    return await granted(url, mine, neighbour, "kpmg")


async def granted(
    url: str, mine: Log, neighbour: Log, auditor: str, until: datetime | None = None
) -> Books:
    async with await AsyncConnection.connect(url) as owner:
        password = await make_role(owner, mine.tenant_id, auditor, until)
    return Books(url, mine, neighbour, role_of(mine.tenant_id, auditor), password)


async def ended(url: str, tenant_id: UUID, auditor: str) -> int:
    async with await AsyncConnection.connect(url, autocommit=True) as owner:
        return await end_role(owner, tenant_id, auditor)


@pytest.fixture
def look(audited: Books) -> Generator[psycopg.Connection]:
    with audited.look() as connection:
        yield connection


@pytest.fixture
def owner(module_database_url: str) -> Generator[psycopg.Connection]:
    with psycopg.connect(module_database_url, autocommit=True) as connection:
        yield connection


def tables(owner: psycopg.Connection, schema: str) -> set[str]:
    rows = owner.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = %s::text::regnamespace"
        " AND relkind IN ('r', 'p', 'v', 'm', 'f')",
        (schema,),
    )
    return {name for (name,) in rows}


def tenants_in(connection: psycopg.Connection, schema: str, table: str) -> set[UUID]:
    query = SQL("SELECT DISTINCT tenant_id FROM {}.{}").format(
        Identifier(schema), Identifier(table)
    )
    return {tenant_id for (tenant_id,) in connection.execute(query)}
