"""What customers agree to, how that came about, and the texts they agreed to."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import BigInteger, Column, DateTime, Text, bindparam, cast, or_, select

from domain.kernel.events import Recorded
from domain.users.consent_events import ConsentGiven, ConsentTextPublished, ConsentWithdrawn
from projections.query import Connection, Query
from projections.read_model import (
    Delete,
    Insert,
    Operation,
    ReadModel,
    ReadTable,
    Upsert,
    stored,
)

GIVEN, WITHDRAWN = "given", "withdrawn"

CONSENTS = ReadTable(
    "users_consents_v1",
    Column("customer_id", Text(collation="C"), primary_key=True),
    Column("purpose", Text(collation="C"), primary_key=True),
    Column("text_version", Text, nullable=False),
    Column("locale", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("given_at", DateTime(timezone=True), nullable=False),
    latest=("text_version", "locale", "channel", "given_at"),
)
"""What holds now: a consent that was withdrawn has no row."""

HISTORY = ReadTable(
    "users_consent_history_v1",
    Column("customer_id", Text(collation="C"), primary_key=True),
    Column("position", BigInteger, primary_key=True),
    Column("happened", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("text_version", Text, nullable=False),
    Column("locale", Text),
    Column("channel", Text, nullable=False),
    Column("proof_sealed", Text),
    Column("at", DateTime(timezone=True), nullable=False),
    append_only=True,
)

TEXTS = ReadTable(
    "users_consent_texts_v1",
    Column("purpose", Text(collation="C"), primary_key=True),
    Column("text_version", Text(collation="C"), primary_key=True),
    Column("locale", Text(collation="C"), primary_key=True),
    Column("sha256", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("published_at", DateTime(timezone=True), nullable=False),
    Column("position", BigInteger, nullable=False),
    append_only=True,
)


def _published(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    row = (
        event.purpose,
        event.version,
        event.locale,
        event.sha256,
        event.text,
        recorded.recorded_at,
        recorded.position,
    )
    return (Insert(TEXTS, row),)


def _given(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    about = event.text_version, event.locale, event.channel
    _, proof = stored(event.proof)
    row = (event.customer_id, event.purpose, *about, recorded.recorded_at)
    return (Upsert(CONSENTS, row), _happened(recorded, GIVEN, event.locale, proof))


def _withdrawn(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    gone = Delete(CONSENTS, (event.customer_id, event.purpose))
    return (gone, _happened(recorded, WITHDRAWN, None, None))


def _happened(
    recorded: Recorded, happened: str, locale: str | None, proof: str | None
) -> Operation:
    event: Any = recorded.event
    row = (
        event.customer_id,
        recorded.position,
        happened,
        event.purpose,
        event.text_version,
        locale,
        event.channel,
        proof,
        recorded.recorded_at,
    )
    return Insert(HISTORY, row)


USERS_CONSENTS = ReadModel(
    "users_consents",
    1,
    (CONSENTS, HISTORY, TEXTS),
    {
        ConsentTextPublished: _published,
        ConsentGiven: _given,
        ConsentWithdrawn: _withdrawn,
    },
)

_CONSENT, _PAST, _TEXT = CONSENTS.table.c, HISTORY.table.c, TEXTS.table.c
_OF_CUSTOMER = Query(
    select(CONSENTS.table)
    .where(
        _CONSENT.tenant_id == bindparam("tenant_id"),
        _CONSENT.customer_id == bindparam("customer_id"),
    )
    .order_by(_CONSENT.purpose)
)
_HISTORY_OF = Query(
    select(HISTORY.table)
    .where(
        _PAST.tenant_id == bindparam("tenant_id"),
        _PAST.customer_id == bindparam("customer_id"),
        _PAST.position > bindparam("after"),
    )
    .order_by(_PAST.position)
    .limit(bindparam("limit"))
)
_PURPOSE = cast(bindparam("purpose"), Text(collation="C"))
_TEXTS = Query(
    select(TEXTS.table)
    .where(
        _TEXT.tenant_id == bindparam("tenant_id"),
        or_(_PURPOSE.is_(None), _TEXT.purpose == _PURPOSE),
        _TEXT.position > bindparam("after"),
    )
    .order_by(_TEXT.position)
    .limit(bindparam("limit"))
)


async def consents_of(
    connection: Connection, tenant_id: object, customer_id: str
) -> list[dict[str, Any]]:
    """Give what a customer agrees to now, by purpose."""
    return await _OF_CUSTOMER.all(connection, tenant_id=tenant_id, customer_id=customer_id)


async def history_of(
    connection: Connection, tenant_id: object, customer_id: str, *, after: int = 0, limit: int
) -> list[dict[str, Any]]:
    """Give a page of what a customer agreed to and no longer did, oldest first."""
    return await _HISTORY_OF.all(
        connection, tenant_id=tenant_id, customer_id=customer_id, after=after, limit=limit
    )


async def texts(
    connection: Connection,
    tenant_id: object,
    *,
    purpose: str | None = None,
    after: int = 0,
    limit: int,
) -> list[dict[str, Any]]:
    """Give a page of the published texts, oldest first."""
    return await _TEXTS.all(
        connection, tenant_id=tenant_id, purpose=purpose, after=after, limit=limit
    )
