"""The tree over a log again, held against every checkpoint and every kept root on the way."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from domain.audit.merkle import Frontier, Range
from infrastructure.log_check.findings import (
    BLOCK_ALTERED,
    BLOCK_MISSING,
    FINDINGS_MAX,
    OUTSIDE_ROOT_WRONG,
    ROOT_WRONG,
    Finding,
)
from infrastructure.sealing.roots import LEVEL_BITS, Root, extend_hashed


class Expected(NamedTuple):
    """The root that a log of some size must have, and who says so."""

    size: int
    root: bytes
    who: str


@dataclass(slots=True)
class Line:
    """Checkpoints of one keeper: the last that the log agrees with, and the first that it does not.

    Behind the first wrong one everything is wrong, so nothing else is kept.
    """

    code: str
    good: int = 0
    wrong: Expected | None = None

    def hold(self, expected: Expected, root: bytes) -> None:
        """Hold a checkpoint against the root that the log gives."""
        if self.wrong is None:
            if expected.root == root:
                self.good = expected.size
            else:
                self.wrong = expected


@dataclass(slots=True)
class TreeCheck:
    """Takes leaves in order; memory grows with nothing."""

    frontier: Frontier = field(default_factory=Frontier)
    stored: Line = field(default_factory=lambda: Line(ROOT_WRONG))
    outside: Line = field(default_factory=lambda: Line(OUTSIDE_ROOT_WRONG))
    _odd: list[Range] = field(default_factory=list[Range])
    """The first blocks whose kept root is not that of their events."""
    _missing: Range | None = None

    def take(
        self,
        hashes: Sequence[bytes],
        stored: Collection[Expected],
        outside: Collection[Expected],
        kept: Mapping[tuple[int, int], bytes],
        *,
        sealed: int,
    ) -> None:
        """Add leaves, with what is known of the sizes on the way and of blocks up to `sealed`."""
        begin = self.frontier.size
        by_size: dict[int, list[tuple[Line, Expected]]] = {}
        for line, some in ((self.stored, stored), (self.outside, outside)):
            for expected in some:
                by_size.setdefault(expected.size, []).append((line, expected))
        for size in sorted({*by_size, begin + len(hashes)}):
            made = extend_hashed(self.frontier, hashes[self.frontier.size - begin : size - begin])
            for root in made:
                self._compare(root, kept.get((root.level, root.number)), sealed)
            held = by_size.get(size, ())
            root_here = self.frontier.root() if held else b""
            for line, expected in held:
                line.hold(expected, root_here)

    def findings(self) -> list[Finding]:
        """Tell where the log is not what was signed, as narrowly as kept roots allow."""
        wrong = [line for line in (self.outside, self.stored) if line.wrong is not None]
        found = [self._told(line) for line in wrong]
        for block in self._odd:
            explained = any(line.good < block.high for line in wrong)
            if block.high <= self.stored.good and not explained:
                what = (
                    f"the root kept over these events is not theirs, though the checkpoint of"
                    f" {self.stored.good} holds them as they are: the root was altered"
                )
                found.append(Finding(BLOCK_ALTERED, block.low + 1, block.high, what))
                break
        if self._missing is not None:
            low, high = self._missing
            what = "the root over these events, which were sealed, is not there"
            found.append(Finding(BLOCK_MISSING, low + 1, high, what))
        return found

    def _told(self, line: Line) -> Finding:
        assert line.wrong is not None
        low, high = line.good, line.wrong.size
        what = f"events {low + 1} to {high} are not those of {line.wrong.who}"
        for block in self._odd:
            if block.low < high and block.high > low:
                what += "; the first root kept over a block that tells otherwise is that of"
                what += f" {block.low + 1} to {block.high}"
                low, high = max(low, block.low), min(high, block.high)
                break
        return Finding(line.code, low + 1, high, what)

    def _compare(self, made: Root, kept: bytes | None, sealed: int) -> None:
        low = made.number << LEVEL_BITS * made.level
        block = Range(low, low + (1 << LEVEL_BITS * made.level))
        if block.high > sealed or made.root == kept:
            return
        if kept is None:
            self._missing = self._missing or block
        elif len(self._odd) < FINDINGS_MAX:
            # A block comes when its last event does, after the smaller ones within it.
            self._odd.append(block)
