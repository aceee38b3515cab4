"""Which words a tenant finds for one another. They belong to what the listing is found by."""

from collections.abc import Iterable
from typing import Any

import msgspec
from sqlalchemy import BigInteger, Column, Text, bindparam, select
from sqlalchemy.dialects.postgresql import JSONB

from domain.kernel.events import Event, Recorded
from domain.search.events import SynonymsSet
from projections.query import Connection, Query
from projections.read_model import Fold, Operation, ReadTable, Upsert

SYNONYMS = ReadTable(
    "search_synonyms_v1",
    Column("name", Text(collation="C"), primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("groups", JSONB, nullable=False),
)


def _set(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    groups = msgspec.json.encode(event.groups).decode()
    return (Upsert(SYNONYMS, (event.key, recorded.version, groups)),)


SYNONYM_FOLDS: dict[type[Event], Fold] = {SynonymsSet: _set}

_C = SYNONYMS.table.c
VERSION = Query(select(_C.version).where(_C.tenant_id == bindparam("tenant_id")))
"""How often they were set; no row is never."""

_GROUPS = Query(select(_C.version, _C.groups).where(_C.tenant_id == bindparam("tenant_id")))


async def groups_of(connection: Connection, tenant_id: object) -> list[dict[str, Any]]:
    """Give all groups, each with its `terms` and its `source`."""
    row = await _GROUPS.one(connection, tenant_id=tenant_id)
    return row["groups"] if row is not None else []
