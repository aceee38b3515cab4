"""Whose events follow one another: those of a command have ids that are derived from its own."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import msgspec
import numpy as np

from domain.kernel.ids import derived_bytes, derived_together
from infrastructure.ledger_check.alike import PLAIN_TEXT, Pattern
from infrastructure.ledger_check.findings import EVENT_IMPOSSIBLE, Damage
from infrastructure.log_check.findings import EVENT_ID_WRONG
from infrastructure.sealing.layout import Cells, Laid, Texts, equal
from infrastructure.sealing.leaves import ID_BYTES

_NTH = [b"%d" % n for n in range(256)]
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
        metas, names = leaves.metas, list[bytes]()
        firsts = _firsts(metas)
        commands = _commands(metas, firsts)
        before = self._events if metas[0] == self._meta else 0
        for row, count in zip(firsts, np.diff(firsts, append=len(leaves)).tolist(), strict=True):
            try:
                command_id = commands[row] if row in commands else _command_of(metas[row])
            except (msgspec.DecodeError, UnicodeDecodeError) as broken:
                what = f"its meta can not be read: {broken}"
                self.damage = Damage(int(leaves.positions[row]), what, EVENT_IMPOSSIBLE)
                return names
            names += [command_id + nth if command_id else b"" for nth in _nths(before, count)]
            self._events, before = before + count, 0
        self._meta = metas[firsts[-1]]
        return names

    def _find_wrong(self, leaves: Laid, names: list[bytes], ids: bytes) -> None:
        """Say which id is wrong, if one is: an event whose meta tells no command may have any."""
        for count, name in enumerate(names):
            if name and derived_bytes(name) != ids[ID_BYTES * count : ID_BYTES * (count + 1)]:
                command_id, n = UUID(bytes=name[:ID_BYTES]), int(name[ID_BYTES:])
                what = f"its id is not that of event {n + 1} of command {command_id}"
                self.damage = Damage(int(leaves.positions[count]), what, EVENT_ID_WRONG)
                break


def _firsts(metas: Texts) -> list[int]:
    """Find the rows that do not say what the row before says."""
    first = np.ones(len(metas.begins), np.bool_)
    for rows in equal((metas.lengths,)):
        cells = metas.cells(rows)
        first[rows[1:]] = (np.diff(rows) != 1) | (cells[1:] != cells[:-1]).any(axis=1)
    return np.flatnonzero(first).tolist()


def _commands(metas: Texts, rows: Sequence[int]) -> Mapping[int, bytes]:
    """Read by which command each row is, of those that read as the writer makes them."""
    some, found = np.array(rows), dict[int, bytes]()
    for those in equal((metas.lengths[some],)):
        for read in _META.read(metas, some[those]):
            ids = _uuids(read.cells_of("command_id"))
            for nth, row in enumerate(read.rows.tolist() if ids else ()):
                found[row] = ids[ID_BYTES * nth : ID_BYTES * (nth + 1)]
    return found


def _uuids(texts: Cells) -> bytes:
    """Give equally long texts of UUIDs as bytes, end to end; nothing where one is none."""
    if texts.shape[1] != _TEXT_CHARACTERS or (texts[:, _DASHES] != _DASH).any():
        return b""
    try:
        ids = bytes.fromhex(texts[:, _DIGITS].tobytes().decode())
    except ValueError:
        return b""
    return ids if len(ids) == ID_BYTES * len(texts) else b""


def _nths(begin: int, count: int) -> Iterable[bytes]:
    end = begin + count
    return _NTH[begin:end] if end <= len(_NTH) else [b"%d" % n for n in range(begin, end)]


def _command_of(meta: bytes) -> bytes:
    """Give the id of the command that an event is of, or nothing where its meta tells none."""
    command_id = _ANY_META.decode(meta).command_id
    return command_id.bytes if command_id is not None else b""
