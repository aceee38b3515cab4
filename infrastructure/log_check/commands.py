"""Whose events follow one another: those of a command have ids that are derived from its own."""

import re
from dataclasses import dataclass
from uuid import UUID

import msgspec
import numpy as np

from domain.kernel.ids import derived_bytes, derived_together
from infrastructure.ledger_check.findings import EVENT_IMPOSSIBLE, Damage
from infrastructure.log_check.findings import EVENT_ID_WRONG
from infrastructure.sealing.alike import PLAIN_TEXT, Pattern
from infrastructure.sealing.layout import Cells, Flags, Laid, Numbers, Texts, equal
from infrastructure.sealing.leaves import ID_BYTES

_ZERO = ord("0")
_DIGIT_MAX = 9
_DASH = ord("-")
_DASHES = [8, 13, 18, 23]
_TEXT_CHARACTERS = 36
_DIGITS = [n for n in range(_TEXT_CHARACTERS) if n not in _DASHES]
"""Where digits stand in the text of a UUID."""


def _told(name: str) -> str:
    return f'"{name}":"(?P<{name}>{PLAIN_TEXT})"'


_META = Pattern(
    re.compile(
        (
            rf"\{{{_told('actor')}(?:,{_told('key')})?(?:,{_told('session')})?(?:,{_told('for')})?"
            rf'(?:,"origin":\{{{_told("subject")},{_told("sealed")}\}})?'
            rf",{_told('command')},{_told('command_id')},{_told('correlation')}"
            rf"(?:,{_told('causation')})?,{_told('release')}\}}"
        ).encode()
    )
)
"""How a meta reads as the writer makes it."""


class _Meta(msgspec.Struct):
    command_id: UUID | None = None


_ANY_META = msgspec.json.Decoder(_Meta)


@dataclass(slots=True)
class CommandsCheck:
    """Derives each event's id again, where its meta says from what."""

    damage: Damage | None = None
    """What is wrong with the first event that is not so; behind it nothing is checked."""
    _meta: bytes | None = None
    """Of the last command."""
    _events: int = 0
    """So many of its events were there."""

    def take(self, leaves: Laid) -> None:
        """Check the next leaves, which follow in order."""
        if self.damage is not None or not len(leaves):
            return
        names = self._names(leaves)
        ids = leaves.ids[: ID_BYTES * len(names)]
        if derived_together(names) != ids:
            self._find_wrong(leaves, names, ids)

    def _names(self, leaves: Laid) -> list[bytes]:
        """Give what each id is derived from, if from anything, up to a meta that is none."""
        metas, end, without = leaves.metas, len(leaves), list[int]()
        firsts = _firsts(metas)
        counts = np.diff(firsts, append=end)
        commands, read = _commands(metas, firsts)
        for nth in np.flatnonzero(~read).tolist():
            row = int(firsts[nth])
            try:
                command_id = _command_of(metas[row])
            except (msgspec.DecodeError, UnicodeDecodeError) as broken:
                what = f"its meta can not be read: {broken}"
                self.damage = Damage(int(leaves.positions[row]), what, EVENT_IMPOSSIBLE)
                end = row
                break
            if command_id:
                commands[nth] = np.frombuffer(command_id, np.uint8)
            else:
                without += range(row, row + int(counts[nth]))
        numbers = np.arange(len(leaves)) - np.repeat(firsts, counts)
        numbers[: counts[0]] += self._events if metas[0] == self._meta else 0
        self._meta, self._events = metas[-1], int(numbers[-1]) + 1
        digits = (numbers + _ZERO).astype(np.uint8)[:, None]
        texts = np.hstack((np.repeat(commands, counts, axis=0), digits)).tobytes()
        size = ID_BYTES + 1
        names = [texts[at : at + size] for at in range(0, size * end, size)]
        for row in np.flatnonzero(numbers[:end] > _DIGIT_MAX).tolist():
            names[row] = names[row][:ID_BYTES] + b"%d" % numbers[row]
        for row in without:
            names[row] = b""
        return names

    def _find_wrong(self, leaves: Laid, names: list[bytes], ids: bytes) -> None:
        """Say which id is wrong, if any is: where a meta tells no command, the id may be any."""
        for count, name in enumerate(names):
            if name and derived_bytes(name) != ids[ID_BYTES * count : ID_BYTES * (count + 1)]:
                command_id, n = UUID(bytes=name[:ID_BYTES]), int(name[ID_BYTES:])
                what = f"its id is not that of event {n + 1} of command {command_id}"
                self.damage = Damage(int(leaves.positions[count]), what, EVENT_ID_WRONG)
                break


def _firsts(metas: Texts) -> Numbers:
    """Find the rows that do not say what the row before says."""
    first = np.ones(len(metas.begins), np.bool_)
    for rows in equal((metas.lengths,)):
        cells = metas.cells(rows)
        first[rows[1:]] = (np.diff(rows) != 1) | (cells[1:] != cells[:-1]).any(axis=1)
    return np.flatnonzero(first)


def _commands(metas: Texts, rows: Numbers) -> tuple[Cells, Flags]:
    """Read by which command each row is, and say which of them read as the writer makes them."""
    commands, known = np.zeros((len(rows), ID_BYTES), np.uint8), np.zeros(len(rows), np.bool_)
    for those in equal((metas.lengths[rows],)):
        for read in _META.read(metas, rows[those]):
            ids = _uuids(read.cells_of("command_id"))
            if ids:
                nth = np.searchsorted(rows, read.rows)
                commands[nth] = np.frombuffer(ids, np.uint8).reshape(-1, ID_BYTES)
                known[nth] = True
    return commands, known


def _uuids(texts: Cells) -> bytes:
    """Give equally long texts of UUIDs as bytes, end to end; nothing where one is none."""
    if texts.shape[1] != _TEXT_CHARACTERS or (texts[:, _DASHES] != _DASH).any():
        return b""
    try:
        ids = bytes.fromhex(texts[:, _DIGITS].tobytes().decode())
    except ValueError:
        return b""
    return ids if len(ids) == ID_BYTES * len(texts) else b""


def _command_of(meta: bytes) -> bytes:
    """Give the id of the command that an event is of, or nothing where its meta tells none."""
    command_id = _ANY_META.decode(meta).command_id
    return command_id.bytes if command_id is not None else b""
