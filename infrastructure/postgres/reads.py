"""Answers from read models: one consistent look at one tenant, never silently stale."""

import asyncio
import time
from collections.abc import AsyncGenerator, Collection, Sequence
from contextlib import asynccontextmanager
from typing import NamedTuple
from uuid import UUID

from psycopg import OperationalError
from psycopg.pq import TransactionStatus
from psycopg_pool import AsyncConnectionPool

from application.processes.registry import PROCESSES
from infrastructure.postgres.arrays import Text, Texts, Uuid
from infrastructure.postgres.asking import call_of
from infrastructure.postgres.connections import cut, runtime_conninfo
from infrastructure.postgres.pipelines import Call, PipelinedConnection, Results, Statement
from infrastructure.postgres.together import Together
from projections.query import Asked, Rows
from projections.read_models import READ_MODELS

POOL_MIN = 1
POOL_MAX = 8
POOL_WAIT_SECONDS = 2.0
CATCH_UP_SECONDS = 2.0
TRUST_SECONDS = 1.0
"""A connection that answered so lately is not asked for a sign of life before it is used."""

LOOKS_AGAIN_SECONDS = (0.002, 0.005, 0.01, 0.02)
"""How long to wait between looks at a checkpoint; the last one repeats."""

_KEYS = {read_model.name: read_model.key for read_model in READ_MODELS} | {
    process.key: process.key for process in PROCESSES
}
"""What follows the logs, and what its checkpoints are filed under."""

_READ_ONLY = Statement("", "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
_ROLLBACK = Statement("", "ROLLBACK")
"""Past psycopg, which takes it for a reason to prepare all statements anew."""

_SET_TENANT = Statement("set_tenant", "SELECT set_config('app.tenants', $1, true)", Text)
_SET_TENANT_AND_PLAN = Statement(
    "set_tenant_and_plan",
    "SELECT set_config('app.tenants', $1, true),"
    " set_config('plan_cache_mode', 'force_generic_plan', true)",
    Text,
)
"""A question that is asked by itself is found by an index whatever its values are. PostgreSQL would
plan a page anew for each caller, as it can not know how many rows a `LIMIT $1` is; that took three
quarters of its time."""

_STANDS_AT = Statement(
    "stands_at",
    """
SELECT coalesce(min(coalesce(c.position, 0)), 0) FROM unnest($1) AS v(projection)
LEFT JOIN defter.checkpoints c ON c.tenant_id = $2 AND c.projection = v.projection
""",
    Texts,
    Uuid,
)


BEGINNING = 3
"""So many calls every look begins with."""

Kind = tuple[UUID, tuple[str, ...]]
"""A tenant, and what its answers are told by: of such questions one look tells the position."""


class NotCaughtUp(RuntimeError):
    """The read models did not reach the position asked for in time; asking again may help."""

    code = "service.read_model_behind"

    def __init__(self, *, reached: int, asked: int) -> None:
        super().__init__(f"read models stand at {reached}, asked for {asked}")
        self.reached = reached
        self.asked = asked


class Patience:
    """Waits a little longer each time for the read models, up to a deadline."""

    def __init__(self, deadline_seconds: float) -> None:
        self._deadline = time.monotonic() + deadline_seconds
        self._looks = 0

    async def wait(self, *, reached: int, asked: int) -> None:
        """Wait before the next look, or raise `NotCaughtUp` where that would be too late."""
        pause = LOOKS_AGAIN_SECONDS[min(self._looks, len(LOOKS_AGAIN_SECONDS) - 1)]
        self._looks += 1
        if time.monotonic() + pause > self._deadline:
            raise NotCaughtUp(reached=reached, asked=asked)
        await asyncio.sleep(pause)


class Look(NamedTuple):
    """A read-only transaction on one tenant, and the log position its answers stand at."""

    connection: PipelinedConnection
    position: int
    told: Sequence[Rows] = ()
    """The rows of what was asked with its beginning."""

    async def last(self, *asked: Asked) -> list[Rows]:
        """Ask what is left to ask: the look ends in the same round trip."""
        *results, _ = await self.connection.run(*map(call_of, asked), _ROLLBACK())
        return [self.connection.rows(result) for result in results]


class Reads:
    """A pool of connections that only look. Open it before use, close it at the end."""

    def __init__(
        self, database_url: str, *, size: int = POOL_MAX, wait_seconds: float = POOL_WAIT_SECONDS
    ) -> None:
        self._wait_seconds = wait_seconds
        self._trusts_from = 0.0
        self._together = Together[Kind](self._look)
        self._pool = AsyncConnectionPool[PipelinedConnection](
            runtime_conninfo(database_url),
            connection_class=PipelinedConnection,
            min_size=POOL_MIN,
            max_size=size,
            timeout=wait_seconds,
            kwargs={"autocommit": True, "prepare_threshold": 2},
            check=self._check,
            open=False,
            name="reads",
        )

    async def open(self) -> None:
        """Start connecting; a database that is away is tried again in the background."""
        await self._pool.open()

    async def close(self) -> None:
        """Close all connections."""
        await self._pool.close()

    @asynccontextmanager
    async def tenant(
        self,
        tenant_id: UUID,
        *,
        projections: Collection[str],
        min_position: int | None = None,
        deadline_seconds: float = CATCH_UP_SECONDS,
        asked: Sequence[Asked] = (),
    ) -> AsyncGenerator[Look]:
        """Look at one tenant. With `min_position`, wait for it and raise `NotCaughtUp` at last.

        `projections` are those whose tables will be asked: names of read models, keys of processes.
        What is `asked` comes with the beginning of the look.
        """
        keys = [_KEYS[name] for name in projections]
        beginning = *_beginning(tenant_id, keys), *map(call_of, asked)
        patience = Patience(deadline_seconds)
        while True:
            async with self._pool.connection() as connection:
                try:
                    async with self._in_time(connection):
                        results = await connection.run(*beginning)
                except OperationalError:
                    if not self._trusted():
                        raise
                    continue
                position = _position(connection, results)
                try:
                    if position >= (min_position or 0):
                        told = [connection.rows(result) for result in results[BEGINNING:]]
                        yield Look(connection, position, told)
                        return
                finally:
                    if connection.pgconn.transaction_status != TransactionStatus.IDLE:
                        await connection.run(_ROLLBACK())
            # Nobody waits with a connection in hand: the pool is for those who can be answered.
            await patience.wait(reached=position, asked=min_position or 0)

    async def ask(
        self,
        tenant_id: UUID,
        *asked: Asked,
        projections: Collection[str],
        min_position: int | None = None,
        deadline_seconds: float = CATCH_UP_SECONDS,
    ) -> tuple[int, list[Rows]]:
        """Ask several questions of one moment in one round trip; else as `tenant`.

        Gives the position of the answers, and the rows of each.
        """
        kind = tenant_id, tuple(_KEYS[name] for name in projections)
        calls = [call_of(one) for one in asked]
        patience = Patience(deadline_seconds)
        while True:
            position, rows = await self._together.ask(kind, calls)
            if position >= (min_position or 0):
                return position, rows
            await patience.wait(reached=position, asked=min_position or 0)

    async def _look(
        self, kind: Kind, calls: Sequence[Call], wanted: Sequence[Sequence[int]]
    ) -> tuple[int, list[list[Rows]]]:
        """Carry calls out in one look; give to each who asks the rows of theirs."""
        tenant_id, keys = kind
        beginning = _beginning(tenant_id, list(keys), scope=_SET_TENANT_AND_PLAN)
        whole = (*beginning, *calls, _ROLLBACK())
        while True:
            try:
                async with self._pool.connection() as connection, self._in_time(connection):
                    results = await connection.run(*whole)
                    told = [connection.rows(result) for result in results[BEGINNING:-1]]
                    rows = [[told[place] for place in one] for one in wanted]
                    return _position(connection, results), rows
            except OperationalError:
                if not self._trusted():
                    raise

    async def _check(self, connection: PipelinedConnection) -> None:
        """Ask the server for a sign of life, unless it gave one just now."""
        if connection.answered_at > max(time.monotonic() - TRUST_SECONDS, self._trusts_from):
            return
        async with self._in_time(connection):
            await AsyncConnectionPool.check_connection(connection)

    def _trusted(self) -> bool:
        """Whether a connection may have been lost since it answered; from now on each is asked."""
        now = time.monotonic()
        trusted = self._trusts_from < now - TRUST_SECONDS
        self._trusts_from = now
        return trusted

    @asynccontextmanager
    async def _in_time(self, connection: PipelinedConnection) -> AsyncGenerator[None]:
        """Cut a connection whose server is silent but not gone: it would hold everyone."""
        timer = asyncio.get_running_loop().call_later(self._wait_seconds, cut, connection)
        try:
            yield
        finally:
            timer.cancel()
        connection.answered_at = time.monotonic()

    @asynccontextmanager
    async def lookup(self) -> AsyncGenerator[PipelinedConnection]:
        """Lend a connection that sees no tenant, for the directory's look-up functions."""
        began = time.monotonic()
        async with self._pool.connection() as connection:
            if connection.answered_at < began:
                # What is done with it is not timed here, so that it answered lately is not enough.
                async with self._in_time(connection):
                    await AsyncConnectionPool.check_connection(connection)
            yield connection


def _beginning(
    tenant_id: UUID, keys: list[str], *, scope: Statement = _SET_TENANT
) -> tuple[Call, Call, Call]:
    """Give what every look begins with; the last call tells where the read models stand."""
    return _READ_ONLY(), scope(f"{{{tenant_id}}}"), _STANDS_AT(keys, tenant_id)


def _position(connection: PipelinedConnection, results: Results) -> int:
    ((position,),) = connection.rows(results[2])
    return position
