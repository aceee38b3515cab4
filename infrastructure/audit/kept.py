"""Look at the refusals that are kept."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.rows import dict_row

from projections.query import Connection

CONDITIONS: Mapping[str, str] = {
    "actor": "actor = %(actor)s",
    "on_behalf_of": "on_behalf_of = %(on_behalf_of)s",
    "route": "route = %(route)s",
    "code": "code = %(code)s",
    "status": "status = %(status)s",
    "since": "at >= %(since)s",
    "until": "at < %(until)s",
}
"""What can be asked for; `since` counts, `until` does not."""

_PAGE = """
SELECT at, refusal_id, actor, key_id, on_behalf_of, method, route, status, code, request_id,
    address_hash, tried_hash
FROM defter.refusals
WHERE tenant_id = %(tenant_id)s AND (at, refusal_id) < (%(before)s, %(before_id)s) {conditions}
ORDER BY at DESC, refusal_id DESC LIMIT %(limit)s
"""


async def refusals(
    connection: Connection,
    tenant_id: UUID,
    *,
    asked: Mapping[str, object],
    before: tuple[datetime, UUID],
    limit: int,
) -> list[dict[str, Any]]:
    """Give refusals, newest first. `asked` has names of `CONDITIONS`."""
    query = _PAGE.format(conditions=" ".join(f"AND {CONDITIONS[name]}" for name in sorted(asked)))
    at, refusal_id = before
    given = {"tenant_id": tenant_id, "before": at, "before_id": refusal_id, "limit": limit}
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(query.encode(), {**asked, **given})
        return await cursor.fetchall()
