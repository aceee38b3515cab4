"""Roles by which auditors look into the database: each sees one tenant, and changes nothing.

What a role may see stands in the policies of the tables, which ask who logged in; what is set on
the role (only reading, time limits) is for its owner's own good, who may set it otherwise.
"""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, LiteralString, NamedTuple
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import class_row
from psycopg.sql import SQL, Identifier, Literal

GROUP = "defter_auditor"
CONNECTIONS_MAX = 4
STATEMENT_SECONDS_MAX = 300
IDLE_IN_TRANSACTION_SECONDS = 60
LOCK_SECONDS_MAX = 2
PASSWORD_BYTES = 32
ENDING_MILLISECONDS_MAX = 5_000

LIMITS = {
    "default_transaction_read_only": "on",
    "statement_timeout": f"{STATEMENT_SECONDS_MAX}s",
    "idle_in_transaction_session_timeout": f"{IDLE_IN_TRANSACTION_SECONDS}s",
    "lock_timeout": f"{LOCK_SECONDS_MAX}s",
    "search_path": "defter, read_models",
    "timezone": "UTC",
}

Connection = AsyncConnection[Any]


class AccessTooWide(RuntimeError):
    """The database lets everybody do what an auditor must not; `found` says what."""

    def __init__(self, found: Sequence[str]) -> None:
        super().__init__("; ".join(found))


class RoleExists(RuntimeError):
    """Somebody made a role of this name."""


class Access(NamedTuple):
    """An auditor's access as it stands."""

    tenant_id: UUID
    auditor: str
    role: str
    granted_at: datetime
    until: datetime | None
    sessions: int


def role_of(tenant_id: UUID, auditor: str) -> str:
    """Name an auditor's role: roles belong to the whole server, so the tenant is part of it."""
    return f"auditor_{auditor}_{tenant_id.hex[:12]}"


async def make_role(
    connection: Connection, tenant_id: UUID, auditor: str, until: datetime | None
) -> str:
    """Make the role in the open transaction and bind it to its tenant; gives its password.

    Raises `RoleExists`, and `AccessTooWide` where the role could do more than it should.
    """
    role, password = role_of(tenant_id, auditor), secrets.token_urlsafe(PASSWORD_BYTES)
    if await _one(connection, _THERE, {"role": role}) is not None:
        raise RoleExists(f"there is a role {role!r} already")
    # Only the verifier leaves this process: the server's log may hold statements.
    verifier = connection.pgconn.encrypt_password(
        password.encode(), role.encode(), b"scram-sha-256"
    ).decode()
    name = Identifier(role)
    await connection.execute(
        SQL(
            "CREATE ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS"
            " CONNECTION LIMIT {} PASSWORD {} VALID UNTIL {}"
        ).format(
            name,
            Literal(CONNECTIONS_MAX),
            Literal(verifier),
            Literal("infinity" if until is None else until.isoformat()),
        )
    )
    for setting, value in LIMITS.items():
        given = SQL(", ").join(map(Literal, value.split(", ")))
        await connection.execute(
            SQL("ALTER ROLE {} SET {} = {}").format(name, Identifier(setting), given)
        )
    await connection.execute(SQL("GRANT {} TO {}").format(Identifier(GROUP), name))
    await _keep_from_temporary_tables(connection)
    await connection.execute(
        "INSERT INTO defter.auditors (tenant_id, auditor, role, until) VALUES (%s, %s, %s, %s)",
        (tenant_id, auditor, role, until),
    )
    found = await too_wide(connection, role)
    if found:
        raise AccessTooWide(found)
    return password


async def end_role(connection: Connection, tenant_id: UUID, auditor: str) -> int:
    """Take a role away and end its sessions, outside any transaction; gives how many there were.

    May be repeated, and finishes what was interrupted.
    """
    role = role_of(tenant_id, auditor)
    name = Identifier(role)
    there = await _one(connection, _ROLE, {"role": role}) is not None
    async with connection.transaction():
        if there:
            await connection.execute(SQL("ALTER ROLE {} NOLOGIN").format(name))
        await connection.execute(
            "DELETE FROM defter.auditors WHERE tenant_id = %s AND auditor = %s",
            (tenant_id, auditor),
        )
    if not there:
        return 0
    # Whoever is no superuser ends sessions of roles they belong to.
    await connection.execute(SQL("GRANT {} TO CURRENT_USER").format(name))
    ended = await connection.execute(
        "SELECT pg_terminate_backend(pid, %s) FROM pg_stat_activity WHERE usename = %s",
        (ENDING_MILLISECONDS_MAX, role),
    )
    sessions = len(await ended.fetchall())
    await connection.execute(SQL("DROP ROLE {}").format(name))
    return sessions


async def accesses(connection: Connection) -> list[Access]:
    """Give all access there is, of all tenants, by tenant and name."""
    async with connection.cursor(row_factory=class_row(Access)) as cursor:
        await cursor.execute(
            "SELECT tenant_id, auditor, role, granted_at, until, (SELECT count(*)"
            " FROM pg_stat_activity WHERE usename = role) AS sessions"
            " FROM defter.auditors ORDER BY tenant_id, auditor"
        )
        return await cursor.fetchall()


_ROLE: LiteralString = "SELECT FROM pg_roles WHERE rolname = %(role)s"
_THERE: LiteralString = """
SELECT FROM pg_roles WHERE rolname = %(role)s
UNION ALL SELECT FROM defter.auditors WHERE role = %(role)s"""
_DATABASE: LiteralString = """
SELECT quote_ident(datname), pg_has_role(datdba, 'MEMBER') FROM pg_database
WHERE datname = current_database()"""
_WIDE: tuple[LiteralString, ...] = (
    """
SELECT 'it may make temporary tables: REVOKE TEMPORARY ON DATABASE '
    || quote_ident(current_database()) || ' FROM PUBLIC'
WHERE has_database_privilege(%(role)s, current_database(), 'CREATE, TEMPORARY')""",
    """
SELECT format('it may make objects in schema %%I', nspname) FROM pg_namespace
WHERE has_schema_privilege(%(role)s, oid, 'CREATE')""",
    """
SELECT format('it may change %%s', c.oid::regclass) FROM pg_class c
WHERE relkind IN ('r', 'p', 'v', 'm', 'f') AND c.oid >= 16384
  AND (has_table_privilege(%(role)s, c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')
       OR has_any_column_privilege(%(role)s, c.oid, 'INSERT, UPDATE'))""",
    """
SELECT format('it may set %%s', c.oid::regclass) FROM pg_class c
WHERE CASE relkind
    WHEN 'S' THEN has_sequence_privilege(%(role)s, c.oid, 'USAGE, UPDATE') END""",
    """
SELECT format('it may call %%s as another role', p.oid::regprocedure) FROM pg_proc p
WHERE prosecdef AND p.oid >= 16384 AND p.oid <> 'defter.audited_tenant()'::regprocedure
  AND has_function_privilege(%(role)s, p.oid, 'EXECUTE')""",
)


async def too_wide(connection: Connection, role: str) -> list[str]:
    """Tell what a role may do beyond looking; nothing, where all is as it should be."""
    found: list[str] = []
    for query in _WIDE:
        rows = await connection.execute(query, {"role": role})
        found += [row[0] for row in await rows.fetchall()]
    return found


async def _keep_from_temporary_tables(connection: Connection) -> None:
    # Every role may make them unless the database says otherwise, and Defter makes none.
    row = await _one(connection, _DATABASE)
    if row is not None and row[1]:
        await connection.execute(
            SQL("REVOKE TEMPORARY ON DATABASE {} FROM PUBLIC").format(SQL(row[0]))
        )


async def _one(
    connection: Connection, query: LiteralString, given: Mapping[str, object] | None = None
) -> Any:  # noqa: ANN401 - a row
    return await (await connection.execute(query, given)).fetchone()
