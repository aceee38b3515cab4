"""Where the fields of many leaves stand, found for all of them at once."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property, lru_cache, partial
from typing import Any, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from infrastructure.sealing.leaves import EPOCH, ID_BYTES

_POSITION_AT = 24
_ID_AT = 36
_STREAM_AT = 56
"""Before the stream stand tenant, position, event id and its own length."""

_LENGTH_BYTES = 4
_FIELD_BYTES = 12
"""Of a number with its length."""

_LENGTH, _NUMBER, _ID = np.dtype(">u4"), np.dtype(">i8"), np.dtype((np.void, ID_BYTES))

_SMALL, _LARGE = 2**16, 2**62
"""Numbers below the one are put in order in no time; those below the other fit a column."""

PLACES = 5
"""Of each leaf: where it begins, where its stream, type and data end, and where it ends itself."""

_Key = TypeVar("_Key", bound=Hashable)

Numbers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Cells = npt.NDArray[np.uint8]
"""Equally long texts, a row each."""


class Row(NamedTuple):
    """What a check of the books reads of an event."""

    position: int
    stream: str
    version: int
    type: str
    schema: int
    microseconds: int
    data: bytes

    @property
    def recorded_at(self) -> datetime:
        """When it was recorded."""
        return EPOCH + timedelta(microseconds=self.microseconds)


class Shape(NamedTuple):
    """Rows, counted from 0, of one type and schema, whose streams and data are equally long."""

    type: str
    schema: int
    rows: Numbers


class Numbered(dict[_Key, int]):
    """Counts what it is asked for from 0 as it comes, so that columns hold numbers in its place."""

    def __missing__(self, key: _Key) -> int:
        return self.setdefault(key, len(self))

    def all(self, keys: Iterable[_Key]) -> list[int]:
        """Give the number of each."""
        return list(map(self.__getitem__, keys))


@dataclass(frozen=True, slots=True)
class Texts:
    """One field of many leaves."""

    leaves: bytes
    begins: Numbers
    ends: Numbers

    def __iter__(self) -> Iterator[bytes]:
        return map(self.leaves.__getitem__, map(slice, self.begins.tolist(), self.ends.tolist()))

    def __getitem__(self, row: int) -> bytes:
        return self.leaves[int(self.begins[row]) : int(self.ends[row])]

    @property
    def lengths(self) -> Numbers:
        """How long each is."""
        return self.ends - self.begins

    def whole(self, rows: Numbers) -> npt.NDArray[np.void]:
        """Read some rows, all as long as the first of them."""
        size = int(self.ends[rows[0]] - self.begins[rows[0]])
        return _taken(self.leaves, np.dtype((np.void, size)), self.begins[rows])

    def cells(self, rows: Numbers) -> Cells:
        """Read some rows, all as long as the first of them, byte by byte."""
        texts = self.whole(rows)
        return texts.view(np.uint8).reshape(len(rows), texts.itemsize)


@dataclass(frozen=True)
class Laid:
    """Whole leaves end to end, and the `PLACES` of each, a column a leaf."""

    leaves: bytes
    places: Numbers

    def __len__(self) -> int:
        return self.places.shape[1]

    def part(self, begin: int, end: int) -> "Laid":
        """Give some rows, counted from 0."""
        return Laid(self.leaves, self.places[:, begin:end])

    def only(self, rows: Numbers) -> "Laid":
        """Give some rows, by their numbers from 0."""
        return Laid(self.leaves, self.places[:, rows])

    @property
    def positions(self) -> Numbers:
        """The positions."""
        return self._numbers(self.places[0] + _POSITION_AT)

    @property
    def ids(self) -> bytes:
        """The event ids, end to end."""
        return _taken(self.leaves, _ID, self.places[0] + _ID_AT).tobytes()

    @property
    def streams(self) -> Texts:
        """The streams."""
        return Texts(self.leaves, self.places[0] + _STREAM_AT, self.places[1])

    @property
    def versions(self) -> Numbers:
        """The versions."""
        return self._numbers(self.places[1] + _LENGTH_BYTES)

    @property
    def types(self) -> Texts:
        """The types."""
        begins = self.places[1] + _FIELD_BYTES + _LENGTH_BYTES
        return Texts(self.leaves, begins, self.places[2])

    @property
    def schemas(self) -> Numbers:
        """The schemas."""
        return self._numbers(self.places[2] + _LENGTH_BYTES)

    @property
    def times(self) -> Numbers:
        """When they were recorded, in microseconds."""
        return self._numbers(self.places[2] + _FIELD_BYTES + _LENGTH_BYTES)

    @property
    def datas(self) -> Texts:
        """What happened."""
        begins = self.places[2] + 2 * _FIELD_BYTES + _LENGTH_BYTES
        return Texts(self.leaves, begins, self.places[3])

    @property
    def metas(self) -> Texts:
        """What is told beside."""
        return Texts(self.leaves, self.places[3] + _LENGTH_BYTES, self.places[4])

    @cached_property
    def shapes(self) -> Sequence[Shape]:
        """The rows, together where they are of one shape."""
        types, schemas = self.types, self.schemas
        found: list[Shape] = []
        for rows in equal((schemas, types.lengths, self.streams.lengths, self.datas.lengths)):
            left = rows
            while left.size:
                cells = types.cells(left)
                same = (cells == cells[0]).all(axis=1)
                found.append(Shape(types[left[0]].decode(), int(schemas[left[0]]), left[same]))
                left = left[~same]
        return found

    def rows(self) -> Iterator[Row]:
        """Read rows."""
        fields = zip(
            self.positions.tolist(),
            map(bytes.decode, self.streams),
            self.versions.tolist(),
            map(_name, self.types),
            self.schemas.tolist(),
            self.times.tolist(),
            self.datas,
            strict=True,
        )
        return map(_as_row, fields)

    def row(self, nth: int) -> Row:
        """Read one row, counted from 0."""
        return next(self.part(nth, nth + 1).rows())

    def _numbers(self, at: Numbers) -> Numbers:
        return _taken(self.leaves, _NUMBER, at).astype(np.int64)


def equal(columns: Sequence[Numbers]) -> list[Numbers]:
    """Find the rows, counted from 0 and in order, that say the same in each column."""
    mixed, sizes = np.zeros(len(columns[0]), np.int64), 1
    for column in columns:
        low, high = (int(column.min()), int(column.max())) if column.size else (0, 0)
        sizes *= high - low + 1
        mixed = mixed * (high - low + 1) + (column - low) if sizes < _LARGE else mixed
    order = in_order(mixed) if sizes < _LARGE else np.lexsort(columns)
    ordered = np.stack(columns)[:, order]
    cuts = np.flatnonzero((ordered[:, 1:] != ordered[:, :-1]).any(axis=0)) + 1
    return np.split(order, cuts)


def in_order(column: Numbers) -> Numbers:
    """Give the rows in the order of a column of numbers from 0, equal ones as they come."""
    small = not column.size or column.max() < _SMALL
    return np.argsort(column.astype(np.uint16) if small else column, kind="stable")


def laid(text: bytes, lengths: Sequence[int]) -> Laid:
    """Say where fields stand in leaves laid end to end, up to the first that lacks one."""
    places = np.empty((PLACES, len(lengths)), np.int64)
    begins, streams, types, datas, ends = places
    begins[:], ends[:] = _bounds(lengths)
    at = begins + _STREAM_AT
    for field_ends, before_next in ((streams, _FIELD_BYTES), (types, 2 * _FIELD_BYTES), (datas, 0)):
        field_ends[:] = at + _lengths(text, at)
        at = field_ends + before_next + _LENGTH_BYTES
    torn = at + _lengths(text, at) != ends
    for field_at, size in (
        (begins + _ID_AT, ID_BYTES),
        (streams + _LENGTH_BYTES, _NUMBER.itemsize),
        (types + _LENGTH_BYTES, _NUMBER.itemsize),
        (types + _FIELD_BYTES + _LENGTH_BYTES, _NUMBER.itemsize),
    ):
        torn |= _lengths(text, field_at) != size
    [torn] = np.nonzero(torn)
    if not torn.size:
        return Laid(text, places)
    whole = int(torn[0])
    return Laid(text, places[:, :whole].copy())


def positions_of(text: bytes, lengths: Sequence[int]) -> Numbers:
    """Read the positions of leaves laid end to end, which may lack other fields."""
    return _taken(text, _NUMBER, _bounds(lengths)[0] + _POSITION_AT).astype(np.int64)


def _bounds(lengths: Sequence[int]) -> tuple[Numbers, Numbers]:
    ends = np.cumsum(np.fromiter(lengths, np.int64, len(lengths)))
    return np.append(0, ends[:-1])[: len(ends)], ends


def _lengths(leaves: bytes, at: Numbers) -> Numbers:
    """Read the lengths that stand before some fields; a torn leaf may send anywhere."""
    before = np.clip(at - _LENGTH_BYTES, 0, max(0, len(leaves) - _LENGTH_BYTES))
    return _taken(leaves, _LENGTH, before).astype(np.int64)


def _taken(leaves: bytes, kind: np.dtype[Any], at: Numbers) -> npt.NDArray[Any]:
    """Take something from each of some places."""
    everywhere = max(0, len(leaves) - kind.itemsize + 1)
    return np.ndarray((everywhere,), kind, leaves, strides=(1,))[at]


# A tuple that is known to have the fields of a row becomes one three times as fast as by its name.
_as_row: Callable[[tuple[object, ...]], Row] = partial(tuple[object, ...].__new__, Row)

_name = lru_cache(maxsize=1024)(bytes.decode)
