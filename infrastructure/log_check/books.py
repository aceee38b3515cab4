"""The books, folded beside the reading: for a long log by a process of its own."""

import asyncio
import gc
from collections.abc import Generator, Mapping, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.shared_memory import SharedMemory
from typing import NamedTuple
from uuid import UUID

import msgspec

from infrastructure.ledger_check.check import wrong_snapshots
from infrastructure.ledger_check.findings import Damage, Damaged, Difference
from infrastructure.ledger_check.folding import LedgerFold, Reversal
from infrastructure.sealing.leaves import Row

LONG_EVENTS = 50_000
"""From here on a process is worth its start."""

_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(list[Row])
_folds: dict[UUID, LedgerFold] = {}
"""Of the process that folds."""


class Folded(NamedTuple):
    """What became of some rows: the reversals among them, or where the books went wrong."""

    reversals: Sequence[Reversal] = ()
    damage: Damage | None = None
    entries: int = 0
    differences: Sequence[Difference] = ()


class Books:
    """The books of one tenant; rows are folded while the caller goes on."""

    def __init__(self, folder: Executor, tenant_id: UUID) -> None:
        self._folder = folder
        self._tenant_id = tenant_id

    def begin(self, snapshots: Mapping[str, tuple[int, bytes]]) -> asyncio.Future[Folded]:
        """Start from nothing, to meet these snapshots on the way."""
        return self._ask(_begin, dict(snapshots))

    def take(self, rows: Sequence[Row]) -> asyncio.Future[Folded]:
        """Fold the next rows.

        They are handed over in shared memory. A pipe would take them in hundreds of small pieces,
        for each of which its thread waits until the reading gives Python away: they would be over
        there no sooner than the reading stops, and the two would take turns.
        """
        encoded = _ENCODER.encode(rows)
        memory = SharedMemory(create=True, size=len(encoded))
        _within(memory)[: len(encoded)] = encoded
        folding = self._ask(_take, memory.name, len(encoded))
        folding.add_done_callback(lambda _folded: _release(memory))
        return folding

    def finish(self) -> asyncio.Future[Folded]:
        """Hold together what stands at the end, and forget it all."""
        return self._ask(_finish)

    def _ask(self, work: object, *given: object) -> asyncio.Future[Folded]:
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


def _begin(tenant_id: UUID, snapshots: dict[str, tuple[int, bytes]]) -> Folded:
    _folds[tenant_id] = LedgerFold(kept=snapshots)
    return Folded()


def _within(memory: SharedMemory) -> memoryview:
    assert memory.buf is not None, "it is open"
    return memory.buf


def _release(memory: SharedMemory) -> None:
    memory.close()
    memory.unlink()


def _take(tenant_id: UUID, name: str, size: int) -> Folded:
    memory = SharedMemory(name)
    try:
        rows = _DECODER.decode(_within(memory)[:size])
    finally:
        memory.close()
    fold = _folds[tenant_id]
    take = fold.take
    try:
        for row in rows:
            take(row)
    except Damaged as found:
        return Folded(damage=found.damage, entries=fold.entries)
    reversals, fold.reversals = fold.reversals, []
    return Folded(reversals, entries=fold.entries)


def _finish(tenant_id: UUID) -> Folded:
    fold = _folds.pop(tenant_id)
    try:
        fold.finish()
    except Damaged as found:
        return Folded(damage=found.damage, entries=fold.entries)
    return Folded(entries=fold.entries, differences=wrong_snapshots(fold))
