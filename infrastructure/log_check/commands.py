"""Whose events follow one another: those of a command have ids that are derived from its own."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import msgspec

from domain.kernel.ids import derived_bytes, derived_together
from infrastructure.ledger_check.findings import EVENT_IMPOSSIBLE, Damage
from infrastructure.log_check.findings import EVENT_ID_WRONG
from infrastructure.sealing.leaves import id_of, meta_of, position_of

BATCH_LEAVES = 256
"""The ids of so many are derived together."""

_NTH = [b"%d" % n for n in range(256)]


class _Meta(msgspec.Struct):
    command_id: UUID | None = None


_META = msgspec.json.Decoder(_Meta)


@dataclass(slots=True)
class CommandsCheck:
    """Derives each event's id again, where its meta says from what."""

    damage: Damage | None = None
    """What is wrong with the first event that is not so; behind it nothing is checked."""
    _meta: bytes | None = None
    _command_id: bytes = b""
    _event: int = 0

    def good(self, leaves: Sequence[bytes]) -> Sequence[bytes]:
        """Check the next leaves, which follow in order; give those before a wrong one."""
        for begin in range(0, len(leaves), BATCH_LEAVES):
            some = leaves[begin : begin + BATCH_LEAVES]
            names = self._names(some)
            count = len(names)
            if derived_together(names) != b"".join(map(id_of, some[:count])):
                count = self._before_wrong(some, names)
            if self.damage is not None:
                return leaves[: begin + count]
        return leaves

    def _names(self, leaves: Sequence[bytes]) -> list[bytes]:
        """Give what each id is derived from, if from anything, up to a meta that is torn."""
        names, known, command_id, n = list[bytes](), self._meta, self._command_id, self._event
        for leaf in leaves:
            try:
                meta = meta_of(leaf)
                if meta == known:
                    n += 1
                else:
                    known, command_id, n = meta, _command_of(meta), 0
            except (msgspec.DecodeError, UnicodeDecodeError, struct.error) as torn:
                what = f"its meta can not be read: {torn}"
                self.damage = Damage(position_of(leaf), what, EVENT_IMPOSSIBLE)
                break
            nth = _NTH[n] if n < len(_NTH) else b"%d" % n
            names.append(command_id + nth if command_id else b"")
        self._meta, self._command_id, self._event = known, command_id, n
        return names

    def _before_wrong(self, leaves: Sequence[bytes], names: Sequence[bytes]) -> int:
        """Say which id is wrong, if one is, and count those before it."""
        for count, (name, leaf) in enumerate(zip(names, leaves, strict=False)):
            if name and derived_bytes(name) != id_of(leaf):
                command_id, n = UUID(bytes=name[:16]), int(name[16:])
                what = f"its id is not that of event {n + 1} of command {command_id}"
                self.damage = Damage(position_of(leaf), what, EVENT_ID_WRONG)
                return count
        return len(names)


def _command_of(meta: bytes) -> bytes:
    """Give the id of the command that an event is of, or nothing where its meta tells none."""
    command_id = _META.decode(meta).command_id
    return command_id.bytes if command_id is not None else b""
