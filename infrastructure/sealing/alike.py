"""Rows that read alike but for some texts and numbers, read all at once."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import msgspec
import numpy as np

from infrastructure.sealing.layout import Cells, Flags, Numbers, Texts

PLAIN_TEXT = r"[ !#-\[\]-~]*+"
"""Text that reads in JSON as it is."""

AGAIN = "__"
"""In the name of a group that repeats another one, between its name and a number."""

ROUNDS_MAX = 16
"""Rows of one length that read in more ways than that are not read here."""

_SPACE, _QUOTE, _ZERO, _NINE, _BACKSLASH, _TILDE = map(np.uint8, map(ord, ' "09\\~'))

SLICE_ROWS = 512
"""So many rows stay close to the processor while they are compared."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """How one kind of text reads.

    Rows read alike that are byte by byte the same outside of its groups. A group is plain text,
    which may be another one in each row, but for those that the fields name. A group whose name
    ends with `AGAIN` and a number or word says what the group before that says.
    """

    reads: re.Pattern[bytes]
    numbers: frozenset[str] = frozenset()
    """Groups that are digits."""
    fixed: frozenset[str] = frozenset()
    """Groups that hold other groups or text outside of them: nothing in them is free."""
    checked: Mapping[str, msgspec.json.Decoder[object]] = field(
        default_factory=dict[str, msgspec.json.Decoder[object]]
    )
    """What must be able to read some groups, in quotes."""

    def read(self, texts: Texts, rows: Numbers) -> Iterator["Read"]:
        """Read equally long rows; those that do not read so are left out."""
        for _ in range(ROUNDS_MAX):
            if not rows.size:
                break
            match = self.reads.fullmatch(texts[rows[0]])
            if match is None:
                rows = rows[1:]
                continue
            cells = texts.cells(rows)
            read = Read(rows, cells, match)
            like = self._like(cells, match)
            for name, decoder in self.checked.items():
                if match[name] is not None:
                    like &= [_decodes(decoder, text) for text in read.texts(name)]
            if like.any():
                yield read.only(like)
            rows = rows[1:][~like[1:]]

    def _like(self, cells: Cells, match: re.Match[bytes]) -> Flags:
        """Say which rows read as the first, which matched."""
        names = [one for one in self.reads.groupindex if match[one] and one not in self.fixed]
        spans = [(name, match.span(name)) for name in names]
        quotes, free = cells[0] == _QUOTE, np.zeros(cells.shape[1], np.bool_)
        for _, (begin, end) in spans:
            free[begin:end] = True
        like = np.empty(len(cells), np.bool_)
        for at in range(0, len(cells), SLICE_ROWS):
            some = cells[at : at + SLICE_ROWS]
            same = some == cells[0]
            same |= free
            same &= some - _SPACE <= _TILDE - _SPACE
            same &= some != _BACKSLASH
            same &= (some == _QUOTE) == quotes
            for name, (begin, end) in spans:
                there = some[:, begin:end]
                told, again, _ = name.partition(AGAIN)
                if again:
                    first, last = match.span(told)
                    same[:, begin:end] = there == some[:, first:last]
                elif name in self.numbers:
                    same[:, begin:end] = there - _ZERO <= _NINE - _ZERO
                    same[:, begin] &= (there[:, 0] != _ZERO) | (cells[0, begin] == _ZERO)
            like[at : at + SLICE_ROWS] = same.all() or same.all(axis=1)
        return like


@dataclass(frozen=True, slots=True)
class Read:
    """Rows that read alike."""

    rows: Numbers
    cells: Cells
    match: re.Match[bytes]
    """Of one of them, be it left out since: where its groups stand, they stand in each."""

    def only(self, these: Flags) -> "Read":
        """Leave others out."""
        return self if these.all() else Read(self.rows[these], self.cells[these], self.match)

    def are_of(self, streams: Cells, prefix: bytes, key: str) -> Flags:
        """Say which stand in the stream that one of their texts names, behind a prefix."""
        keys, named = self.cells_of(key), np.frombuffer(prefix, np.uint8)
        if streams.shape[1] != len(named) + keys.shape[1]:
            return np.zeros(len(self.rows), np.bool_)
        there = (streams[:, : len(named)] == named).all(axis=1)
        return there & (streams[:, len(named) :] == keys).all(axis=1)

    def cells_of(self, name: str) -> Cells:
        """Read a group of each, byte by byte."""
        begin, end = self.match.span(name)
        return self.cells[:, begin:end]

    def texts(self, name: str) -> list[bytes]:
        """Read a text of each."""
        cells = np.ascontiguousarray(self.cells_of(name))
        if not cells.shape[1]:
            return [b""] * len(cells)
        return cells.view(np.dtype((np.void, cells.shape[1]))).ravel().tolist()

    def numbers(self, name: str) -> Numbers:
        """Read a number of each."""
        digits = (self.cells_of(name) - _ZERO).astype(np.int64)
        return digits @ 10 ** np.arange(digits.shape[1] - 1, -1, -1, dtype=np.int64)

    def shared(self, name: str) -> str:
        """Read a group of theirs that is fixed."""
        return self.match[name].decode()


def _decodes(decoder: msgspec.json.Decoder[object], text: bytes) -> bool:
    try:
        decoder.decode(b'"%b"' % text)
    except msgspec.DecodeError:
        return False
    return True
