"""What the database says: once when a check begins, then stretch by stretch in short looks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
from psycopg import AsyncConnection

from application.tenants.tenants import PLATFORM
from domain.audit.merkle import leaf_hashes
from infrastructure.ledger_check.check import snapshots as stored_snapshots
from infrastructure.ledger_check.findings import LOG_CUT
from infrastructure.log_check.findings import CHECKPOINT_MISSING, Finding
from infrastructure.sealing import checkpoints, notes
from infrastructure.sealing.checkpoints import Sealed
from infrastructure.sealing.layout import Laid, laid, positions_of
from infrastructure.sealing.leaves import tell_leaves
from infrastructure.sealing.roots import LEVEL_BITS, LEVELS_MAX
from infrastructure.sealing.sealer import SEALER

STRETCH_EVENTS_MIN = 2_048
STRETCH_EVENTS = 16_384
BEHIND_SECONDS_MAX = 60
"""A sealer that runs is a second behind; an event that waits longer makes a check incomplete."""

IDLE_SECONDS_MAX = 60
PAGE_CHECKPOINTS = 1_000

_LOOK = b"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_IDLE = b"SET LOCAL idle_in_transaction_session_timeout = '%d s'" % IDLE_SECONDS_MAX
_SCOPE = b"SELECT set_config('app.tenants', %s, true)"
_FOLLOWERS = b"""
SELECT projection, position FROM defter.checkpoints WHERE tenant_id = %s
ORDER BY position DESC, projection
"""
_END = b"SELECT coalesce(max(position), 0) FROM defter.events WHERE tenant_id = %s"
_AGE = b"""
SELECT extract(epoch FROM clock_timestamp() - recorded_at)::float FROM defter.events
WHERE tenant_id = %s AND position = %s AND isfinite(recorded_at)
"""
_ROOTS = b"""
SELECT kept.level, kept.number, kept.root
FROM unnest(%s::smallint[], %s::bigint[], %s::bigint[]) AS asked (level, first, last)
CROSS JOIN LATERAL (
    SELECT level, number, root FROM defter.log_roots
    WHERE tenant_id = %s AND level = asked.level AND number >= asked.first
      AND number < asked.last
) kept
"""


class Start(NamedTuple):
    """How everything stood when the check began."""

    tenant_id: UUID
    end: int
    newest: Sealed | None
    followers: Mapping[str, int]
    """How far each follower of the log has come."""
    keys: Sequence[bytes]
    snapshots: Mapping[str, tuple[int, bytes]]
    waiting_seconds: float
    """How long the oldest event without a checkpoint has waited."""

    @property
    def origin(self) -> str:
        """The name of the log in checkpoints."""
        return notes.origin_of(self.tenant_id)

    @property
    def sealed(self) -> int:
        """So many events the newest checkpoint holds."""
        return self.newest.size if self.newest else 0

    def incomplete(self) -> str:
        """Say why the log can not be vouched for to its end, if it can not."""
        if self.end and not self.sealed:
            return f"no checkpoint holds any of its {self.end} events"
        if self.waiting_seconds > BEHIND_SECONDS_MAX:
            return (
                f"the last {self.end - self.sealed} of its {self.end} events are not sealed,"
                f" the first of them for {self.waiting_seconds:.0f} s"
            )
        return ""

    def cut(self) -> list[Finding]:
        """Tell what those who follow the log know of it and the log does not say any more."""
        end, sealed = self.end, self.sealed
        found: list[Finding] = []
        for follower, position in self.followers.items():
            if position > max(end, sealed):
                what = f"the log ends at {end}, but {follower} has read up to {position}"
                found.append(Finding(LOG_CUT, end + 1, position, what))
                break
        seals = self.followers.get(SEALER, 0)
        if seals > sealed:
            what = f"the sealer has sealed up to {seals}, but the newest checkpoint is of {sealed}"
            found.append(Finding(CHECKPOINT_MISSING, sealed + 1, seals, what))
        return found


class Stretch(NamedTuple):
    """Some of the log, with the checkpoints and kept roots that end in it."""

    last: int
    leaves: Laid
    """Up to the first that lacks a field."""
    torn: int
    """The position of that one, if there is any."""
    hashes: Sequence[bytes]
    """Of all leaves."""
    checkpoints: Sequence[Sealed]
    roots: Mapping[tuple[int, int], bytes]
    broken: bool
    """Whether a position is missing: there the leaves end."""


async def look(connection: AsyncConnection[Any], tenant_id: UUID) -> None:
    """Begin a short look at one tenant."""
    await connection.execute(_LOOK)
    await connection.execute(_IDLE)
    await connection.execute(_SCOPE, (f"{{{tenant_id}}}",))


async def at_start(connection: AsyncConnection[Any], tenant_id: UUID) -> Start:
    """Look at everything once."""
    await look(connection, tenant_id)
    cursor = await connection.execute(_END, (tenant_id,))
    row = await cursor.fetchone()
    end: int = row[0] if row else 0
    newest = await checkpoints.latest(connection, tenant_id)
    cursor = await connection.execute(_FOLLOWERS, (tenant_id,))
    followers = dict(await cursor.fetchall())
    snapshots = await stored_snapshots(connection, tenant_id)
    cursor = await connection.execute(_AGE, (tenant_id, 1 + (newest.size if newest else 0)))
    age = await cursor.fetchone()
    await connection.execute(_SCOPE, (f"{{{PLATFORM}}}",))
    keys = [key.public for key in await checkpoints.public_keys(connection)]
    await connection.execute(b"COMMIT")
    return Start(tenant_id, end, newest, followers, keys, snapshots, age[0] if age else 0.0)


async def next_stretch(
    connection: AsyncConnection[Any], tenant_id: UUID, after: int, *, last: int
) -> Stretch:
    """Read what follows a position, in one look; it is hashed while the database sends it.

    Stretches grow from the beginning and shrink towards the end: who checks them beside the reading
    begins soon, and is done soon after it.
    """
    events = min(STRETCH_EVENTS, max(STRETCH_EVENTS_MIN, min(after, (last - after) // 4)))
    last = min(after + events, last)
    await look(connection, tenant_id)
    gathered = _Gathered()
    await tell_leaves(connection, tenant_id, after=after, last=last, told=gathered.add)
    sealed: list[Sealed] = []
    while True:
        size = sealed[-1].size if sealed else after
        page = await checkpoints.after(connection, tenant_id, size, limit=PAGE_CHECKPOINTS)
        sealed += [one for one in page if one.size <= last]
        if len(page) < PAGE_CHECKPOINTS or page[-1].size > last:
            break
    kept = await _kept_roots(connection, tenant_id, after, last)
    await connection.execute(b"COMMIT")
    return gathered.stretch(after, last, sealed, kept)


@dataclass(slots=True)
class _Gathered:
    """Leaves as they come, laid end to end and hashed."""

    texts: list[bytes] = field(default_factory=list[bytes])
    lengths: list[int] = field(default_factory=list[int])
    hashes: list[bytes] = field(default_factory=list[bytes])

    def add(self, leaves: Sequence[memoryview]) -> None:
        self.texts.append(b"".join(leaves))
        self.lengths += map(len, leaves)
        self.hashes += leaf_hashes(leaves)

    def stretch(
        self,
        after: int,
        last: int,
        checkpoints: Sequence[Sealed],
        roots: Mapping[tuple[int, int], bytes],
    ) -> Stretch:
        """Cut the leaves where a position does not follow."""
        text, lengths = b"".join(self.texts), self.lengths
        expected = np.arange(after + 1, after + 1 + len(lengths))
        right = positions_of(text, lengths) == expected
        count = len(lengths) if right.all() else int(np.argmin(right))
        leaves, torn = laid(text, lengths[:count]), 0
        if len(leaves) < count:
            torn = after + 1 + len(leaves)
        broken = count < last - after or count < len(lengths)
        return Stretch(last, leaves, torn, self.hashes[:count], checkpoints, roots, broken)


async def _kept_roots(
    connection: AsyncConnection[Any], tenant_id: UUID, after: int, last: int
) -> dict[tuple[int, int], bytes]:
    levels = range(1, LEVELS_MAX + 1)
    firsts = [after >> LEVEL_BITS * level for level in levels]
    lasts = [last >> LEVEL_BITS * level for level in levels]
    cursor = await connection.execute(_ROOTS, (list(levels), firsts, lasts, tenant_id))
    return {(level, number): bytes(root) for level, number, root in await cursor.fetchall()}
