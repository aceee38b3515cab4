"""Whether rows follow one another as the writer lays them down."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import numpy as np

from infrastructure.ledger_check.findings import (
    EVENT_MISSING,
    TIME_WRONG,
    VERSION_WRONG,
    Damaged,
)
from infrastructure.sealing.layout import Laid, Numbered, Numbers, Row, in_order
from infrastructure.sealing.leaves import EPOCH

_LATEST = (datetime.max.replace(tzinfo=UTC) - EPOCH) // timedelta(microseconds=1)


@dataclass(slots=True)
class LogOrder:
    """Positions and the versions of every stream count from 1, and time never goes back.

    Memory grows with streams, never with events. Behind the first wrong row nothing is held.
    """

    position: int = 0
    _microseconds: int = 0
    _numbers: Numbered[bytes] = field(default_factory=Numbered[bytes])
    """Of streams."""
    _versions: Numbers = field(default_factory=lambda: np.zeros(0, np.int64))
    """By number."""

    def take_all(self, leaves: Laid) -> None:
        """Hold the next rows against those before them; raises `Damaged` at the first wrong one."""
        if not len(leaves):
            return
        positions, times, versions = leaves.positions, leaves.times, leaves.versions
        streams, texts = np.empty(len(leaves), np.int64), leaves.streams
        for *_, rows in leaves.shapes:
            streams[rows] = self._numbers.all(texts.whole(rows).tolist())
        self._versions = np.pad(self._versions, (0, len(self._numbers) - len(self._versions)))
        by_stream = in_order(streams)
        streams, versions = streams[by_stream], versions[by_stream]
        first = np.flatnonzero(np.diff(streams, prepend=-1))
        before = np.roll(versions, 1)
        before[first] = self._versions[streams[first]]
        wrong = np.zeros(len(leaves), np.bool_)
        wrong[by_stream] = versions != before + 1
        wrong |= positions != np.arange(self.position + 1, self.position + 1 + len(leaves))
        wrong |= (times < np.append(self._microseconds, times[:-1])) | (times > _LATEST)
        nth = int(np.argmax(wrong))
        if wrong[nth]:
            self.position += nth
            at = int(np.flatnonzero(by_stream == nth)[0])
            raise self._wrong(leaves.row(nth), expected=int(before[at]) + 1)
        last = np.append(first[1:], len(leaves)) - 1
        self._versions[streams[last]] = versions[last]
        self.position, self._microseconds = int(positions[-1]), int(times[-1])

    def _wrong(self, row: Row, *, expected: int) -> Damaged:
        position, stream, version, name, _, microseconds, _ = row
        if position != self.position + 1:
            what = f"missing; the next one is {position}"
            return Damaged(self.position + 1, what, code=EVENT_MISSING)
        if version != expected:
            what = f"{stream} goes on with version {version}, not {expected}"
            return Damaged(position, what, code=VERSION_WRONG)
        what = f"{name} was recorded before the one before it"
        if microseconds > _LATEST:
            what = f"{name} was recorded at no time that there is"
        return Damaged(position, what, code=TIME_WRONG)

    def reach(self, last: int) -> None:
        """Miss the events up to a position that should have been among those taken."""
        if self.position < last:
            raise Damaged(self.position + 1, "missing", code=EVENT_MISSING)
