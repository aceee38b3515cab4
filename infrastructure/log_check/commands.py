"""Whose events follow one another: those of a command have ids that are derived from its own."""

from dataclasses import dataclass
from uuid import UUID

import msgspec

from domain.kernel.ids import derived_bytes, derived_together
from infrastructure.ledger_check.findings import EVENT_IMPOSSIBLE, Damage
from infrastructure.log_check.findings import EVENT_ID_WRONG, Checked
from infrastructure.sealing.layout import Laid
from infrastructure.sealing.leaves import ID_BYTES

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

    def take(self, leaves: Laid, *, last: int) -> Checked:  # noqa: ARG002 - as every check does
        """Check the next leaves, which follow in order."""
        if self.damage is not None:
            return Checked()
        names = self._names(leaves)
        ids = leaves.ids()[: ID_BYTES * len(names)]
        if derived_together(names) != ids:
            self._find_wrong(leaves, names, ids)
        return Checked(damages=[self.damage] if self.damage is not None else ())

    def finish(self) -> Checked:
        """Know nothing that did not show before."""
        return Checked()

    def _names(self, leaves: Laid) -> list[bytes]:
        """Give what each id is derived from, if from anything, up to a meta that is none."""
        names, known, command_id, n = list[bytes](), self._meta, self._command_id, self._event
        for meta in leaves.metas():
            if meta == known:
                n += 1
            else:
                try:
                    known, command_id, n = meta, _command_of(meta), 0
                except (msgspec.DecodeError, UnicodeDecodeError) as broken:
                    what = f"its meta can not be read: {broken}"
                    self.damage = Damage(leaves.position(len(names)), what, EVENT_IMPOSSIBLE)
                    break
            nth = _NTH[n] if n < len(_NTH) else b"%d" % n
            names.append(command_id + nth if command_id else b"")
        self._meta, self._command_id, self._event = known, command_id, n
        return names

    def _find_wrong(self, leaves: Laid, names: list[bytes], ids: bytes) -> None:
        """Say which id is wrong, if one is: an event whose meta tells no command may have any."""
        for count, name in enumerate(names):
            if name and derived_bytes(name) != ids[ID_BYTES * count : ID_BYTES * (count + 1)]:
                command_id, n = UUID(bytes=name[:ID_BYTES]), int(name[ID_BYTES:])
                what = f"its id is not that of event {n + 1} of command {command_id}"
                self.damage = Damage(leaves.position(count), what, EVENT_ID_WRONG)
                break


def _command_of(meta: bytes) -> bytes:
    """Give the id of the command that an event is of, or nothing where its meta tells none."""
    command_id = _META.decode(meta).command_id
    return command_id.bytes if command_id is not None else b""
