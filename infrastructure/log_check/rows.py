"""What each row must be: by itself, and after the one before it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from infrastructure.event_log.codec import UnknownEvent, decode
from infrastructure.event_log.event_types import EVENT_TYPES
from infrastructure.ledger_check.findings import EVENT_IMPOSSIBLE, EVENT_UNKNOWN, Damage, Damaged
from infrastructure.ledger_check.order import LogOrder
from infrastructure.sealing.layout import Laid, Row

SAMPLE_EVERY_EVENTS = 1_000
"""Where no books are folded, the first event of each shape is read, and every such event."""

BATCH_ROWS = 256
"""So many rows stay close to the processor while they are checked."""


@dataclass(slots=True)
class RowsCheck:
    """Positions, versions, times, and types that this release knows."""

    samples: bool
    order: LogOrder = field(default_factory=LogOrder)
    damage: Damage | None = None
    """What is wrong with the first row that is; behind it nothing is checked."""
    _shapes: set[tuple[str, int]] = field(default_factory=set[tuple[str, int]])

    def good(self, leaves: Laid, *, last: int) -> Iterator[Sequence[Row]]:
        """Check the next leaves, which should reach `last`; give the rows before a wrong one.

        They come in batches, and each check goes over all of a batch: small loops, one after the
        other, take less time than one that does everything to each row.
        """
        unread = leaves.rows()
        while self.damage is None:
            rows = list(islice(unread, BATCH_ROWS))
            first = self.order.position + 1
            try:
                self.order.take_all(rows)
                if not rows:
                    self.order.reach(last)
                    break
            except Damaged as found:
                self.damage = found.damage
                rows = rows[: self.order.position + 1 - first]
            try:
                self._know_types(rows)
            except Damaged as found:
                # It stands before what is out of order, if anything is.
                self.damage = found.damage
                rows = rows[: found.damage.position - first]
            yield rows

    def _know_types(self, rows: Iterable[Row]) -> None:
        for row in rows:
            if row[3:5] not in self._shapes:
                self._meet(row)
            elif self.samples and row.position % SAMPLE_EVERY_EVENTS == 0:
                _read(row)

    def _meet(self, row: Row) -> None:
        kind = EVENT_TYPES.get(row.type)
        if kind is None or not 1 <= row.schema <= kind.SCHEMA:
            what = f"this release does not know {row.type} of schema {row.schema}"
            raise Damaged(row.position, what, code=EVENT_UNKNOWN)
        if self.samples:
            _read(row)
        self._shapes.add((row.type, row.schema))


def _read(row: Row) -> None:
    try:
        decode(row.type, row.schema, row.data)
    except (UnknownEvent, AssertionError, KeyError, ValueError, TypeError) as broken:
        what = f"{row.type} can not be: {str(broken).partition(chr(10))[0]}"
        raise Damaged(row.position, what, code=EVENT_IMPOSSIBLE) from broken
