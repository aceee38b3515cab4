"""What each row must be: by itself, and after the one before it."""

from dataclasses import dataclass, field

from infrastructure.event_log.codec import UnknownEvent, decode
from infrastructure.event_log.event_types import EVENT_TYPES
from infrastructure.ledger_check.findings import EVENT_IMPOSSIBLE, EVENT_UNKNOWN, Damage, Damaged
from infrastructure.ledger_check.order import LogOrder
from infrastructure.sealing.layout import Laid, Row

SAMPLE_EVERY_EVENTS = 1_000
"""Where no books are folded, the first event of a type and schema is read, and every such event."""


@dataclass(slots=True)
class RowsCheck:
    """Positions, versions, times, and types that this release knows."""

    samples: bool
    order: LogOrder = field(default_factory=LogOrder)
    damage: Damage | None = None
    """What is wrong with the first row that is; behind it nothing is checked."""
    _known: set[tuple[str, int]] = field(default_factory=set[tuple[str, int]])

    def good(self, leaves: Laid, *, last: int) -> Laid:
        """Check the next leaves, which should reach `last`; give those before a wrong one."""
        if self.damage is not None:
            return leaves.part(0, 0)
        first = self.order.position + 1
        try:
            self.order.take_all(leaves)
            self.order.reach(last)
        except Damaged as found:
            self.damage = found.damage
            leaves = leaves.part(0, self.order.position + 1 - first)
        try:
            self._know_types(leaves, first)
        except Damaged as found:
            # It stands before what is out of order, if anything is.
            self.damage = found.damage
            leaves = leaves.part(0, found.damage.position - first)
        return leaves

    def _know_types(self, leaves: Laid, first: int) -> None:
        looks = dict[tuple[str, int], int]()
        for name, schema, rows in leaves.shapes:
            if (name, schema) not in self._known:
                looks[name, schema] = min(int(rows[0]), looks.get((name, schema), len(leaves)))
        samples = range(-first % SAMPLE_EVERY_EVENTS, len(leaves), SAMPLE_EVERY_EVENTS)
        for nth in sorted({*looks.values(), *(samples if self.samples else ())}):
            self._meet(leaves.row(nth))

    def _meet(self, row: Row) -> None:
        kind = EVENT_TYPES.get(row.type)
        if kind is None or not 1 <= row.schema <= kind.SCHEMA:
            what = f"this release does not know {row.type} of schema {row.schema}"
            raise Damaged(row.position, what, code=EVENT_UNKNOWN)
        if self.samples:
            _read(row)
        self._known.add((row.type, row.schema))


def _read(row: Row) -> None:
    try:
        decode(row.type, row.schema, row.data)
    except (UnknownEvent, AssertionError, KeyError, ValueError, TypeError) as broken:
        what = f"{row.type} can not be: {str(broken).partition(chr(10))[0]}"
        raise Damaged(row.position, what, code=EVENT_IMPOSSIBLE) from broken
