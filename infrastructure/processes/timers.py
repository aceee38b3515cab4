"""Timers that are due become commands, each once, whoever looks and whatever is killed."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import structlog
from psycopg import AsyncConnection

from application.envelope import Envelope
from application.sending import BulkSender, NotDecided, Outcome
from application.timers import TIMERS
from infrastructure.processes.advance import envelope_of
from infrastructure.projections import checkpoints

FIRED_AT_ONCE_MAX = 1_000
TRY_AGAIN_AFTER = timedelta(minutes=1)
"""When a timer is tried again whose command failed; an operator sees the error meanwhile."""

NOT_DUE = "_not_due"
"""How the code of a refusal ends that says a timer came too early: a clock was set back since."""

Timers = Mapping[str, Callable[[str], Any]]

_log = structlog.get_logger("timers")

_DUE_TENANTS = b"SELECT tenant_id, now FROM defter.timers_due(%s, %s)"
_DUE = b"""
SELECT timer, key, try_at, event_id FROM defter.timers
WHERE tenant_id = %s AND try_at <= %s AND timer = ANY(%s)
ORDER BY try_at, timer, key LIMIT %s FOR UPDATE SKIP LOCKED
"""
_FIRED = b"""
DELETE FROM defter.timers timer USING unnest(%s::text[], %s::text[]) AS fired (timer, key)
WHERE timer.tenant_id = %s AND timer.timer = fired.timer AND timer.key = fired.key
"""
_FAILED = b"""
UPDATE defter.timers timer SET try_at = %s, error = failed.error
FROM unnest(%s::text[], %s::text[], %s::text[]) AS failed (timer, key, error)
WHERE timer.tenant_id = %s AND timer.timer = failed.timer AND timer.key = failed.key
"""
_NEXT = b"""
SELECT min(try_at) FROM defter.timers WHERE tenant_id = %s AND timer = ANY(%s) AND error IS NULL
"""


async def due_tenants(
    connection: AsyncConnection[Any], at: datetime, *, ahead: bool = True
) -> dict[UUID, datetime]:
    """Give the tenants with timers that are due, and what time it is there.

    `ahead` also asks every log whether its clock is ahead of ours, which costs more.
    """
    cursor = await connection.execute(_DUE_TENANTS, (at, ahead), prepare=True)
    return dict(await cursor.fetchall())


async def next_due(
    connection: AsyncConnection[Any], tenant_id: UUID, timers: Timers = TIMERS
) -> datetime | None:
    """Tell when a tenant's next timer is due that did not fail; the transaction sees the tenant."""
    given = (tenant_id, list(timers))
    row = await (await connection.execute(_NEXT, given, prepare=True)).fetchone()
    return row[0] if row else None


async def fire(
    connection: AsyncConnection[Any],
    tenant_id: UUID,
    now: datetime,
    *,
    sender: BulkSender,
    timers: Timers = TIMERS,
) -> int:
    """Send the commands of what is due, oldest first; give how many timers are gone for it.

    The rows are locked until the commands are answered, so others pass them by. A command's id
    derives from the event that set the timer and from its time, so one that was sent before a crash
    is not decided again. Whatever it decided, the timer is done; one that failed, or was not due by
    the log's clock, is tried again.
    """
    await checkpoints.begin(connection, tenant_id)
    given = (tenant_id, now, list(timers), FIRED_AT_ONCE_MAX)
    rows = await (await connection.execute(_DUE, given, prepare=True)).fetchall()
    if not rows:
        await connection.execute(b"ROLLBACK")
        return 0
    asked, failed = _asked(tenant_id, rows, timers)
    outcomes = await _send(sender, [envelope for _, _, envelope in asked])
    fired: list[tuple[str, str]] = []
    for (timer, key, _), outcome in zip(asked, outcomes, strict=True):
        match outcome:
            case Outcome() if outcome.refused and _code(outcome).endswith(NOT_DUE):
                failed.append((timer, key, _code(outcome)))
            case Outcome():
                fired.append((timer, key))
            case NotDecided():
                pass  # it stays as it is, and the next look finds it
            case _:
                failed.append((timer, key, type(outcome).__name__))
    if fired:
        names, keys = map(list, zip(*fired, strict=True))
        await connection.execute(_FIRED, (names, keys, tenant_id), prepare=True)
    if failed:
        for timer, _, error in failed:
            _log.error("timer_failed", tenant_id=str(tenant_id), timer=timer, error=error)
        names, keys, errors = map(list, zip(*failed, strict=True))
        await connection.execute(_FAILED, (now + TRY_AGAIN_AFTER, names, keys, errors, tenant_id))
    await checkpoints.commit(connection)
    return len(fired)


def _asked(
    tenant_id: UUID, rows: Iterable[tuple[str, str, datetime, UUID]], timers: Timers
) -> tuple[list[tuple[str, str, Envelope]], list[tuple[str, str, str]]]:
    """Give what is to be sent, and the timers for which nothing can be."""
    asked: list[tuple[str, str, Envelope]] = []
    failed: list[tuple[str, str, str]] = []
    for timer, key, try_at, event_id in rows:
        try:
            command = timers[timer](key)
        except Exception as error:  # noqa: BLE001 - a bug in one timer stops no other
            _log.exception("timer_not_made", tenant_id=str(tenant_id), timer=timer)
            failed.append((timer, key, type(error).__name__))
            continue
        name = f"timer/{timer}/{key}/{try_at.isoformat()}"
        asked.append((timer, key, envelope_of(tenant_id, event_id, name, command)))
    return asked, failed


async def _send(sender: BulkSender, envelopes: list[Envelope]) -> list[Outcome | BaseException]:
    try:
        return await sender.send_many(envelopes)
    except NotDecided as full:  # nobody's commands were taken in
        return [full] * len(envelopes)


def _code(outcome: Outcome) -> str:
    return msgspec.json.decode(outcome.body).get("code", "")
