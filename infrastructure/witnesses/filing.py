"""The sealer files what is to be sent to witnesses, in the transaction of a checkpoint."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from domain.ledger.events import PeriodSealed
from infrastructure.processes.filing import effect_id_of
from infrastructure.sealing.leaves import opened
from infrastructure.witnesses.witness import Witness

WITNESS = "audit.witness"
"""The effect: a witness is sent the newest checkpoint there is."""

_SEALED = PeriodSealed.NAME.encode()

# What waits is locked, so that whoever performs it begins after this transaction and sees its
# checkpoint; what is under way may not have seen it. Nothing else is: its worker may lock several.
_LAST = b"""
SELECT asked.target, last.filed_at, waiting.effect_id IS NOT NULL
FROM unnest(%(targets)s::text[]) AS asked (target)
CROSS JOIN LATERAL (
    SELECT effect_id, filed_at FROM defter.effects
    WHERE tenant_id = %(tenant_id)s AND effect = %(effect)s AND target = asked.target
    ORDER BY position DESC LIMIT 1
) last
LEFT JOIN LATERAL (
    SELECT effect_id FROM defter.effects
    WHERE tenant_id = %(tenant_id)s AND effect_id = last.effect_id
      AND state = 'waiting' AND leased_until IS NULL
    FOR NO KEY UPDATE
) waiting ON true
"""
# One that is filed for later counts as filed then: it is not late before.
_FILE = b"""
INSERT INTO defter.effects
    (tenant_id, effect_id, effect, target, event_id, position, filed_at, next_at)
SELECT %(tenant_id)s, asked.effect_id, %(effect)s, asked.target, %(event_id)s, %(position)s,
    greatest(now(), asked.due), greatest(now(), asked.due)
FROM unnest(%(ids)s::uuid[], %(targets)s::text[], %(due)s::timestamptz[])
    AS asked (effect_id, target, due)
ON CONFLICT (tenant_id, effect_id) DO NOTHING
"""


class Filing:
    """Files one effect for each witness, `every` so long; at once where a month was sealed."""

    def __init__(self, witnesses: Sequence[Witness], every: timedelta) -> None:
        self._targets = [witness.key for witness in witnesses]
        self._every = every

    async def file(
        self, connection: AsyncConnection[Any], tenant_id: UUID, leaves: Sequence[bytes]
    ) -> None:
        """File for the checkpoint that ends with these leaves what nothing that waits will send.

        Of a log that rests the last checkpoint is sent, too: it is filed for when it is time.
        """
        if not self._targets:
            return
        given: dict[str, Any] = {
            "tenant_id": tenant_id,
            "effect": WITNESS,
            "targets": self._targets,
        }
        cursor = await connection.execute(_LAST, given, prepare=True)
        last = {target: (filed_at, waits) for target, filed_at, waits in await cursor.fetchall()}
        at_once = any(map(_seals_a_month, leaves))
        due = {
            target: None if at_once or target not in last else last[target][0] + self._every
            for target in self._targets
            if at_once or target not in last or not last[target][1]
        }
        if not due:
            return
        end = opened(leaves[-1])
        ids = [effect_id_of(end.event_id, WITNESS, target) for target in due]
        given |= {
            "ids": ids,
            "targets": list(due),
            "due": list(due.values()),
            "event_id": end.event_id,
            "position": end.position,
        }
        await connection.execute(_FILE, given, prepare=True)


def _seals_a_month(leaf: bytes) -> bool:
    return _SEALED in leaf and opened(leaf).type == PeriodSealed.NAME
