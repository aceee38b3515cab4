"""Folding a stretch of a log in parts, each written while the next one is folded."""

import asyncio
from collections.abc import Callable, Collection, Coroutine
from contextlib import suppress
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection, Error

from infrastructure.event_log.reader import Chunk
from infrastructure.postgres.pipelines import PipelinedConnection
from infrastructure.projections import checkpoints
from infrastructure.projections.folding import Lane, fold_log

PART_EVENTS = 20_000
"""So many events are merged into one write; while it is written the next ones are folded."""


Write = Callable[[Collection[Lane], int], Coroutine[Any, Any, None]]
"""Writes what lanes have gathered up to a position."""


async def fill(  # noqa: PLR0913 - whence, what, and where to
    write: Write,
    reader: PipelinedConnection,
    tenant_id: UUID,
    lanes: Collection[Lane],
    *,
    after: int,
    limit: int,
    ahead: bool,
) -> Chunk:
    """Fold up to `limit` events and have them written.

    If `ahead`, each part is written while the next is folded: nothing else uses `reader`. Else all
    of them are one part, read in the transaction that is open there.
    """
    writing: asyncio.Task[None] | None = None
    last = after
    try:
        while True:
            left = limit - (last - after)
            part = [lane.emptied() for lane in lanes]
            # The reader looks at the log anew for each part: it never idles while one is written.
            if ahead:
                await checkpoints.begin(reader, tenant_id)
            size = min(left, PART_EVENTS) if ahead else left
            chunk = await fold_log(reader, tenant_id, part, after=last, limit=size)
            if ahead:
                await reader.execute(b"COMMIT")
            if writing is not None:
                await writing
            last = chunk.last
            writing = asyncio.create_task(write(part, last))
            if not chunk.full or last - after >= limit:
                break
        await writing
    except BaseException:
        if writing is not None:
            # It is finished or fails on its own; only then may its connection be rolled back.
            await asyncio.gather(writing, return_exceptions=True)
        if ahead:
            await abandon(reader)
        raise
    return chunk


async def abandon(connection: AsyncConnection[Any]) -> None:
    """Roll back what is open; a connection that is gone has done so itself."""
    if not connection.closed:
        with suppress(Error):
            await connection.execute(b"ROLLBACK")
