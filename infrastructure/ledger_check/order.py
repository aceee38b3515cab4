"""Whether rows follow one another as the writer lays them down."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from infrastructure.ledger_check.findings import (
    EVENT_MISSING,
    TIME_WRONG,
    VERSION_WRONG,
    Damaged,
)
from infrastructure.sealing.layout import Row
from infrastructure.sealing.leaves import EPOCH

_LATEST = (datetime.max.replace(tzinfo=UTC) - EPOCH) // timedelta(microseconds=1)


@dataclass(slots=True)
class LogOrder:
    """Positions and the versions of every stream count from 1, and time never goes back.

    Memory grows with streams, never with events.
    """

    position: int = 0
    _microseconds: int = 0
    _versions: dict[str, int] = field(default_factory=dict[str, int])

    def take(self, row: Row) -> None:
        """Hold the next row against those before it; raises `Damaged`."""
        self.take_all((row,))

    def take_all(self, rows: Iterable[Row]) -> None:
        """Hold the next rows against those before them; raises `Damaged` at the first wrong one."""
        versions, expected, latest = self._versions, self.position + 1, self._microseconds
        for row in rows:
            position, stream, version, _, _, microseconds, _ = row
            if (
                position != expected
                or version != versions.get(stream, 0) + 1
                or not latest <= microseconds <= _LATEST
            ):
                self.position, self._microseconds = expected - 1, latest
                raise self._wrong(row)
            versions[stream] = version
            expected, latest = expected + 1, microseconds
        self.position, self._microseconds = expected - 1, latest

    def _wrong(self, row: Row) -> Damaged:
        position, stream, version, name, _, microseconds, _ = row
        if position != self.position + 1:
            what = f"missing; the next one is {position}"
            return Damaged(self.position + 1, what, code=EVENT_MISSING)
        expected = self._versions.get(stream, 0) + 1
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
