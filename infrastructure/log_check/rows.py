"""What each row must be: by itself, and after the one before it."""

from dataclasses import dataclass, field
from uuid import UUID

import msgspec

from domain.kernel.ids import derived_uuid
from infrastructure.event_log.codec import UnknownEvent, decode
from infrastructure.event_log.event_types import EVENT_TYPES
from infrastructure.ledger_check.findings import EVENT_IMPOSSIBLE, EVENT_UNKNOWN, Damaged
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
    _meta: bytes = b""
    _command_id: UUID | None = None
    _event: int = 0
    _shapes: set[tuple[str, int]] = field(default_factory=set[tuple[str, int]])

    def take(self, leaf: bytes) -> Row:
        """Check the next row and give it; raises `Damaged`."""
        event_id, row, meta = unpacked(leaf)
        self.order.take(row)
        self._follow(row.position, event_id, meta)
        shape = row.type, row.schema
        if shape not in self._shapes:
            kind = EVENT_TYPES.get(row.type)
            if kind is None or not 1 <= row.schema <= kind.SCHEMA:
                what = f"this release does not know {row.type} of schema {row.schema}"
                raise Damaged(row.position, what, code=EVENT_UNKNOWN)
        if self.samples and (shape not in self._shapes or row.position % SAMPLE_EVERY_EVENTS == 0):
            self._read(row)
        self._shapes.add(shape)
        return row

    def _follow(self, position: int, event_id: bytes, meta: bytes) -> None:
        """Derive an event's id again, where its meta says from what."""
        if meta == self._meta:
            self._event += 1
        else:
            try:
                self._command_id = _META.decode(meta).command_id
            except (msgspec.DecodeError, UnicodeDecodeError) as torn:
                what = f"its meta can not be read: {torn}"
                raise Damaged(position, what, code=EVENT_IMPOSSIBLE) from torn
            self._meta, self._event = meta, 0
        if self._command_id is None:
            return
        if derived_uuid(self._command_id, str(self._event)) != event_id:
            what = f"its id is not that of event {self._event + 1} of command {self._command_id}"
            raise Damaged(position, what, code=EVENT_ID_WRONG)

    def _read(self, row: Row) -> None:
        try:
            decode(row.type, row.schema, row.data)
        except (UnknownEvent, AssertionError, KeyError, ValueError, TypeError) as broken:
            what = f"{row.type} can not be: {str(broken).partition(chr(10))[0]}"
            raise Damaged(row.position, what, code=EVENT_IMPOSSIBLE) from broken
