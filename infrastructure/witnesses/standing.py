"""What each witness has of each log, how far behind it is, and whether it raised an alarm."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import AsyncConnection

from infrastructure.effects.effect import ALARM
from infrastructure.witnesses.filing import WITNESS
from infrastructure.witnesses.witness import Witness

_SCOPE = b"SELECT set_config('app.tenants', %s, true)"
_TENANTS = b"SELECT tenant_id FROM defter.log_ends() ORDER BY 1"
_STANDING = b"""
SELECT log.tenant_id, asked.witness, newest.size, confirmed.size, confirmed.confirmed_at,
    confirmed.note, sent.state, sent.told, alarm.told
FROM unnest(%(tenants)s::uuid[]) AS log (tenant_id)
CROSS JOIN unnest(%(witnesses)s::text[]) WITH ORDINALITY AS asked (witness, number)
LEFT JOIN LATERAL (
    SELECT size FROM defter.log_checkpoints
    WHERE tenant_id = log.tenant_id ORDER BY size DESC LIMIT 1
) newest ON true
LEFT JOIN LATERAL (
    SELECT kept.size, kept.confirmed_at, sealed.note || coalesce(kept.line, '') AS note
    FROM defter.log_cosignatures kept
    LEFT JOIN defter.log_checkpoints sealed USING (tenant_id, size)
    WHERE kept.tenant_id = log.tenant_id AND kept.witness = asked.witness
    ORDER BY kept.size DESC LIMIT 1
) confirmed ON true
LEFT JOIN LATERAL (
    SELECT state, told FROM defter.effects
    WHERE tenant_id = log.tenant_id AND effect = %(effect)s AND target = asked.witness
      AND attempts > 0
    ORDER BY position DESC LIMIT 1
) sent ON true
LEFT JOIN LATERAL (
    SELECT substr(told, length(%(alarm)s) + 1) AS told FROM defter.effects
    WHERE tenant_id = log.tenant_id AND effect = %(effect)s AND target = asked.witness
      AND state = 'dead' AND starts_with(told, %(alarm)s)
    ORDER BY position DESC LIMIT 1
) alarm ON true
ORDER BY log.tenant_id, asked.number
"""


class Standing(NamedTuple):
    """How a witness stands to one log.

    `note` is the last checkpoint that it confirmed, with its signature below the log's. `alarm`
    stays until somebody discards the effect that it ended.
    """

    tenant_id: UUID
    witness: Witness
    sealed: int
    confirmed: int
    confirmed_at: datetime | None
    note: str | None
    state: str | None
    told: str | None
    alarm: str | None

    @property
    def behind(self) -> int:
        """So many events are sealed that the witness does not know of."""
        return self.sealed - self.confirmed


async def standing(
    connection: AsyncConnection[Any], tenants: Collection[UUID], witnesses: Iterable[Witness]
) -> list[Standing]:
    """Tell how witnesses stand to logs that the connection sees."""
    by_key = {witness.key: witness for witness in witnesses}
    given = {
        "tenants": list(tenants),
        "witnesses": list(by_key),
        "effect": WITNESS,
        "alarm": ALARM,
    }
    cursor = await connection.execute(_STANDING, given)
    return [
        Standing(tenant_id, by_key[key], sealed or 0, confirmed or 0, *rest)
        for tenant_id, key, sealed, confirmed, *rest in await cursor.fetchall()
    ]


async def standing_everywhere(
    connection: AsyncConnection[Any], witnesses: Iterable[Witness], tenant_id: UUID | None
) -> list[Standing]:
    """Tell an operator how witnesses stand to the log of one tenant, or of all."""
    async with connection.transaction():
        tenants = [tenant_id] if tenant_id else []
        if not tenants:
            tenants = [row[0] for row in await (await connection.execute(_TENANTS)).fetchall()]
        await connection.execute(_SCOPE, ("{" + ",".join(map(str, tenants)) + "}",))
        return await standing(connection, tenants, witnesses)
