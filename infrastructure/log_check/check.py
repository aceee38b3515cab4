"""Prove one log in one pass: every row, every checkpoint, and the books.

What is read is what stood there when the check began; the service goes on meanwhile.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from infrastructure.ledger_check.check import check_reversals
from infrastructure.ledger_check.findings import (
    EVENT_IMPOSSIBLE,
    EVENT_MISSING,
    TORN,
    Damage,
    Damaged,
)
from infrastructure.log_check import seen
from infrastructure.log_check.beside import Beside
from infrastructure.log_check.findings import (
    FINDINGS_MAX,
    SNAPSHOT_WRONG,
    Checked,
    Finding,
    Verified,
)
from infrastructure.log_check.outside import Outside
from infrastructure.log_check.signatures import SignaturesCheck
from infrastructure.log_check.tree import Expected, TreeCheck

BEHIND_STRETCHES = 2
"""So many may wait to be checked beside; more would only take memory."""

Told = Callable[[int], None]


async def verify_log(  # noqa: PLR0913 - what is held against the log
    connection: AsyncConnection[Any],
    tenant_id: UUID,
    checker: Executor,
    *,
    books: bool = True,
    keys: Sequence[bytes] = (),
    outside: Sequence[Outside] = (),
    told: Told = lambda _position: None,
) -> Verified:
    """Verify one tenant's log, with or without its books; `told` hears the position.

    `keys` are the only ones that are believed, if there are any, else those of the database.
    `connection` is a runtime one, outside any transaction.
    """
    start = await seen.at_start(connection, tenant_id)
    mine = sorted(
        (one for one in outside if one.checkpoint.origin == start.origin),
        key=lambda one: one.checkpoint.size,
    )
    beside = Beside(checker, tenant_id)
    check = _Check(connection, tenant_id, start, mine, beside, keys or start.keys)
    try:
        await beside.begin(start.snapshots if books else None)
        await check.read(told)
    finally:
        beside.close()
    return check.verdict()


@dataclass(slots=True)
class _Check:
    connection: AsyncConnection[Any]
    tenant_id: UUID
    start: seen.Start
    outside: Sequence[Outside]
    beside: Beside
    keys: Sequence[bytes]
    tree: TreeCheck = field(default_factory=TreeCheck)
    found: list[Finding] = field(default_factory=list[Finding])
    torn: int = 0
    """The position of the first row that lacks a field."""
    entries: int = 0
    exact: dict[int, Damage] = field(default_factory=dict[int, Damage])
    """By position: of an event that no command made, nothing else is told."""
    signatures: SignaturesCheck = field(init=False)

    def __post_init__(self) -> None:
        self.signatures = SignaturesCheck(self.start, self.keys)
        self.signatures.await_sizes(one.checkpoint.size for one in self.outside)

    async def read(self, told: Told) -> None:
        """Read the log once, a stretch after another; what is checked beside is a little behind."""
        checking = deque[asyncio.Future[Checked]]()
        try:
            await self._read(checking, told)
        finally:
            await asyncio.gather(*checking, return_exceptions=True)
        finished = await self.beside.finish()
        self.entries = finished.entries
        if not self.exact:
            await self._checked(finished)

    async def _read(self, checking: deque[asyncio.Future[Checked]], told: Told) -> None:
        after = 0
        while after < self.start.end:
            stretch = await seen.next_stretch(
                self.connection, self.tenant_id, after, last=self.start.end
            )
            checking += self._hand_over(stretch)
            self._grow(stretch)
            while len(checking) > BEHIND_STRETCHES:
                await self._checked(await checking.popleft())
            if stretch.broken:
                break
            after = stretch.last
            told(after)
        while checking:
            await self._checked(await checking.popleft())

    def _hand_over(self, stretch: seen.Stretch) -> Iterator[asyncio.Future[Checked]]:
        """Have rows, books and ids checked, up to the first row that is torn."""
        if not self.torn:
            self.torn, last = stretch.torn, stretch.last
            if self.torn:
                self.exact[self.torn] = Damage(self.torn, TORN, EVENT_IMPOSSIBLE)
                last = self.torn - 1
            yield self.beside.take(stretch.leaves, last=last)

    def _grow(self, stretch: seen.Stretch) -> None:
        stored = self.signatures.take(stretch.checkpoints)
        begin = self.tree.frontier.size
        end = begin + len(stretch.hashes)
        outside = [
            Expected(size, root, f"the checkpoint of {size} in {file}")
            for file, _, (_, size, root) in self.outside
            if begin < size <= end
        ]
        held = [one for one in stored if one.size <= end]
        self.tree.take(stretch.hashes, held, outside, stretch.roots, sealed=self.start.sealed)

    async def _checked(self, checked: Checked) -> None:
        self.entries = checked.entries
        for damage in checked.damages:
            self.exact.setdefault(damage.position, damage)
        for one in checked.differences:
            end = self.start.end
            self.found.append(Finding(SNAPSHOT_WRONG, end, end, str(one)))
        if not checked.reversals:
            return
        await seen.look(self.connection, self.tenant_id)
        try:
            await check_reversals(self.connection, self.tenant_id, checked.reversals)
        except Damaged as found:
            self.exact.setdefault(found.damage.position, found.damage)
        finally:
            await self.connection.execute(b"COMMIT")

    def verdict(self) -> Verified:
        """Put together what was found, the first place first."""
        start = self.start
        found = [*self.found, *self.tree.findings(), *self.signatures.findings(self.outside)]
        found += start.cut()
        for damage in self.exact.values():
            proof = self._proof(damage)
            found.append(
                Finding(damage.code, damage.position, damage.position, damage.what + proof)
            )
        found.sort(key=lambda one: (one.until, one.position, one.code))
        return Verified(
            self.tenant_id,
            events=start.end,
            checkpoints=self.signatures.count,
            sealed=start.sealed,
            outside=len(self.outside),
            entries=self.entries,
            findings=found[:FINDINGS_MAX],
            incomplete=start.incomplete(),
        )

    def _proof(self, damage: Damage) -> str:
        """Say which checkpoint tells whether this was so when it was sealed."""
        position, line = damage.position, self.tree.stored
        if position > self.start.sealed:
            return "; no checkpoint holds it yet"
        if damage.code == EVENT_MISSING:
            return f"; the checkpoint of {self.start.sealed} holds it"
        if position <= line.good:
            return f"; it was so when it was sealed, says the checkpoint of {line.good}"
        if line.wrong is not None:
            return f"; it is not what was sealed, says {line.wrong.who}"
        return ""
