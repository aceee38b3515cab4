"""Rows and books, checked beside the reading: those of a long log by a process of its own."""

import asyncio
import gc
from collections.abc import Generator, Mapping, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.shared_memory import SharedMemory
from typing import NamedTuple
from uuid import UUID

from infrastructure.ledger_check.check import wrong_snapshots
from infrastructure.ledger_check.findings import Damage, Damaged, Difference
from infrastructure.ledger_check.folding import LedgerFold, Reversal
from infrastructure.log_check.rows import RowsCheck

LONG_EVENTS = 50_000
"""From here on a process is worth its start."""

ROOM_BYTES_MIN = 2**20

_checks: dict[UUID, "_Check"] = {}
"""Of the process that checks."""


class Checked(NamedTuple):
    """What became of some rows: the reversals among them, and where they or the books are wrong."""

    reversals: Sequence[Reversal] = ()
    damages: Sequence[Damage] = ()
    entries: int = 0
    differences: Sequence[Difference] = ()


class RowsAndBooks:
    """The rows and books of one tenant, which are checked while the caller goes on."""

    def __init__(self, folder: Executor | None, tenant_id: UUID) -> None:
        self._folder = folder
        self._tenant_id = tenant_id
        self._rooms: list[SharedMemory] = []
        self._free: list[SharedMemory] = []

    def begin(self, snapshots: Mapping[str, tuple[int, bytes]]) -> asyncio.Future[Checked]:
        """Start from nothing, to meet these snapshots on the way; without a folder, rows alone."""
        kept = None if self._folder is None else dict(snapshots)
        return self._ask(_begin, kept)

    def take(self, leaves: Sequence[bytes], *, last: int) -> asyncio.Future[Checked]:
        """Check the next leaves, which should reach `last`.

        They are handed over in shared memory. A pipe would take them in hundreds of small pieces,
        for each of which its thread waits until the reading gives Python away: they would be over
        there no sooner than the reading stops, and the two would take turns.
        """
        handed = b"".join(leaves)
        memory = self._room_for(len(handed))
        _within(memory)[: len(handed)] = handed
        checking = self._ask(_take, memory.name, len(handed), last)
        checking.add_done_callback(lambda _checked: self._free.append(memory))
        return checking

    def finish(self) -> asyncio.Future[Checked]:
        """Hold together what stands at the end, and forget it all."""
        return self._ask(_finish)

    def close(self) -> None:
        """Give the memory back in which rows were handed over."""
        self._free.clear()
        while self._rooms:
            _release(self._rooms.pop())

    def _room_for(self, size: int) -> SharedMemory:
        """Give memory that was used before, for new memory costs more than what is put into it."""
        while self._free:
            memory = self._free.pop()
            if memory.size >= size:
                return memory
            self._rooms.remove(memory)
            _release(memory)
        memory = SharedMemory(create=True, size=max(size + size // 4, ROOM_BYTES_MIN))
        self._rooms.append(memory)
        return memory

    def _ask(self, work: object, *given: object) -> asyncio.Future[Checked]:
        loop = asyncio.get_running_loop()
        return loop.run_in_executor(self._folder, work, self._tenant_id, *given)  # type: ignore[arg-type]


@contextmanager
def folder(events: int) -> Generator[Executor]:
    """Lend what folds the books of so many events.

    Meanwhile nobody sweeps for cycles: rows have none, and looking through millions of them takes
    a third of the time.
    """
    swept = gc.isenabled()
    gc.disable()
    pool: Executor = ThreadPoolExecutor(1)
    if events >= LONG_EVENTS:
        pool = ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=gc.disable)
    try:
        with pool:
            yield pool
    finally:
        if swept:
            gc.enable()


@dataclass(slots=True)
class _Check:
    rows: RowsCheck
    fold: LedgerFold | None
    books_wrong: bool = False

    def take(self, leaves: bytes, last: int) -> Checked:
        """Check rows until one is wrong; those before it are good for the books."""
        known, damages = self.rows.damage, []
        for rows in self.rows.good(leaves, last=last):
            if self.fold is not None and not self.books_wrong:
                try:
                    self.fold.take_all(rows)
                except Damaged as found:
                    damages = [found.damage]
                    self.books_wrong = True
        if self.rows.damage is not None and self.rows.damage is not known:
            damages.append(self.rows.damage)
        if self.fold is None:
            return Checked(damages=damages)
        reversals, self.fold.reversals = self.fold.reversals, []
        return Checked(reversals, damages, self.fold.entries)

    def finish(self) -> Checked:
        if self.fold is None:
            return Checked()
        try:
            self.fold.finish()
        except Damaged as found:
            return Checked(damages=[found.damage], entries=self.fold.entries)
        return Checked(entries=self.fold.entries, differences=wrong_snapshots(self.fold))


def _begin(tenant_id: UUID, snapshots: dict[str, tuple[int, bytes]] | None) -> Checked:
    fold = LedgerFold(kept=snapshots) if snapshots is not None else None
    _checks[tenant_id] = _Check(RowsCheck(samples=fold is None), fold)
    return Checked()


def _within(memory: SharedMemory) -> memoryview:
    assert memory.buf is not None, "it is open"
    return memory.buf


def _release(memory: SharedMemory) -> None:
    memory.close()
    memory.unlink()


def _take(tenant_id: UUID, name: str, size: int, last: int) -> Checked:
    memory = SharedMemory(name)
    try:
        leaves = bytes(_within(memory)[:size])
    finally:
        memory.close()
    return _checks[tenant_id].take(leaves, last)


def _finish(tenant_id: UUID) -> Checked:
    return _checks.pop(tenant_id).finish()
