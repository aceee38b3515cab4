"""What each row must be: by itself, and after the one before it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TypeVar
from uuid import UUID

import msgspec

from domain.kernel.ids import derived_bytes
from infrastructure.event_log.codec import UnknownEvent, decode
from infrastructure.event_log.event_types import EVENT_TYPES
from infrastructure.ledger_check.findings import EVENT_IMPOSSIBLE, EVENT_UNKNOWN, Damage, Damaged
from infrastructure.ledger_check.order import LogOrder
from infrastructure.log_check.findings import EVENT_ID_WRONG
from infrastructure.sealing.leaves import Row, unpacked

SAMPLE_EVERY_EVENTS = 1_000
"""Where no books are folded, the first event of each shape is read, and every such event."""

BATCH_ROWS = 256
"""So many rows stay close to the processor while they are checked."""

_NTH = [b"%d" % n for n in range(BATCH_ROWS)]

Part = tuple[bytes, Row, bytes]
"""Event id, row and meta."""

T = TypeVar("T")


class _Meta(msgspec.Struct):
    command_id: UUID | None = None


_META = msgspec.json.Decoder(_Meta)


@dataclass(slots=True)
class RowsCheck:
    """Positions, versions, times, event ids, and types that this release knows."""

    samples: bool
    order: LogOrder = field(default_factory=LogOrder)
    damage: Damage | None = None
    """What is wrong with the first row that is; behind it nothing is checked."""
    _meta: bytes = b""
    _command_id: bytes = b""
    _event: int = 0
    _shapes: set[tuple[str, int]] = field(default_factory=set[tuple[str, int]])

    def good(self, leaves: bytes, *, last: int) -> Iterator[Sequence[Row]]:
        """Check the next leaves, which should reach `last`; give the rows before a wrong one.

        They come in batches, and each check goes over all of a batch: small loops, one after the
        other, take half the time of one that does everything to each row.
        """
        parts = unpacked(leaves)
        while self.damage is None:
            batch = list(islice(parts, BATCH_ROWS))
            if not batch:
                self._hold(lambda _: self.order.reach(last), [])
                break
            first = self.order.position + 1
            rows = [row for _, row, _ in batch]
            if self._hold(self.order.take_all, rows):
                rows = rows[: self.order.position + 1 - first]
            for check in (self._follow_commands, self._know_types):
                # Only what stands before the wrong row can be wrong sooner.
                found = self._hold(check, batch[: len(rows)])
                if found is not None:
                    rows = rows[: found.position - first]
            yield rows

    def _hold(self, check: Callable[[list[T]], None], over: list[T]) -> Damage | None:
        try:
            check(over)
        except Damaged as found:
            self.damage = found.damage
            return found.damage
        return None

    def _follow_commands(self, batch: Iterable[Part]) -> None:
        """Derive each event's id again, where its meta says from what."""
        command_id, n, known = self._command_id, self._event, self._meta
        for event_id, row, meta in batch:
            if meta == known:
                n += 1
            else:
                command_id, n, known = _command_of(row.position, meta), 0, meta
            if (
                command_id
                and derived_bytes(command_id + (_NTH[n] if n < len(_NTH) else b"%d" % n))
                != event_id
            ):
                what = f"its id is not that of event {n + 1} of command {UUID(bytes=command_id)}"
                raise Damaged(row.position, what, code=EVENT_ID_WRONG)
        self._command_id, self._event, self._meta = command_id, n, known

    def _know_types(self, batch: Iterable[Part]) -> None:
        for _, row, _ in batch:
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


def _command_of(position: int, meta: bytes) -> bytes:
    """Give the id of the command that an event is of, or nothing where its meta tells none."""
    try:
        command_id = _META.decode(meta).command_id
    except (msgspec.DecodeError, UnicodeDecodeError) as torn:
        what = f"its meta can not be read: {torn}"
        raise Damaged(position, what, code=EVENT_IMPOSSIBLE) from torn
    return command_id.bytes if command_id is not None else b""


def _read(row: Row) -> None:
    try:
        decode(row.type, row.schema, row.data)
    except (UnknownEvent, AssertionError, KeyError, ValueError, TypeError) as broken:
        what = f"{row.type} can not be: {str(broken).partition(chr(10))[0]}"
        raise Damaged(row.position, what, code=EVENT_IMPOSSIBLE) from broken
