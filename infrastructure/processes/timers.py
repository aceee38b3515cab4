"""Timers that are due become commands, each once, whoever looks and whatever is killed."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from psycopg import AsyncConnection

from application.sending import NotDecided, Outcome
from application.timers import TIMERS
from infrastructure.processes.advance import Sender, envelope_of
from infrastructure.projections import checkpoints

FIRED_AT_ONCE_MAX = 1_000
TRY_AGAIN_AFTER = timedelta(minutes=1)
"""When a timer is tried again whose command failed; an operator sees the error meanwhile."""

_log = structlog.get_logger("timers")

_DUE_TENANTS = b"SELECT tenant_id, now FROM defter.timers_due(%s)"
_DUE = b"""
SELECT timer, key, due_at, event_id FROM defter.timers
WHERE tenant_id = %s AND try_at <= %s AND timer = ANY(%s)
ORDER BY try_at, timer, key LIMIT %s FOR UPDATE SKIP LOCKED
"""
_FIRED = b"""
DELETE FROM defter.timers timer USING unnest(%s::text[], %s::text[]) AS fired (timer, key)
WHERE timer.tenant_id = %s AND timer.timer = fired.timer AND timer.key = fired.key
"""
_FAILED = b"""
UPDATE defter.timers timer SET try_at = try_at + %s, error = failed.error
FROM unnest(%s::text[], %s::text[], %s::text[]) AS failed (timer, key, error)
WHERE timer.tenant_id = %s AND timer.timer = failed.timer AND timer.key = failed.key
"""
_NEXT = b"SELECT min(try_at) FROM defter.timers WHERE tenant_id = %s"

Timers = Mapping[str, Callable[[str], Any]]


async def due_tenants(connection: AsyncConnection[Any], at: datetime) -> dict[UUID, datetime]:
    """Give the tenants with timers that are due, and what time it is there."""
    cursor = await connection.execute(_DUE_TENANTS, (at,), prepare=True)
    return dict(await cursor.fetchall())


async def next_due(connection: AsyncConnection[Any], tenant_id: UUID) -> datetime | None:
    """Tell when a tenant's next timer is due; the transaction sees the tenant."""
    row = await (await connection.execute(_NEXT, (tenant_id,), prepare=True)).fetchone()
    return row[0] if row else None


async def fire(
    connection: AsyncConnection[Any],
    tenant_id: UUID,
    now: datetime,
    *,
    sender: Sender,
    timers: Timers = TIMERS,
) -> int:
    """Send the commands of what is due, oldest first; give how many timers are gone for it.

    The rows are locked until the commands are answered, so others pass them by. A command's id
    derives from the event that set the timer and from its time, so one that was sent before a crash
    is not decided again. Whatever it decided, the timer is done; one that failed is tried again.
    """
    await checkpoints.begin(connection, tenant_id)
    given = (tenant_id, now, list(timers), FIRED_AT_ONCE_MAX)
    rows = await (await connection.execute(_DUE, given, prepare=True)).fetchall()
    if not rows:
        await connection.execute(b"ROLLBACK")
        return 0
    outcomes = await sender.send_many(
        [
            envelope_of(
                tenant_id, event_id, f"timer/{timer}/{key}/{due_at.isoformat()}", timers[timer](key)
            )
            for timer, key, due_at, event_id in rows
        ]
    )
    fired: list[tuple[str, str]] = []
    failed: list[tuple[str, str, str]] = []
    for (timer, key, _, _), outcome in zip(rows, outcomes, strict=True):
        match outcome:
            case Outcome():
                fired.append((timer, key))
            case NotDecided():
                pass  # it stays as it is, and the next look finds it
            case _:
                _log.error("timer_failed", timer=timer, error=type(outcome).__name__)
                failed.append((timer, key, type(outcome).__name__))
    if fired:
        names, keys = map(list, zip(*fired, strict=True))
        await connection.execute(_FIRED, (names, keys, tenant_id), prepare=True)
    if failed:
        names, keys, errors = map(list, zip(*failed, strict=True))
        await connection.execute(_FAILED, (TRY_AGAIN_AFTER, names, keys, errors, tenant_id))
    await checkpoints.commit(connection)
    return len(fired)
