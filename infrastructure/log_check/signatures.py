"""Checkpoints by themselves: who signed them, and whether any is gone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from infrastructure.ledger_check.findings import LOG_CUT
from infrastructure.log_check.findings import (
    CHECKPOINT_ALTERED,
    CHECKPOINT_MISSING,
    OUTSIDE_CUT,
    OUTSIDE_SIGNATURE_WRONG,
    SIGNATURE_WRONG,
    Finding,
)
from infrastructure.log_check.outside import Outside
from infrastructure.log_check.seen import Start
from infrastructure.log_check.tree import Expected
from infrastructure.sealing import notes
from infrastructure.sealing.checkpoints import Sealed
from infrastructure.sealing.sealer import EVENTS_PER_STEP


@dataclass(slots=True)
class SignaturesCheck:
    """Takes the kept checkpoints in order; of each kind of fault the first is kept."""

    start: Start
    keys: Sequence[bytes]
    count: int = 0
    _last: int = 0
    _believed: int = 0
    _faults: dict[str, Finding] = field(default_factory=dict[str, Finding])
    _outside: set[int] = field(default_factory=set[int])

    def await_sizes(self, sizes: Iterable[int]) -> None:
        """Expect a checkpoint of each of these sizes, which are known outside."""
        self._outside.update(sizes)

    def take(self, kept: Iterable[Sealed]) -> list[Expected]:
        """Check checkpoints as rows and notes; give the root that each one stands for."""
        told: list[Expected] = []
        for one in kept:
            self.count += 1
            self._outside.discard(one.size)
            if one.size - self._last > EVENTS_PER_STEP:
                what = (
                    f"no checkpoint is between {self._last} and {one.size},"
                    f" though there is one every {EVENTS_PER_STEP} events at least"
                )
                self._find(CHECKPOINT_MISSING, self._last + 1, one.size - 1, what)
            self._last = one.size
            told.append(Expected(one.size, self._root(one), f"the checkpoint of {one.size}"))
        return told

    def findings(self, outside: Sequence[Outside]) -> list[Finding]:
        """Tell what was found, once the log was read to its end."""
        self._beyond(outside)
        for file, note, (_, size, _) in outside:
            if not self._signed(note):
                what = f"no known key signed the checkpoint of {size} in {file}"
                self._find(OUTSIDE_SIGNATURE_WRONG, size, size, what)
        for size in sorted(self._outside):
            if size <= self.start.sealed:
                what = f"the checkpoint of {size}, which is known outside, is gone here"
                self._find(CHECKPOINT_MISSING, size, size, what)
        return list(self._faults.values())

    def _root(self, one: Sealed) -> bytes:
        """Give what was signed; the columns beside it are but a copy."""
        if not self._signed(one.note):
            what = (
                f"no known key signed the checkpoint of {one.size}:"
                f" the log is vouched for up to {self._believed} only"
            )
            self._find(SIGNATURE_WRONG, self._believed + 1, one.size, what)
            return one.root
        checkpoint, _ = notes.read(one.note)
        if checkpoint != notes.Checkpoint(self.start.origin, one.size, one.root):
            what = (
                f"the checkpoint kept for {one.size} is not the one that was signed,"
                f" which is of {checkpoint.size} events of {checkpoint.origin}"
            )
            self._find(CHECKPOINT_ALTERED, one.size, one.size, what)
            if (checkpoint.origin, checkpoint.size) != (self.start.origin, one.size):
                return one.root
        elif SIGNATURE_WRONG not in self._faults:
            self._believed = one.size
        return checkpoint.root

    def _beyond(self, outside: Sequence[Outside]) -> None:
        end, newest = self.start.end, self.start.newest
        if newest is not None and newest.size > end:
            self._root(newest)
            what = f"the log ends at {end}, but its checkpoint of {newest.size} was kept"
            self._find(LOG_CUT, end + 1, newest.size, what)
        longest = max(outside, key=lambda one: one.checkpoint.size, default=None)
        if longest is not None and longest.checkpoint.size > end:
            size = longest.checkpoint.size
            what = f"the log ends at {end}, but {longest.file} holds its checkpoint of {size}"
            self._find(OUTSIDE_CUT, end + 1, size, what)

    def _signed(self, note: str) -> bool:
        try:
            notes.believed(note, self.keys)
        except notes.NoteWrong:
            return False
        return True

    def _find(self, code: str, position: int, until: int, what: str) -> None:
        self._faults.setdefault(code, Finding(code, position, until, what))
