"""Timers that are due become commands, each once, whoever looks and whatever is killed."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
import structlog

from application.envelope import Envelope
from application.sending import BulkSender, NotDecided, Outcome, OutcomeUnknown
from application.timers import TIMERS
from infrastructure.postgres.pipelines import PipelinedConnection
from infrastructure.processes.advance import envelope_of
from infrastructure.projections import checkpoints

FIRED_AT_ONCE_MAX = 1_000
TRY_AGAIN_AFTER = timedelta(minutes=1)
"""When a timer is tried again whose command failed; an operator sees the error meanwhile."""

NOT_DUE = "_not_due"
"""How the code of a refusal ends that says a timer came too early: a clock was set back since."""

LATE = OutcomeUnknown("it takes longer than others can wait")

Timers = Mapping[str, Callable[[str], Any]]
_Timer = tuple[UUID, str, str]
"""Tenant, timer and key."""

_log = structlog.get_logger("timers")

_DUE_TENANTS = b"SELECT tenant_id, now FROM defter.timers_due(%s, %s)"
_DUE = b"""
SELECT asked.tenant_id, due.timer, due.key, due.try_at, due.event_id
FROM unnest(%s::uuid[], %s::timestamptz[]) AS asked (tenant_id, now) CROSS JOIN LATERAL (
    SELECT timer.timer, timer.key, timer.try_at, timer.event_id FROM defter.timers timer
    WHERE timer.tenant_id = asked.tenant_id AND timer.try_at <= asked.now
      AND timer.timer = ANY(%s)
    ORDER BY timer.try_at, timer.timer, timer.key LIMIT %s FOR UPDATE SKIP LOCKED
) due ORDER BY asked.tenant_id, due.try_at, due.timer, due.key
"""
_FIRED = b"""
DELETE FROM defter.timers timer
USING unnest(%s::uuid[], %s::text[], %s::text[]) AS fired (tenant_id, timer, key)
WHERE timer.tenant_id = fired.tenant_id AND timer.timer = fired.timer AND timer.key = fired.key
"""
_FAILED = b"""
UPDATE defter.timers timer SET try_at = failed.try_at, error = failed.error
FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::timestamptz[], %s::text[])
    AS failed (tenant_id, timer, key, try_at, error)
WHERE timer.tenant_id = failed.tenant_id AND timer.timer = failed.timer
  AND timer.key = failed.key
"""
_NEXT = b"""
SELECT min(try_at) FROM defter.timers WHERE tenant_id = %s AND timer = ANY(%s) AND error IS NULL
"""


async def due_tenants(
    connection: PipelinedConnection, at: datetime, *, ahead: bool = True
) -> dict[UUID, datetime]:
    """Give the tenants with timers that are due, and what time it is there.

    `ahead` also asks every log whether its clock is ahead of ours, which costs more.
    """
    cursor = await connection.execute(_DUE_TENANTS, (at, ahead), prepare=True)
    return dict(await cursor.fetchall())


async def next_due(
    connection: PipelinedConnection, tenant_id: UUID, timers: Timers = TIMERS
) -> datetime | None:
    """Tell when a tenant's next timer is due that did not fail; the transaction sees the tenant."""
    given = (tenant_id, list(timers))
    row = await (await connection.execute(_NEXT, given, prepare=True)).fetchone()
    return row[0] if row else None


async def fire(
    connection: PipelinedConnection,
    tenant_id: UUID,
    now: datetime,
    *,
    sender: BulkSender,
    timers: Timers = TIMERS,
) -> int:
    """Fire what is due for one tenant, oldest first; give how many timers are gone for it."""
    fired = await fire_together(connection, {tenant_id: now}, sender=sender, timers=timers)
    return fired.gone[tenant_id]


class Fired(NamedTuple):
    """How many timers are gone by tenant, and the tenants for whom there may be more at once."""

    gone: Counter[UUID]
    unfinished: set[UUID]


async def fire_together(
    connection: PipelinedConnection,
    due: Mapping[UUID, datetime],
    *,
    sender: BulkSender,
    timers: Timers = TIMERS,
    patience_seconds: float | None = None,
) -> Fired:
    """Send the commands of what is due by each tenant's time, and settle it, in one transaction.

    The rows are locked until the commands are answered, so others pass them by. A command's id
    derives from the event that set the timer and from its time, so one that was sent before a crash
    is not decided again. Whatever it decided, the timer is done; one that failed, or was not due by
    the log's clock, is tried again. A tenant whose commands are not answered within our patience is
    left as it is: its commands may be decided all the same, and are then not decided again.
    """
    await checkpoints.begin(connection, *due)
    share = FIRED_AT_ONCE_MAX // len(due)
    given = (list(due), list(due.values()), list(timers), share)
    rows = await (await connection.execute(_DUE, given, prepare=True)).fetchall()
    if not rows:
        await connection.execute(b"ROLLBACK")
        return Fired(Counter(), set())
    asked, failed = _asked(rows, timers)
    outcomes = await _send(sender, asked, patience_seconds)
    met = Counter(row[0] for row in rows)
    unfinished = {tenant_id for tenant_id, count in met.items() if count == share}
    fired: list[_Timer] = []
    for (timer, _), outcome in zip(asked, outcomes, strict=True):
        match outcome:
            case Outcome() if outcome.refused and _code(outcome).endswith(NOT_DUE):
                failed.append((timer, _code(outcome)))
            case Outcome():
                fired.append(timer)
            case NotDecided():  # it stays as it is, and the next look finds it
                if outcome is LATE:
                    unfinished.add(timer[0])
            case _:
                failed.append((timer, type(outcome).__name__))
    if fired:
        await connection.execute(_FIRED, [*map(list, zip(*fired, strict=True))], prepare=True)
    if failed:
        for (tenant_id, timer, _), error in failed:
            _log.error("timer_failed", tenant_id=str(tenant_id), timer=timer, error=error)
        again = [(*timer, due[timer[0]] + TRY_AGAIN_AFTER, error) for timer, error in failed]
        await connection.execute(_FAILED, [*map(list, zip(*again, strict=True))])
    await checkpoints.commit(connection)
    return Fired(Counter(tenant_id for tenant_id, _, _ in fired), unfinished)


def _asked(
    rows: Iterable[tuple[UUID, str, str, datetime, UUID]], timers: Timers
) -> tuple[list[tuple[_Timer, Envelope]], list[tuple[_Timer, str]]]:
    """Give what is to be sent, and the timers for which nothing can be."""
    asked: list[tuple[_Timer, Envelope]] = []
    failed: list[tuple[_Timer, str]] = []
    for tenant_id, timer, key, try_at, event_id in rows:
        try:
            command = timers[timer](key)
        except Exception as error:  # noqa: BLE001 - a bug in one timer stops no other
            _log.exception("timer_not_made", tenant_id=str(tenant_id), timer=timer)
            failed.append(((tenant_id, timer, key), type(error).__name__))
            continue
        name = f"timer/{timer}/{key}/{try_at.isoformat()}"
        envelope = envelope_of(tenant_id, event_id, name, command)
        asked.append(((tenant_id, timer, key), envelope))
    return asked, failed


async def _send(
    sender: BulkSender,
    asked: Iterable[tuple[_Timer, Envelope]],
    patience_seconds: float | None,
) -> list[Outcome | BaseException]:
    """Send each tenant's commands, all at once; what is not answered in time is `LATE`."""
    envelopes: dict[UUID, list[Envelope]] = {}
    for _, envelope in asked:
        envelopes.setdefault(envelope.tenant_id, []).append(envelope)
    if not envelopes:
        return []
    tasks = [asyncio.create_task(_send_all(sender, some)) for some in envelopes.values()]
    try:
        await asyncio.wait(tasks, timeout=patience_seconds)
    finally:
        for task in tasks:
            task.cancel()
    outcomes: list[Outcome | BaseException] = []
    for task, some in zip(tasks, envelopes.values(), strict=True):
        outcomes += task.result() if task.done() else [LATE] * len(some)
    return outcomes


async def _send_all(sender: BulkSender, envelopes: list[Envelope]) -> list[Outcome | BaseException]:
    try:
        return await sender.send_many(envelopes)
    except NotDecided as full:  # nobody's commands were taken in
        return [full] * len(envelopes)


def _code(outcome: Outcome) -> str:
    return msgspec.json.decode(outcome.body).get("code", "")
