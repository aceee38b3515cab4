"""How Defter's processes meet PostgreSQL: as the role that can add and read, never change."""

import os
import socket
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from psycopg import AsyncConnection, AsyncCursor
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.pq import Format
from psycopg.rows import TupleRow

from infrastructure.postgres.pipelines import PipelinedConnection

RUNTIME_ROLE = "defter_app"
LOCK_TIMEOUT_SECONDS = 2
STATEMENT_TIMEOUT_SECONDS = 10
IDLE_IN_TRANSACTION_SECONDS = 2
CONNECT_TIMEOUT_SECONDS = 3


class DatabaseUnsafe(RuntimeError):
    """The database would let the running service change its own past."""


class BinaryCursor(AsyncCursor[TupleRow]):
    """Takes results in binary, which spares the hex of every `bytea`."""

    def __init__(self, *args: Any, **settings: Any) -> None:  # noqa: ANN401 - psycopg's own
        super().__init__(*args, **settings)
        self.format = Format.BINARY


def runtime_conninfo(
    database_url: str, *, statement_seconds: float = STATEMENT_TIMEOUT_SECONDS
) -> str:
    """Give the conninfo of a runtime connection: the role, the time limits, UTC.

    A `connect_timeout` in the URL is the operator's word and stays.
    The limits are also set on the role, for those who log in as it through a pooler that drops
    start-up options.
    """
    options = {
        "role": RUNTIME_ROLE,
        "lock_timeout": f"{LOCK_TIMEOUT_SECONDS}s",
        "statement_timeout": f"{int(statement_seconds * 1000)}",
        "idle_in_transaction_session_timeout": f"{IDLE_IN_TRANSACTION_SECONDS}s",
        "synchronous_commit": "on",
        "timezone": "UTC",
        "jit": "off",
        # Every query is of some tenants, and an index leads there. A plan that was kept from when a
        # table was small would read all of it for each row.
        "enable_seqscan": "off",
    }
    given = conninfo_to_dict(database_url)
    flags = " ".join(f"-c {name}={value}" for name, value in options.items())
    return make_conninfo(
        database_url,
        options=f"{given.get('options') or ''} {flags}".strip(),
        connect_timeout=given.get("connect_timeout") or CONNECT_TIMEOUT_SECONDS,
        application_name="defter",
        keepalives_idle=5,
        keepalives_interval=2,
        keepalives_count=3,
        tcp_user_timeout=10_000,
    )


def sqlalchemy_url(database_url: str) -> str:
    """Name psycopg as the driver in a database URL."""
    return urlunsplit(urlsplit(database_url)._replace(scheme="postgresql+psycopg"))


async def connect(
    database_url: str, *, statement_seconds: float = STATEMENT_TIMEOUT_SECONDS
) -> PipelinedConnection:
    """Open a runtime connection outside any transaction and check that its role is harmless."""
    connection = await PipelinedConnection.connect(
        runtime_conninfo(database_url, statement_seconds=statement_seconds),
        autocommit=True,
        cursor_factory=BinaryCursor,
    )
    cursor = await connection.execute(
        "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
    )
    row = await cursor.fetchone()
    if row is None or row[0]:
        await connection.close()
        raise DatabaseUnsafe("the runtime role must not be a superuser or bypass row security")
    return connection


def cut(connection: AsyncConnection[Any]) -> None:
    """Shut a connection's socket down, so that whoever waits for it gets an error.

    No cancel request is sent: a server that is silent would not answer that one either.
    """
    with suppress(OSError), socket.socket(fileno=os.dup(connection.fileno())) as own:
        own.shutdown(socket.SHUT_RDWR)
