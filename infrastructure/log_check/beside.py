"""What is checked beside the reading: rows, ids and books. Those of a long log have a process."""

import asyncio
import gc
from collections.abc import Callable, Generator, Mapping, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.shared_memory import SharedMemory
from uuid import UUID

import numpy as np

from infrastructure.ledger_check.check import wrong_snapshots
from infrastructure.ledger_check.findings import Damage, Damaged
from infrastructure.ledger_check.folding import LedgerFold
from infrastructure.log_check.commands import CommandsCheck
from infrastructure.log_check.findings import Checked
from infrastructure.log_check.rows import RowsCheck
from infrastructure.sealing.layout import PLACES, Laid

LONG_EVENTS = 50_000
"""From here on a process is worth its start."""

ROOM_BYTES_MIN = 2**20


class Beside:
    """The checks of one tenant's log, which go on while the caller does."""

    def __init__(self, checker: Executor, tenant_id: UUID) -> None:
        self._checker = checker
        self._tenant_id = tenant_id
        self._rooms: list[SharedMemory] = []
        self._free: list[SharedMemory] = []

    async def begin(self, snapshots: Mapping[str, tuple[int, bytes]] | None) -> None:
        """Start from nothing, to meet these snapshots on the way; without any, leave books out."""
        fold = None if snapshots is None else LedgerFold(kept=dict(snapshots))
        await self._ask(_begin, _Check(RowsCheck(samples=fold is None), fold))

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
        asked = self._ask(_take, memory.name, begin, end, last)
        return asyncio.ensure_future(self._taken(asked, memory))

    async def finish(self) -> Checked:
        """Hold together what stands at the end, and forget it all."""
        return await self._ask(_finish)

    def close(self) -> None:
        """Give the memory back in which rows were handed over."""
        self._free.clear()
        while self._rooms:
            _release(self._rooms.pop())

    async def _taken(self, asked: asyncio.Future[Checked], memory: SharedMemory) -> Checked:
        checked = await asked
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

    def _ask(self, work: Callable[..., Checked], *given: object) -> asyncio.Future[Checked]:
        loop = asyncio.get_running_loop()
        return loop.run_in_executor(self._checker, work, self._tenant_id, *given)


@contextmanager
def checker(events: int) -> Generator[Executor]:
    """Lend who checks a log of so many events, one thing after the other.

    Meanwhile nobody sweeps for cycles: rows have none, and looking through millions of them takes
    a third of the time.
    """
    swept = gc.isenabled()
    gc.disable()
    try:
        if events < LONG_EVENTS:
            one: Executor = ThreadPoolExecutor(1)
        else:
            one = ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=gc.disable)
        with one:
            yield one
    finally:
        if swept:
            gc.enable()


@dataclass(slots=True)
class _Check:
    """Everything of one log. Each check tells its own first contradiction."""

    rows: RowsCheck
    fold: LedgerFold | None
    ids: CommandsCheck = field(default_factory=CommandsCheck)
    books: Damage | None = None
    """What is wrong with them first; behind it nothing is booked."""

    def take(self, leaves: Laid, *, last: int) -> Checked:
        """Check rows until one is wrong; those before it are good for the books."""
        known = self.told
        self.ids.take(leaves)
        good = self.rows.good(leaves, last=last)
        if self.fold is not None and self.books is None:
            try:
                self.fold.take_all(good)
            except Damaged as found:
                self.books = found.damage
        damages = [new for new, old in zip(self.told, known, strict=True) if new and new is not old]
        if self.fold is None:
            return Checked(damages=damages)
        reversals, self.fold.reversals = self.fold.reversals, []
        return Checked(reversals, damages, self.fold.entries)

    @property
    def told(self) -> Sequence[Damage | None]:
        """The first contradiction of each check."""
        return self.ids.damage, self.books, self.rows.damage

    def finish(self) -> Checked:
        if self.fold is None:
            return Checked()
        try:
            self.fold.finish()
        except Damaged as found:
            return Checked(damages=[found.damage], entries=self.fold.entries)
        return Checked(entries=self.fold.entries, differences=wrong_snapshots(self.fold))


_checks: dict[UUID, _Check] = {}
"""By tenant, of the process that checks."""


def _begin(tenant_id: UUID, check: _Check) -> Checked:
    _checks[tenant_id] = check
    return Checked()


def _take(tenant_id: UUID, name: str, begin: int, end: int, last: int) -> Checked:
    memory = SharedMemory(name)
    try:
        room = _within(memory)
        places, leaves = bytes(room[:begin]), bytes(room[begin:end])
    finally:
        memory.close()
    laid = Laid(leaves, np.frombuffer(places, np.int64).reshape(PLACES, -1))
    return _checks[tenant_id].take(laid, last=last)


def _finish(tenant_id: UUID) -> Checked:
    return _checks.pop(tenant_id).finish()


def _within(memory: SharedMemory) -> memoryview:
    assert memory.buf is not None, "it is open"
    return memory.buf


def _release(memory: SharedMemory) -> None:
    memory.close()
    memory.unlink()
