"""Keeps what was refused to whom: gathered in memory, written in bulk, beside the log.

Who is let in pays nothing for it, and who is refused a line in a list. A refusal is no fact of the
log, so it may be lost where a process is killed within a second, or where more are refused than can
be written; the latter is counted.
"""

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import structlog
from prometheus_client import Counter
from psycopg import AsyncConnection, Error

from infrastructure.postgres.connections import connect

KEPT_STATUSES = frozenset({401, 403, 404, 409, 412, 422, 429})
WAITING_MAX = 20_000
"""So many refusals wait at most; further ones are only counted."""

ROWS_PER_WRITE_MAX = 5_000
PAUSE_SECONDS = 1.0
PRUNED_AFTER_DAYS = 400
"""Stands in the migration too, which is what lets a row go."""

_log = structlog.get_logger(__name__)
_SCOPE = b"SELECT set_config('app.tenants', %s, true)"
_ADD = b"""
INSERT INTO defter.refusals (tenant_id, at, refusal_id, actor, key_id, on_behalf_of, method, route,
    status, code, request_id, address_hash, tried_hash)
SELECT * FROM unnest(%s::uuid[], %s::timestamptz[], %s::uuid[], %s::text[], %s::text[], %s::text[],
    %s::text[], %s::text[], %s::smallint[], %s::text[], %s::text[], %s::text[], %s::text[])
"""

Hash = Callable[[UUID, str], Awaitable[str]]


class Refused(NamedTuple):
    """A request that was answered with no. `address` is kept as a keyed hash alone.

    `tried` is the keyed hash of the e-mail address that somebody could not log in with.
    """

    tenant_id: UUID
    at: datetime
    actor: str
    key_id: str | None
    on_behalf_of: str | None
    method: str
    route: str
    status: int
    code: str
    request_id: str
    address: str
    tried: str | None = None


class Refusals:
    """Takes refusals at once, and writes them when `run` comes to it."""

    def __init__(
        self, database_url: str, hash_of: Hash, dropped: Counter, *, waiting_max: int = WAITING_MAX
    ) -> None:
        self._database_url = database_url
        self._hash_of = hash_of
        self._dropped = dropped
        self._waiting_max = waiting_max
        self._waiting: list[Refused] = []
        self._connection: AsyncConnection[Any] | None = None

    def note(self, refused: Refused) -> None:
        """Take a refusal; it never waits."""
        if len(self._waiting) < self._waiting_max:
            self._waiting.append(refused)
        else:
            self._dropped.inc()

    async def run(self) -> None:
        """Write what has gathered, again and again, until cancelled."""
        while True:
            await asyncio.sleep(PAUSE_SECONDS)
            try:
                await self.flush()
            except (Error, OSError) as fault:
                _log.warning("refusals_not_written", error=type(fault).__name__)

    async def flush(self) -> None:
        """Write what waits; what can not be written goes on waiting."""
        while self._waiting:
            batch = self._waiting[:ROWS_PER_WRITE_MAX]
            try:
                await self._write(batch)
            except BaseException:
                await self._disconnect()
                raise
            del self._waiting[: len(batch)]

    async def close(self) -> None:
        """Write the last ones and let go of the connection."""
        try:
            await self.flush()
        except (Error, OSError) as fault:
            self._dropped.inc(len(self._waiting))
            _log.warning("refusals_lost", error=type(fault).__name__, count=len(self._waiting))
        await self._disconnect()

    async def _write(self, batch: list[Refused]) -> None:
        rows = [await self._row(refused) for refused in batch]
        if self._connection is None:
            self._connection = await connect(self._database_url)
        tenants = ",".join(sorted({str(refused.tenant_id) for refused in batch}))
        async with self._connection.transaction():
            await self._connection.execute(_SCOPE, (f"{{{tenants}}}",))
            await self._connection.execute(
                _ADD, [list(column) for column in zip(*rows, strict=True)]
            )

    async def _row(self, refused: Refused) -> tuple[object, ...]:
        hashed = await self._hash_of(refused.tenant_id, refused.address)
        *told, _, tried = refused
        tenant_id, at, *rest = told
        return (tenant_id, at, uuid.uuid4(), *rest, hashed, tried)

    async def _disconnect(self) -> None:
        if self._connection is not None:
            await self._connection.close()
            self._connection = None
