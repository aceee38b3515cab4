"""NFC tags: what each stands for, and whether one of its kind goes about."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import BigInteger, Column, DateTime, Text, bindparam, select

from domain.catalog.tags.events import TagBound, TagCloneSuspected, TagRead, TagUnbound
from domain.kernel.events import Recorded
from projections.query import Connection, Query
from projections.read_model import (
    Delete,
    Increment,
    Operation,
    ReadModel,
    ReadTable,
    Upsert,
    stored,
)

TAGS = ReadTable(
    "catalog_nfc_tags_v1",
    Column("uid", Text(collation="C"), primary_key=True),
    Column("kind", Text, nullable=False),
    Column("variant_id", Text(collation="C"), nullable=False),
    Column("serial", Text),
    Column("proof_subject", Text(collation="C")),
    Column("proof_sealed", Text(collation="C")),
    Column("bound_at", DateTime(timezone=True), nullable=False),
    Column("counter", BigInteger),
    Column("suspected_at", DateTime(timezone=True)),
    Column("suspicions", BigInteger, nullable=False),
    latest=("counter", "suspected_at"),
    counters=("suspicions",),
)
"""`proof_sealed` is the key that a tag proves itself with, under the key of `proof_subject`."""


def _bound(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    subject, sealed = stored(event.secret)
    told = (event.uid, event.kind, event.variant_id, event.serial, subject, sealed)
    return (Upsert(TAGS, (*told, recorded.recorded_at, None, None, 0)),)


def _read(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    return (Increment(TAGS, (event.uid,), (0,), (event.counter, None)),)


def _suspected(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    return (Increment(TAGS, (event.uid,), (1,), (None, recorded.recorded_at)),)


def _unbound(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    return (Delete(TAGS, (event.uid,)),)


CATALOG_NFC_TAGS = ReadModel(
    "catalog_nfc_tags",
    1,
    (TAGS,),
    {TagBound: _bound, TagRead: _read, TagCloneSuspected: _suspected, TagUnbound: _unbound},
)

_TAG = TAGS.table.c
_OF_TENANT = select(TAGS.table).where(_TAG.tenant_id == bindparam("tenant_id"))
_ONE = Query(_OF_TENANT.where(_TAG.uid == bindparam("uid")))
_BELOW = (
    _OF_TENANT.where(_TAG.uid > bindparam("after")).order_by(_TAG.uid).limit(bindparam("limit"))
)
_PAGE, _PAGE_OF_SUSPECTED = Query(_BELOW), Query(_BELOW.where(_TAG.suspicions > 0))


async def tag(connection: Connection, tenant_id: object, uid: str) -> dict[str, Any] | None:
    """Give one tag, or None."""
    return await _ONE.one(connection, tenant_id=tenant_id, uid=uid)


async def tags(
    connection: Connection, tenant_id: object, *, only_suspected: bool, after: str = "", limit: int
) -> list[dict[str, Any]]:
    """Give a page of tags by UID, all of them or those that may have a clone."""
    page = _PAGE_OF_SUSPECTED if only_suspected else _PAGE
    return await page.all(connection, tenant_id=tenant_id, after=after, limit=limit)
