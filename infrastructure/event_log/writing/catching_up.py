"""Under the lock: fold in what others wrote since, so that no decision is made on stale state."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any
from uuid import UUID

from psycopg.rows import TupleRow

from application.aggregates import AGGREGATES
from domain.kernel.events import Claim, Event
from infrastructure.event_log.codec import UnknownEvent, decode
from infrastructure.event_log.event_types import EVENT_TYPES
from infrastructure.event_log.writing.memory import End, LogMemory
from infrastructure.event_log.writing.needs import Fetched, category_of
from infrastructure.event_log.writing.statements import GAP_EVENTS_MAX


def catch_up(
    memory: LogMemory,
    fetched: Fetched,
    tenants: Sequence[UUID],
    since: Sequence[TupleRow],
) -> dict[UUID, End]:
    """Bring each locked tenant's memory to the log's end, or drop it where it can not be trusted.

    A tenant without an end in the answer has none in memory either: it starts anew.
    """
    ends: dict[UUID, End] = {}
    news = {tenant_id: list(rows) for tenant_id, rows in groupby(since, key=_tenant_of)}
    for tenant_id in tenants:
        known = memory.tenant(tenant_id)
        if known.end is None:
            continue
        rows = news.get(tenant_id, [])
        new = _new_rows(known.end, rows)
        known.alone = new == []
        if new is None or not _fold_in(memory, fetched, tenant_id, new):
            memory.forget(tenant_id)
            fetched.forget(tenant_id)
            continue
        fetched.forget_absent_events(tenant_id)
        known.end = ends[tenant_id] = _end_of(rows)
    return ends


def start_anew(
    memory: LogMemory, tenants: Sequence[UUID], lasts: Sequence[TupleRow]
) -> dict[UUID, End]:
    """Begin to know tenants at the last events of their logs, as read under the lock."""
    ends = {tenant_id: End() for tenant_id in tenants}
    ends.update((tenant_id, End(*last)) for tenant_id, *last in lasts)
    for tenant_id, end in ends.items():
        memory.tenant(tenant_id).end = end
    return ends


def _end_of(rows: Sequence[TupleRow]) -> End:
    if not rows:
        return End()
    _, position, event_id, *_, recorded_at = rows[-1]
    return End(position, event_id, recorded_at)


def _tenant_of(row: TupleRow) -> UUID:
    return row[0]


def _new_rows(end: End, rows: list[TupleRow]) -> list[TupleRow] | None:
    """Give the rows after the last known one; None where that is not where it was, or too many."""
    if end.position > 0:
        if not rows or _end_of(rows[:1]) != end:
            return None
        rows = rows[1:]
    return None if len(rows) >= GAP_EVENTS_MAX else rows


def _fold_in(memory: LogMemory, fetched: Fetched, tenant_id: UUID, rows: list[TupleRow]) -> bool:
    """Fold new rows into what is known; False where a stream that is known lacks what came before.

    A stream may be known further than the log, for it was read since.
    """
    known = memory.tenant(tenant_id)
    for _, _, _, stream, version, name, schema, data, _ in rows:
        kind = _kind_of(name, schema, tenant_id)
        entry = known.streams.get(stream)
        claiming = kind.takes is not Event.takes or kind.releases is not Event.releases
        forgetting = kind.forgets is not Event.forgets
        if entry is None and not claiming and not forgetting:
            continue
        event = decode(name, schema, data)
        if entry is not None and version > entry.version:
            if version > entry.version + 1:
                return False
            state: Any = AGGREGATES[category_of(stream)].evolve(entry.state, event)
            known.remember(stream, version, state, entry.snapshot_version)
        if claiming:
            for claim in event.releases():
                _settle_claim(memory, fetched, tenant_id, claim, None)
            for claim in event.takes():
                _settle_claim(memory, fetched, tenant_id, claim, stream)
        if forgetting:
            for subject in event.forgets():
                known.forget_person(subject)
    return True


def _kind_of(name: str, schema: int, tenant_id: UUID) -> type[Event]:
    kind = EVENT_TYPES.get(name)
    if kind is None or schema > kind.SCHEMA:
        unknown = UnknownEvent(f"this release does not know {name} of schema {schema}")
        unknown.tenant_id = tenant_id
        raise unknown
    return kind


def _settle_claim(
    memory: LogMemory, fetched: Fetched, tenant_id: UUID, claim: Claim, owner: str | None
) -> None:
    if claim in fetched.claims[tenant_id]:
        fetched.claims[tenant_id][claim] = owner
    claims = memory.tenant(tenant_id).claims
    if owner is None:
        claims.forget(claim)
    else:
        claims.put(claim, owner)
