"""Under the lock: fold in what others wrote since, so that no decision is made on stale state."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from psycopg.rows import TupleRow

from application.aggregates import AGGREGATES
from domain.kernel.events import Claim, Event
from infrastructure.event_log.codec import UnknownEvent, decode
from infrastructure.event_log.event_types import EVENT_TYPES
from infrastructure.event_log.writing.memory import LogMemory
from infrastructure.event_log.writing.needs import Fetched, category_of
from infrastructure.event_log.writing.statements import GAP_EVENTS_MAX


@dataclass(slots=True)
class Tail:
    """The end of a tenant's log as read under the lock; `now` is fixed for the batch."""

    position: int
    event_id: UUID | None
    recorded_at: datetime | None
    now: datetime | None = None


def catch_up(
    memory: LogMemory,
    fetched: Fetched,
    tenants: Sequence[UUID],
    since: Sequence[TupleRow],
) -> dict[UUID, Tail]:
    """Bring each locked tenant's memory to its tail, or drop it where it can not be trusted.

    A tenant without a tail in the answer has none in memory either: it starts anew.
    """
    tails: dict[UUID, Tail] = {}
    news = {tenant_id: list(rows) for tenant_id, rows in groupby(since, key=_tenant_of)}
    for tenant_id in tenants:
        known = memory.tenant(tenant_id)
        if known.position is None:
            continue
        rows = news.get(tenant_id, [])
        new = _new_rows(known.position, known.event_id, rows)
        known.alone = new == []
        if new is None:
            memory.forget(tenant_id)
            fetched.forget(tenant_id)
            continue
        _fold_in(memory, fetched, tenant_id, new)
        fetched.forget_absent_events(tenant_id)
        tail = tails[tenant_id] = _tail_of(rows)
        known.position, known.event_id = tail.position, tail.event_id
    return tails


def start_anew(
    memory: LogMemory, tenants: Sequence[UUID], lasts: Sequence[TupleRow]
) -> dict[UUID, Tail]:
    """Begin to know tenants at the last events of their logs, as read under the lock."""
    tails = {tenant_id: Tail(0, None, None) for tenant_id in tenants}
    for tenant_id, position, event_id, recorded_at in lasts:
        tails[tenant_id] = Tail(position, event_id, recorded_at)
    for tenant_id, tail in tails.items():
        known = memory.tenant(tenant_id)
        known.position, known.event_id = tail.position, tail.event_id
    return tails


def _tail_of(rows: Sequence[TupleRow]) -> Tail:
    if not rows:
        return Tail(0, None, None)
    _, position, event_id, *_, recorded_at = rows[-1]
    return Tail(position, event_id, recorded_at)


def _tenant_of(row: TupleRow) -> UUID:
    return row[0]


def _new_rows(position: int, event_id: UUID | None, rows: list[TupleRow]) -> list[TupleRow] | None:
    """Give the rows after the last known one; None where that is not where it was, or too many."""
    if position > 0:
        if not rows or rows[0][1] != position or rows[0][2] != event_id:
            return None
        rows = rows[1:]
    return None if len(rows) >= GAP_EVENTS_MAX else rows


def _fold_in(memory: LogMemory, fetched: Fetched, tenant_id: UUID, rows: list[TupleRow]) -> None:
    known = memory.tenant(tenant_id)
    for _, _, _, stream, version, name, schema, data, _ in rows:
        kind = EVENT_TYPES.get(name)
        if kind is None or schema > kind.SCHEMA:
            unknown = UnknownEvent(f"this release does not know {name} of schema {schema}")
            unknown.tenant_id = tenant_id
            raise unknown
        entry = known.streams.get(stream)
        claiming = kind.takes is not Event.takes or kind.releases is not Event.releases
        forgetting = kind.forgets is not Event.forgets
        if entry is None and not claiming and not forgetting:
            continue
        event = decode(name, schema, data)
        if entry is not None and version > entry.version:
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
