"""What is checked beside the reading: rows with the books, and ids, each in order and by itself.

Those of a long log are checked by a process each.
"""

import asyncio
import gc
from collections.abc import Callable, Generator, Mapping, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.shared_memory import SharedMemory
from typing import NamedTuple
from uuid import UUID

import numpy as np

from infrastructure.ledger_check.check import wrong_snapshots
from infrastructure.ledger_check.findings import Damaged
from infrastructure.ledger_check.folding import LedgerFold
from infrastructure.log_check.commands import CommandsCheck
from infrastructure.log_check.findings import Checked
from infrastructure.log_check.rows import RowsCheck
from infrastructure.sealing.layout import PLACES, Laid

LONG_EVENTS = 50_000
"""From here on processes are worth their start."""

ROOM_BYTES_MIN = 2**20


class Checkers(NamedTuple):
    """Who checks rows with the books, and who checks ids: each does one thing after the other."""

    rows: Executor
    ids: Executor


class Beside:
    """The checks of one tenant's log, which go on while the caller does."""

    def __init__(self, checkers: Checkers, tenant_id: UUID) -> None:
        self._executors = {_RowsAndBooks: checkers.rows, CommandsCheck: checkers.ids}
        self._tenant_id = tenant_id
        self._rooms: list[SharedMemory] = []
        self._free: list[SharedMemory] = []

    async def begin(self, snapshots: Mapping[str, tuple[int, bytes]] | None) -> None:
        """Start from nothing, to meet these snapshots on the way; without any, leave books out."""
        fold = None if snapshots is None else LedgerFold(kept=dict(snapshots))
        checks = _RowsAndBooks(RowsCheck(samples=fold is None), fold), CommandsCheck()
        await asyncio.gather(*(self._ask(type(check), _begin, check) for check in checks))

    def take(self, leaves: Laid, *, last: int) -> asyncio.Future[Checked]:
        """Check the next leaves, which should reach `last`.

        They are handed over in shared memory. A pipe would take them in hundreds of small pieces,
        for each of which its thread waits until the reading gives Python away: they would be over
        there no sooner than the reading stops, and they would take turns.
        """
        places, text = leaves.places.tobytes(), leaves.leaves
        begin, end = len(places), len(places) + len(text)
        memory = self._room_for(end)
        room = _within(memory)
        room[:begin], room[begin:end] = places, text
        asked = [self._ask(kind, _take, memory.name, begin, end, last) for kind in self._executors]
        return asyncio.ensure_future(self._taken(asked, memory))

    async def finish(self) -> Checked:
        """Hold together what stands at the end, and forget it all."""
        return await _all([self._ask(kind, _finish) for kind in self._executors])

    def close(self) -> None:
        """Give the memory back in which rows were handed over."""
        self._free.clear()
        while self._rooms:
            _release(self._rooms.pop())

    async def _taken(
        self, asked: Sequence[asyncio.Future[Checked]], memory: SharedMemory
    ) -> Checked:
        checked = await _all(asked)
        self._free.append(memory)
        return checked

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

    def _ask(
        self, kind: "_Kind", work: Callable[..., Checked], *given: object
    ) -> asyncio.Future[Checked]:
        loop = asyncio.get_running_loop()
        return loop.run_in_executor(self._executors[kind], work, (self._tenant_id, kind), *given)


@contextmanager
def checkers(events: int) -> Generator[Checkers]:
    """Lend who checks a log of so many events.

    Meanwhile nobody sweeps for cycles: rows have none, and looking through millions of them takes
    a third of the time.
    """
    swept = gc.isenabled()
    gc.disable()
    try:
        with _one(events) as rows, _one(events) as ids:
            yield Checkers(rows, ids)
    finally:
        if swept:
            gc.enable()


def _one(events: int) -> Executor:
    if events < LONG_EVENTS:
        return ThreadPoolExecutor(1)
    return ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=gc.disable)


async def _all(asked: Sequence[asyncio.Future[Checked]]) -> Checked:
    rows, ids = await asyncio.gather(*asked)
    return rows._replace(damages=[*ids.damages, *rows.damages])


@dataclass(slots=True)
class _RowsAndBooks:
    rows: RowsCheck
    fold: LedgerFold | None
    books_wrong: bool = False

    def take(self, leaves: Laid, *, last: int) -> Checked:
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


_Check = _RowsAndBooks | CommandsCheck
_Kind = type[_RowsAndBooks] | type[CommandsCheck]
_Key = tuple[UUID, _Kind]

_checks: dict[_Key, _Check] = {}
"""Of the process that checks."""


def _begin(key: _Key, check: _Check) -> Checked:
    _checks[key] = check
    return Checked()


def _take(key: _Key, name: str, begin: int, end: int, last: int) -> Checked:
    memory = SharedMemory(name)
    try:
        room = _within(memory)
        places, leaves = bytes(room[:begin]), bytes(room[begin:end])
    finally:
        memory.close()
    laid = Laid(leaves, np.frombuffer(places, np.int64).reshape(PLACES, -1))
    return _checks[key].take(laid, last=last)


def _finish(key: _Key) -> Checked:
    return _checks.pop(key).finish()


def _within(memory: SharedMemory) -> memoryview:
    assert memory.buf is not None, "it is open"
    return memory.buf


def _release(memory: SharedMemory) -> None:
    memory.close()
    memory.unlink()
