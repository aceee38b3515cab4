"""What happened, event by event, newest first: the log itself, narrowed by who, what and how much.

Where it is asked what somebody did, the trail leads to the events; else the log is read backwards
until a page is full.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from psycopg.rows import dict_row

from projections.audit.trail import CONDITIONS as OF_COMMANDS
from projections.audit.trail import MONEY
from projections.query import Connection

COMMAND_CONDITIONS = ("actor", "on_behalf_of", "command", "context")
"""What is asked of the command that recorded an event."""

_MONEY_OF = f"""
FROM {MONEY} money
WHERE money.tenant_id = event.tenant_id AND money.position = event.position"""

CONDITIONS: Mapping[str, str] = {
    **{name: OF_COMMANDS[name] for name in COMMAND_CONDITIONS},
    "type": "event.type = %(type)s",
    "streams": "event.stream = ANY(%(streams)s)",
    "moved": f"EXISTS (SELECT {_MONEY_OF})",
    "currency": f"EXISTS (SELECT {_MONEY_OF} AND money.currency = %(currency)s)",
    "moved_minor_min": f"EXISTS (SELECT {_MONEY_OF} AND money.minor >= %(moved_minor_min)s)",
    "both": f"""EXISTS (SELECT {_MONEY_OF}
        AND money.currency = %(currency)s AND money.minor >= %(moved_minor_min)s)""",
}
"""What can be asked for; money is one line of an entry."""

_EVENT_OF_COMMANDS = """
read_models.audit_trail_v1 t CROSS JOIN LATERAL (
    SELECT coalesce((
        SELECT next.position - 1 FROM read_models.audit_trail_v1 next
        WHERE next.tenant_id = t.tenant_id AND next.position > t.position
        ORDER BY next.position LIMIT 1), %(reached)s) AS last
) span JOIN defter.events event
  ON event.tenant_id = t.tenant_id AND event.position BETWEEN t.position AND span.last"""

_PAGE = """
SELECT event.position, event.event_id, event.stream, event.version, event.type,
    event.recorded_at, event.meta,
    ARRAY(
        SELECT money.currency || ' ' || sum(money.minor) {money_of} AND money.minor > 0
        GROUP BY money.currency ORDER BY money.currency
    ) AS moved
FROM {source}
WHERE event.tenant_id = %(tenant_id)s AND event.position > %(after)s
  AND event.position < %(before)s AND event.position <= %(reached)s {conditions}
ORDER BY {order} LIMIT %(limit)s"""


async def events(  # noqa: PLR0913 - whose, which, and which part of them
    connection: Connection,
    tenant_id: UUID,
    *,
    asked: Mapping[str, object],
    after: int = 0,
    before: int,
    limit: int,
    reached: int,
) -> list[dict[str, Any]]:
    """Give events between two positions, newest first, as far as the read models have `reached`.

    `asked` has names of `CONDITIONS`. `moved` holds texts such as `TRY 1250`, in minor units.
    """
    names = set(asked)
    if {"currency", "moved_minor_min"} <= names:
        names = names - {"currency", "moved_minor_min"} | {"both"}
    conditions = " ".join(f"AND {CONDITIONS[name]}" for name in sorted(names))
    source, order = "defter.events event", "event.position DESC"
    if not names.isdisjoint(COMMAND_CONDITIONS):
        source, order = _EVENT_OF_COMMANDS, "t.position DESC, event.position DESC"
        conditions += (
            " AND t.tenant_id = %(tenant_id)s AND t.position < %(before)s"
            " AND t.position <= %(reached)s"
        )
    query = _PAGE.format(source=source, order=order, conditions=conditions, money_of=_MONEY_OF)
    given = {
        "tenant_id": tenant_id,
        "after": after,
        "before": before,
        "limit": limit,
        "reached": reached,
    }
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(query.encode(), {**asked, **given})
        return await cursor.fetchall()
