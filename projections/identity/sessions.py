"""Sessions that are under way. Where they began is kept sealed."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Column, DateTime, Index, Text, bindparam, select

from domain.identity.events import SessionBegun, SessionEnded
from domain.kernel.events import Recorded
from projections.query import Connection, Query
from projections.read_model import Delete, Insert, Operation, ReadModel, ReadTable, stored

SESSIONS = ReadTable(
    "identity_sessions_v1",
    Column("session_id", Text(collation="C"), primary_key=True),
    Column("person_id", Text(collation="C"), nullable=False),
    Column("method", Text, nullable=False),
    Column("device_sealed", Text, nullable=False),
    Column("begun_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Index("identity_sessions_v1_person", "tenant_id", "person_id", "begun_at"),
)
"""What ended is gone: the log knows it. What only expired stands here until the next login."""


def _begun(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    _, device = stored(event.device)
    row = (event.session_id, event.person_id, event.method, device or "")
    return (Insert(SESSIONS, (*row, recorded.recorded_at, event.expires_at)),)


def _ended(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    return (Delete(SESSIONS, (event.session_id,)),)


IDENTITY_SESSIONS = ReadModel(
    "identity_sessions", 1, (SESSIONS,), {SessionBegun: _begun, SessionEnded: _ended}
)

_SESSION = SESSIONS.table.c
_OF_PERSON = Query(
    select(SESSIONS.table)
    .where(
        _SESSION.tenant_id == bindparam("tenant_id"),
        _SESSION.person_id == bindparam("person_id"),
    )
    .order_by(_SESSION.begun_at.desc(), _SESSION.session_id)
)


async def of_person(
    connection: Connection, tenant_id: object, person_id: str
) -> list[dict[str, Any]]:
    """Give a person's sessions, the newest first."""
    return await _OF_PERSON.all(connection, tenant_id=tenant_id, person_id=person_id)
