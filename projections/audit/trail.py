"""Who did what and when: one row per command that changed something.

A row holds what is looked for; all else that the log says of a command is read there when it is
shown. The positions of a command's events have no gap, so it ends where the next one begins.
"""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

import msgspec
from psycopg.rows import dict_row
from sqlalchemy import BigInteger, Column, Date, DateTime, Index, Text, text

from domain.kernel.events import Recorded
from projections.ledger.journal import LINES
from projections.query import Connection
from projections.read_model import Increment, Insert, Operation, ReadModel, ReadTable

STREAMS_OF_EVENTS_MAX = 200
"""The streams of so many events of a command are listed; a bulk command may have thousands."""

TRAIL = ReadTable(
    "audit_trail_v1",
    Column("position", BigInteger, primary_key=True),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    Column("actor", Text(collation="C"), nullable=False),
    Column("on_behalf_of", Text(collation="C")),
    Column("command", Text(collation="C"), nullable=False),
    Index("audit_trail_v1_actor", "tenant_id", "actor", "position"),
    Index("audit_trail_v1_command", "tenant_id", "command", "position"),
    Index(
        "audit_trail_v1_on_behalf_of",
        "tenant_id",
        "on_behalf_of",
        "position",
        postgresql_where=text("on_behalf_of IS NOT NULL"),
    ),
    append_only=True,
)
"""`position` is that of the command's first event."""

DAYS = ReadTable(
    "audit_days_v1",
    Column("day", Date, primary_key=True),
    Column("position", BigInteger, nullable=False),
)
"""Where a day (UTC) begins, so that a span of time is a span of positions, without an index."""


class _Meta(msgspec.Struct):
    """What is read of a command's meta. What other tools wrote into a log may say nothing."""

    actor: str = ""
    command: str = ""
    on_behalf_of: str | None = msgspec.field(name="for", default=None)


_decode = msgspec.json.Decoder(_Meta).decode


def _trace(recorded: Recorded) -> Iterable[Operation]:
    told, position, at = _decode(recorded.meta), recorded.position, recorded.recorded_at
    row = (position, at, told.actor, told.on_behalf_of, told.command)
    return Insert(TRAIL, row), Increment(DAYS, (at.date(),), (), (), (position,))


_APPEND_ONLY = """
CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE ON read_models.audit_trail_v1
    FOR EACH STATEMENT EXECUTE FUNCTION defter.refuse_change()"""

AUDIT_TRAIL = ReadModel(
    "audit_trail", 1, (TRAIL, DAYS), {}, of_commands=_trace, ddl=(_APPEND_ONLY,)
)

MONEY = f"read_models.{LINES.name}"
"""What was moved stands in the journal, by position; whoever asks here looks at both."""

_MONEY_OF = f"""
FROM {MONEY} money WHERE money.tenant_id = t.tenant_id
  AND money.position BETWEEN t.position AND span.last"""

CONDITIONS: Mapping[str, str] = {
    "actor": "t.actor = %(actor)s",
    "on_behalf_of": "t.on_behalf_of = %(on_behalf_of)s",
    "command": "t.command = %(command)s",
    # The slash follows the full stop: between them stand the names of one context.
    "context": "t.command >= %(context)s::text || '.' AND t.command < %(context)s::text || '/'",
    "since": """t.recorded_at >= %(since)s AND t.position >= coalesce((
        SELECT day.position FROM read_models.audit_days_v1 day
        WHERE day.tenant_id = %(tenant_id)s AND day.day <= (%(since)s AT TIME ZONE 'UTC')::date
        ORDER BY day.day DESC LIMIT 1), 0)""",
    "until": """t.recorded_at < %(until)s AND t.position < coalesce((
        SELECT day.position FROM read_models.audit_days_v1 day
        WHERE day.tenant_id = %(tenant_id)s AND day.day > (%(until)s AT TIME ZONE 'UTC')::date
        ORDER BY day.day LIMIT 1), %(before)s)""",
    "streams": """t.position IN (
        SELECT (SELECT of.position FROM read_models.audit_trail_v1 of
                WHERE of.tenant_id = %(tenant_id)s AND of.position <= event.position
                ORDER BY of.position DESC LIMIT 1)
        FROM defter.events event
        WHERE event.tenant_id = %(tenant_id)s AND event.stream = ANY(%(streams)s)
          AND event.position <= %(reached)s)""",
    "type": """EXISTS (
        SELECT FROM defter.events event
        WHERE event.tenant_id = t.tenant_id AND event.position BETWEEN t.position AND span.last
          AND event.type = %(type)s)""",
    "from_position": "span.last >= %(from_position)s",
    "to_position": "t.position <= %(to_position)s",
    "moved": f"EXISTS (SELECT {_MONEY_OF})",
    "currency": f"EXISTS (SELECT {_MONEY_OF} AND money.currency = %(currency)s)",
    "moved_minor_min": f"EXISTS (SELECT {_MONEY_OF} AND money.minor >= %(moved_minor_min)s)",
    "both": f"""EXISTS (SELECT {_MONEY_OF}
        AND money.currency = %(currency)s AND money.minor >= %(moved_minor_min)s)""",
}
"""What can be asked for. `since` counts, `until` does not; money is one line of an entry."""

_PAGE = """
SELECT page.*, first.meta, page.last - page.position + 1 AS events,
    ARRAY(
        SELECT DISTINCT touched.stream FROM (
            SELECT event.stream FROM defter.events event
            WHERE event.tenant_id = %(tenant_id)s
              AND event.position BETWEEN page.position AND page.last
            ORDER BY event.position LIMIT {streams_max}
        ) touched ORDER BY touched.stream
    ) AS streams,
    ARRAY(
        SELECT money.currency || ' ' || sum(money.minor) FROM {money} money
        WHERE money.tenant_id = %(tenant_id)s AND money.minor > 0
          AND money.position BETWEEN page.position AND page.last
        GROUP BY money.currency ORDER BY money.currency
    ) AS moved
FROM (
    SELECT t.position, t.recorded_at, t.actor, t.on_behalf_of, t.command, span.last
    FROM read_models.audit_trail_v1 t CROSS JOIN LATERAL (
        SELECT coalesce((
            SELECT next.position - 1 FROM read_models.audit_trail_v1 next
            WHERE next.tenant_id = t.tenant_id AND next.position > t.position
            ORDER BY next.position LIMIT 1), %(reached)s) AS last
    ) span
    WHERE t.tenant_id = %(tenant_id)s AND t.position < %(before)s AND t.position <= %(reached)s
      {conditions}
    ORDER BY t.position DESC LIMIT %(limit)s
) page JOIN defter.events first
  ON first.tenant_id = %(tenant_id)s AND first.position = page.position
ORDER BY page.position DESC"""


async def trail(  # noqa: PLR0913 - whose, which, and which part of them
    connection: Connection,
    tenant_id: UUID,
    *,
    asked: Mapping[str, object],
    before: int,
    limit: int,
    reached: int,
) -> list[dict[str, Any]]:
    """Give commands, newest first, as far as this read model and the journal have `reached`.

    `asked` has names of `CONDITIONS`. `moved` holds texts such as `TRY 1250`: what all entries of
    the command moved, in minor units.
    """
    names = set(asked)
    if {"currency", "moved_minor_min"} <= names:
        names = names - {"currency", "moved_minor_min"} | {"both"}
    conditions = " ".join(f"AND {CONDITIONS[name]}" for name in sorted(names))
    query = _PAGE.format(conditions=conditions, money=MONEY, streams_max=STREAMS_OF_EVENTS_MAX)
    given = {"tenant_id": tenant_id, "before": before, "limit": limit, "reached": reached}
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(query.encode(), {**asked, **given})
        return await cursor.fetchall()
