"""Single entries by id, and the journal: all entries in the order they were recorded."""

from itertools import groupby
from typing import Any

from sqlalchemy import bindparam, select, text

from projections.ledger.journal import LINES
from projections.query import Connection, Query

_LINE = LINES.table.c
_FIRST_LINES = text("line = 1")  # literally, or the partial index is of no use
_ENTRY = Query(
    select(LINES.table)
    .where(
        _LINE.tenant_id == bindparam("tenant_id"),
        _LINE.position
        == select(_LINE.position)
        .where(
            _LINE.tenant_id == bindparam("tenant_id"),
            _LINE.entry_id == bindparam("entry_id"),
            _FIRST_LINES,
        )
        .correlate(None)
        .scalar_subquery(),
    )
    .order_by(_LINE.line)
)
_PAGE = (
    select(_LINE.position)
    .where(
        _LINE.tenant_id == bindparam("tenant_id"),
        _LINE.position > bindparam("after"),
        _LINE.line == bindparam("first_line"),
    )
    .order_by(_LINE.position)
    .limit(bindparam("limit"))
)
_JOURNAL = Query(
    select(LINES.table)
    .where(
        _LINE.tenant_id == bindparam("tenant_id"),
        _LINE.position > bindparam("after"),
        _LINE.position.in_(_PAGE.correlate(None)),
    )
    .order_by(_LINE.position, _LINE.line)
)


async def entry(connection: Connection, tenant_id: object, entry_id: str) -> list[dict[str, Any]]:
    """Give the lines of an entry; none means that there is no such entry."""
    return await _ENTRY.all(connection, tenant_id=tenant_id, entry_id=entry_id)


async def journal(
    connection: Connection, tenant_id: object, *, after: int = 0, limit: int
) -> list[list[dict[str, Any]]]:
    """Give a page of entries, each as its lines, recorded after a position."""
    lines = await _JOURNAL.all(
        connection, tenant_id=tenant_id, after=after, first_line=1, limit=limit
    )
    return [list(of_entry) for _, of_entry in groupby(lines, key=lambda line: line["position"])]
