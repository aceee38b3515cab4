"""A lane's connection, which is opened when it is needed and cut when it falls silent."""

import asyncio
import select
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass

import structlog
from psycopg import Error
from psycopg.errors import Diagnostic

from infrastructure.event_log.writing import statements as sql
from infrastructure.postgres.connections import connect, cut
from infrastructure.postgres.pipelines import PipelinedConnection

OPEN_SECONDS_MAX = 6.0
BATCH_SECONDS_MAX = 8.0
"""A batch that takes longer is settled anew. Over the lock timeout, under a user's patience."""

WARNING_NOT_REPLICATED = "01000"

log = structlog.get_logger()


@dataclass(slots=True)
class Channel:
    """A lane's connection, opened when it is needed."""

    database_url: str
    connection: PipelinedConnection | None = None
    not_replicated: bool = False

    async def open(self) -> PipelinedConnection:
        """Give a connection that is idle outside any transaction."""
        if self.connection is not None and _was_ended(self.connection):
            await self.connection.close()
        if self.connection is None or self.connection.closed:
            self.connection = await asyncio.wait_for(connect(self.database_url), OPEN_SECONDS_MAX)
            self.connection.add_notice_handler(self._noticed)
        self.not_replicated = False
        return self.connection

    @contextmanager
    def watched(self) -> Generator[None]:
        """Cut the connection when what happens meanwhile takes too long.

        A peer that is silent but not gone would hold the lane for ever. Cutting sends no cancel
        request: a COMMIT on its way counts or not, and the next try learns which.
        """
        timer = asyncio.get_running_loop().call_later(BATCH_SECONDS_MAX, self.cut)
        try:
            yield
        finally:
            timer.cancel()

    def cut(self) -> None:
        """Shut the connection's socket down, so that whoever waits for it gets an error."""
        if self.connection is None or self.connection.closed:
            return
        log.warning("connection_cut")
        cut(self.connection)

    async def reset(self) -> None:
        """Leave a failed transaction; a broken connection is dropped."""
        connection = self.connection
        if connection is None:
            return
        try:
            with self.watched():
                await connection.run(sql.ROLLBACK())
        except Error:
            self.connection = None
            await connection.close()

    async def close(self) -> None:
        """Close for good."""
        if self.connection is not None:
            await self.connection.close()

    @property
    def lost(self) -> bool:
        """Whether an answer may have been lost with the connection."""
        return self.connection is None or self.connection.broken or self.not_replicated

    def _noticed(self, notice: Diagnostic) -> None:
        if notice.sqlstate == WARNING_NOT_REPLICATED:
            self.not_replicated = True


def _was_ended(connection: PipelinedConnection) -> bool:
    """Tell whether the other side ended a connection while it was idle: then nothing is lost."""
    if connection.closed:
        return False
    idle = select.poll()
    idle.register(connection.pgconn.socket, select.POLLIN)
    try:
        while idle.poll(0):
            connection.pgconn.consume_input()
    except Error:
        return True
    return False
