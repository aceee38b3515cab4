"""Look at what was searched for."""

from datetime import date
from typing import Any
from uuid import UUID

from psycopg.rows import dict_row

from domain.kernel.events import Personal
from projections.query import Connection

_TERMS = b"""
SELECT day, term, asked, found_none FROM defter.search_terms
WHERE tenant_id = %(tenant_id)s AND day >= %(since)s AND day <= %(until)s
    AND (NOT %(without_results)s OR found_none > 0)
    AND (%(before)s::date IS NULL OR day < %(before)s OR (day = %(before)s AND term > %(after)s))
ORDER BY day DESC, term LIMIT %(limit)s
"""
_RECENT = b"""
SELECT sealed, at FROM defter.search_recent WHERE tenant_id = %s AND person_id = %s
ORDER BY at DESC, term_hash
"""


async def terms(  # noqa: PLR0913 - what a page is cut by
    connection: Connection,
    tenant_id: UUID,
    *,
    since: date,
    until: date,
    without_results: bool,
    after: tuple[date, str] | None,
    limit: int,
) -> list[dict[str, Any]]:
    """Give how often terms were asked, by day, the latest first. `until` counts, too."""
    before, term = after or (None, "")
    given = {
        "tenant_id": tenant_id,
        "since": since,
        "until": until,
        "without_results": without_results,
        "before": before,
        "after": term,
        "limit": limit,
    }
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(_TERMS, given)
        return await cursor.fetchall()


async def recent(
    connection: Connection, tenant_id: UUID, person_id: str
) -> list[tuple[Personal, Any]]:
    """Give what a customer searched for and when, sealed, the latest first."""
    rows = await (await connection.execute(_RECENT, (tenant_id, person_id))).fetchall()
    return [(Personal(person_id, sealed=sealed), at) for sealed, at in rows]
