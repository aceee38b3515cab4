"""What is secret and stands beside the log: connections to it, and how its secrets are made.

Nothing of it can be used by whoever reads it: passwords are kept as slow hashes, and tokens, which
hold 256 bits of chance, as SHA-256.
"""

import hashlib
import secrets
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from infrastructure.postgres.connections import runtime_conninfo

CONNECTIONS_MAX = 4
WAIT_SECONDS = 2.0
SECRET_BYTES = 32

_SCOPE = b"SELECT set_config('app.tenants', %s, true)"


class Secret(NamedTuple):
    """A token for its bearer, and what is kept of it."""

    text: str
    kept: str


def new_secret(prefix: str) -> Secret:
    """Make a token that says by its prefix what it is."""
    text = f"{prefix}_{secrets.token_urlsafe(SECRET_BYTES)}"
    return Secret(text, kept_of(text))


def kept_of(text: str) -> str:
    """Give what is kept of a token."""
    return hashlib.sha256(text.encode()).hexdigest()


class Vault:
    """A few connections that write secrets. Open it before use, close it at the end."""

    def __init__(self, database_url: str) -> None:
        self._pool = AsyncConnectionPool[AsyncConnection[Any]](
            runtime_conninfo(database_url),
            min_size=1,
            max_size=CONNECTIONS_MAX,
            timeout=WAIT_SECONDS,
            kwargs={"autocommit": True},
            check=AsyncConnectionPool.check_connection,
            open=False,
            name="vault",
        )

    async def open(self) -> None:
        """Start connecting; a database that is away is tried again in the background."""
        await self._pool.open()

    async def close(self) -> None:
        """Close all connections."""
        await self._pool.close()

    @asynccontextmanager
    async def tenant(self, tenant_id: UUID) -> AsyncGenerator[AsyncConnection[Any]]:
        """Lend a connection in a transaction that sees one tenant."""
        async with self._pool.connection() as connection, connection.transaction():
            await connection.execute(_SCOPE, (f"{{{tenant_id}}}",))
            yield connection
