"""What each row must be: by itself, and after the one before it."""

from dataclasses import dataclass, field
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
    _command_id: bytes | None = None
    _event: int = 0
    _shapes: set[tuple[str, int]] = field(default_factory=set[tuple[str, int]])

    def take(self, leaves: bytes, *, last: int) -> list[Row]:
        """Check the next leaves, which should reach `last`; give those before a wrong one."""
        good: list[Row] = []
        if self.damage is not None:
            return good
        follow, check, add = self.order.take, self._check, good.append
        try:
            for event_id, row, meta in unpacked(leaves):
                follow(row)
                check(event_id, row, meta)
                add(row)
            self.order.reach(last)
        except Damaged as found:
            self.damage = found.damage
        return good

    def _check(self, event_id: bytes, row: Row, meta: bytes) -> None:
        """Derive an event's id again where its meta says from what, and know its type."""
        if meta == self._meta:
            self._event += 1
        else:
            self._begin_command(row.position, meta)
        command_id = self._command_id
        if (
            command_id is not None
            and derived_bytes(b"%b%d" % (command_id, self._event)) != event_id
        ):
            what = (
                f"its id is not that of event {self._event + 1} of command {UUID(bytes=command_id)}"
            )
            raise Damaged(row.position, what, code=EVENT_ID_WRONG)
        if row[3:5] not in self._shapes:
            self._meet(row)
        elif self.samples and row.position % SAMPLE_EVERY_EVENTS == 0:
            self._read(row)

    def _meet(self, row: Row) -> None:
        kind = EVENT_TYPES.get(row.type)
        if kind is None or not 1 <= row.schema <= kind.SCHEMA:
            what = f"this release does not know {row.type} of schema {row.schema}"
            raise Damaged(row.position, what, code=EVENT_UNKNOWN)
        if self.samples:
            self._read(row)
        self._shapes.add((row.type, row.schema))

    def _begin_command(self, position: int, meta: bytes) -> None:
        try:
            command_id = _META.decode(meta).command_id
        except (msgspec.DecodeError, UnicodeDecodeError) as torn:
            what = f"its meta can not be read: {torn}"
            raise Damaged(position, what, code=EVENT_IMPOSSIBLE) from torn
        self._command_id = command_id.bytes if command_id is not None else None
        self._meta, self._event = meta, 0

    def _read(self, row: Row) -> None:
        try:
            decode(row.type, row.schema, row.data)
        except (UnknownEvent, AssertionError, KeyError, ValueError, TypeError) as broken:
            what = f"{row.type} can not be: {str(broken).partition(chr(10))[0]}"
            raise Damaged(row.position, what, code=EVENT_IMPOSSIBLE) from broken
