"""Whose events follow one another: those of a command have ids that are derived from its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import msgspec

from domain.kernel.ids import derived_bytes
from infrastructure.ledger_check.findings import EVENT_IMPOSSIBLE, Damage
from infrastructure.log_check.findings import EVENT_ID_WRONG
from infrastructure.sealing.leaves import id_and_meta, position_of

_NTH = [b"%d" % n for n in range(256)]


class _Meta(msgspec.Struct):
    command_id: UUID | None = None


_META = msgspec.json.Decoder(_Meta)


@dataclass(slots=True)
class CommandsCheck:
    """Derives each event's id again, where its meta says from what."""

    damage: Damage | None = None
    """What is wrong with the first event that is not so; behind it nothing is checked."""
    _meta: bytes = b""
    _command_id: bytes = b""
    _event: int = 0

    def good(self, leaves: Sequence[bytes]) -> Sequence[bytes]:
        """Check the next leaves, which follow in order; give those before a wrong one."""
        known, command_id, n = self._meta, self._command_id, self._event
        for count, leaf in enumerate(leaves):
            event_id, meta = id_and_meta(leaf)
            if meta == known:
                n += 1
            else:
                try:
                    known, command_id, n = meta, _command_of(meta), 0
                except (msgspec.DecodeError, UnicodeDecodeError) as torn:
                    what = f"its meta can not be read: {torn}"
                    self.damage = Damage(position_of(leaf), what, EVENT_IMPOSSIBLE)
                    return leaves[:count]
            nth = _NTH[n] if n < len(_NTH) else b"%d" % n
            if command_id and derived_bytes(command_id + nth) != event_id:
                what = f"its id is not that of event {n + 1} of command {UUID(bytes=command_id)}"
                self.damage = Damage(position_of(leaf), what, EVENT_ID_WRONG)
                return leaves[:count]
        self._meta, self._command_id, self._event = known, command_id, n
        return leaves


def _command_of(meta: bytes) -> bytes:
    """Give the id of the command that an event is of, or nothing where its meta tells none."""
    command_id = _META.decode(meta).command_id
    return command_id.bytes if command_id is not None else b""
