"""Prove a tenant's books from its log: in order, at full speed, one short look after another."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from application.aggregates import AGGREGATES
from infrastructure.event_log.reader import CHUNK_EVENTS
from infrastructure.ledger_check.deriving import entries_named
from infrastructure.ledger_check.findings import (
    EVENT_IMPOSSIBLE,
    LOG_CUT,
    TORN,
    Damage,
    Damaged,
    Difference,
)
from infrastructure.ledger_check.folding import LedgerFold, Reversal, opposite
from infrastructure.ledger_check.order import LogOrder
from infrastructure.ledger_check.stored_balances import COMPARED, differences
from infrastructure.sealing.layout import laid
from infrastructure.sealing.leaves import position_of, read_leaves

DIFFERENCES_MAX = 20
IDLE_SECONDS_MAX = 60
"""Between two statements of one look, balances of very many accounts are compared."""

_LOOK = b"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_IDLE = b"SET LOCAL idle_in_transaction_session_timeout = '%d s'" % IDLE_SECONDS_MAX
_SCOPE = b"SELECT set_config('app.tenants', %s, true)"
_TENANTS = b"SELECT tenant_id, position FROM defter.log_ends() ORDER BY tenant_id"
_END = b"SELECT coalesce(max(position), 0) FROM defter.events WHERE tenant_id = %s"
_CHECKPOINTS = b"""
SELECT projection, position FROM defter.checkpoints
WHERE tenant_id = %s AND projection = ANY(%s)
"""
_SNAPSHOTS = b"""
SELECT stream, version, fold_version, state FROM defter.snapshots WHERE tenant_id = %s
"""

Told = Callable[[int, int], None]


@dataclass(slots=True)
class Checked:
    """What was read, what was compared, and what was found."""

    tenant_id: UUID
    events: int = 0
    entries: int = 0
    accounts: int = 0
    wallets: int = 0
    snapshots: int = 0
    compared: list[str] = field(default_factory=list[str])
    damage: Damage | None = None
    differences: list[Difference] = field(default_factory=list[Difference])


async def tenants(connection: AsyncConnection[Any]) -> dict[UUID, int]:
    """Give every tenant with a log, and where its log ends."""
    cursor = await connection.execute(_TENANTS)
    return {row[0]: row[1] for row in await cursor.fetchall()}


async def check_tenant(
    connection: AsyncConnection[Any],
    tenant_id: UUID,
    *,
    told: Told = lambda _position, _end: None,
) -> Checked:
    """Check one tenant's log and what is derived from it; `told` hears position and end.

    Reading ends at the first damage. `connection` is a runtime one, outside any transaction.
    """
    checked = Checked(tenant_id)
    order, fold = LogOrder(), LedgerFold()
    try:
        await _begin(connection, tenant_id)
        fold.kept = await snapshots(connection, tenant_id)
        checked.snapshots = len(fold.kept)
        ends = await _ends(connection, tenant_id)
        await connection.execute(b"COMMIT")
        # Most of the log is read in short looks, for a long one keeps the database from cleaning.
        near = min(ends.values())
        while order.position < near:
            await _begin(connection, tenant_id)
            await _read(connection, tenant_id, order, fold, until=near)
            await connection.execute(b"COMMIT")
            told(order.position, ends[""])
        await _finish(connection, tenant_id, order, fold, checked, told)
    except Damaged as found:
        checked.damage = found.damage
        await connection.execute(b"ROLLBACK")
    checked.events, checked.entries = order.position, fold.entries
    checked.accounts, checked.wallets = len(fold.lines), len(fold.wallets)
    return checked


async def _finish(  # noqa: PLR0913, PLR0917 - what was seen so far
    connection: AsyncConnection[Any],
    tenant_id: UUID,
    order: LogOrder,
    fold: LedgerFold,
    checked: Checked,
    told: Told,
) -> None:
    """In one look: the last stretch, stopping where each read model stands to compare it."""
    await _begin(connection, tenant_id)
    ends = await _ends(connection, tenant_id)
    for end, key in sorted((end, key) for key, end in ends.items()):
        while order.position < end:
            await _read(connection, tenant_id, order, fold, until=end)
            told(order.position, ends[""])
        if not key:
            continue
        if end < order.position:
            checked.differences.append(Difference(key, "it moved back while it was looked at"))
        else:
            checked.differences += await differences(connection, tenant_id, key, fold)
            checked.compared.append(f"{key} at {end}")
    await connection.execute(b"COMMIT")
    fold.finish()
    checked.differences += wrong_snapshots(fold)
    del checked.differences[DIFFERENCES_MAX:]


def wrong_snapshots(fold: LedgerFold) -> list[Difference]:
    """Tell the snapshots that their events do not give, once all were folded."""
    stale = [
        Difference(f"snapshot of {one}", "its events give another") for one in fold.stale_snapshots
    ]
    return stale + [
        Difference(
            f"snapshot of {stream}", f"it says version {version}, which the stream does not have"
        )
        for stream, (version, _) in fold.kept.items()
    ]


async def _begin(connection: AsyncConnection[Any], tenant_id: UUID) -> None:
    await connection.execute(_LOOK)
    await connection.execute(_IDLE)
    await connection.execute(_SCOPE, (f"{{{tenant_id}}}",))


async def _ends(connection: AsyncConnection[Any], tenant_id: UUID) -> dict[str, int]:
    """Say where each compared read model stands, and under "" where the log ends."""
    keys = [read_model.key for read_model in COMPARED]
    cursor = await connection.execute(_CHECKPOINTS, (tenant_id, keys))
    ends: dict[str, int] = dict.fromkeys(keys, 0)
    ends.update({row[0]: row[1] for row in await cursor.fetchall()})
    cursor = await connection.execute(_END, (tenant_id,))
    row = await cursor.fetchone()
    end: int = row[0] if row else 0
    ahead = [key for key, position in ends.items() if position > end]
    if ahead:
        what = f"the log ends here, but {ahead[0]} has read up to {ends[ahead[0]]}"
        raise Damaged(end, what, code=LOG_CUT)
    return {**ends, "": end}


async def snapshots(
    connection: AsyncConnection[Any], tenant_id: UUID
) -> dict[str, tuple[int, bytes]]:
    """Give a tenant's snapshots by stream: version and state."""
    cursor = await connection.execute(_SNAPSHOTS, (tenant_id,))
    return {
        stream: (version, bytes(state))
        for stream, version, fold_version, state in await cursor.fetchall()
        # Another release's snapshots are never read, so they can not be wrong.
        if _fold_version(stream) == fold_version
    }


def _fold_version(stream: str) -> int | None:
    kind = AGGREGATES.get(stream.partition("-")[0])
    return kind.FOLD_VERSION if kind is not None else None


async def _read(
    connection: AsyncConnection[Any],
    tenant_id: UUID,
    order: LogOrder,
    fold: LedgerFold,
    *,
    until: int,
) -> None:
    after = order.position
    last = min(after + CHUNK_EVENTS, until)
    leaves = await read_leaves(connection, tenant_id, after=after, last=last)
    whole = laid(b"".join(leaves), [*map(len, leaves)])
    try:
        order.take_all(whole)
    except Damaged:
        fold.take_all(whole.part(0, order.position - after))
        raise
    fold.take_all(whole)
    if len(whole) < len(leaves):
        raise Damaged(position_of(leaves[len(whole)]), TORN, code=EVENT_IMPOSSIBLE)
    order.reach(last)
    if fold.reversals:
        await check_reversals(connection, tenant_id, fold.reversals)
        fold.reversals.clear()


async def check_reversals(
    connection: AsyncConnection[Any], tenant_id: UUID, reversals: Collection[Reversal]
) -> None:
    """Hold reversals against the entries that they name; raises `Damaged`."""
    named = [reversal.reverses for reversal in reversals]
    entries = await entries_named(connection, tenant_id, named)
    for reversal in reversals:
        position, entry = entries.get(reversal.reverses, (0, None))
        if entry is None or position >= reversal.position:
            what = f"there is no entry {reversal.reverses} to take back"
            raise Damaged(reversal.position, what)
        if not opposite(entry, reversal.postings):
            what = f"it is not the opposite of {reversal.reverses}"
            raise Damaged(reversal.position, what)
