"""Where the fields of many leaves stand, found for all of them at once."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache, partial
from typing import Any, NamedTuple

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

_LENGTH, _NUMBER, _ID = np.dtype(">u4"), np.dtype(">i8"), np.dtype(f"V{ID_BYTES}")

PLACES = 5
"""Of each leaf: where it begins, where its stream, type and data end, and where it ends itself."""

Places = npt.NDArray[np.int64]


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


@dataclass(frozen=True, slots=True)
class Laid:
    """Whole leaves end to end, and the `PLACES` of each, a column a leaf."""

    leaves: bytes
    places: Places

    def __len__(self) -> int:
        return self.places.shape[1]

    def rows(self) -> Iterator[Row]:
        """Read rows."""
        begins, streams, types, datas, _ = self.places
        fields = zip(
            self._numbers(begins + _POSITION_AT),
            map(bytes.decode, self._texts(begins + _STREAM_AT, streams)),
            self._numbers(streams + _LENGTH_BYTES),
            map(_name, self._texts(streams + _FIELD_BYTES + _LENGTH_BYTES, types)),
            self._numbers(types + _LENGTH_BYTES),
            self._numbers(types + _FIELD_BYTES + _LENGTH_BYTES),
            self._texts(types + 2 * _FIELD_BYTES + _LENGTH_BYTES, datas),
            strict=True,
        )
        return map(_as_row, fields)

    def position(self, nth: int) -> int:
        """Read the position of one, counted from 0."""
        return self._numbers(self.places[0, nth : nth + 1] + _POSITION_AT)[0]

    def ids(self) -> bytes:
        """Give the event ids, end to end."""
        return _taken(self.leaves, _ID, self.places[0] + _ID_AT).tobytes()

    def metas(self) -> Iterator[bytes]:
        """Read the metas."""
        return self._texts(self.places[3] + _LENGTH_BYTES, self.places[4])

    def _numbers(self, at: Places) -> list[int]:
        return _taken(self.leaves, _NUMBER, at).tolist()

    def _texts(self, begins: Places, ends: Places) -> Iterator[bytes]:
        return map(self.leaves.__getitem__, map(slice, begins.tolist(), ends.tolist()))


def laid(leaves: Sequence[bytes]) -> Laid:
    """Lay leaves end to end, up to the first in which a field is missing."""
    together = b"".join(leaves)
    places = np.empty((PLACES, len(leaves)), np.int64)
    begins, streams, types, datas, ends = places
    ends[:] = np.cumsum(np.fromiter(map(len, leaves), np.int64, len(leaves)))
    begins[1:], begins[:1] = ends[:-1], 0
    at = begins + _STREAM_AT
    for field_ends, before_next in ((streams, _FIELD_BYTES), (types, 2 * _FIELD_BYTES), (datas, 0)):
        field_ends[:] = at + _lengths(together, at)
        at = field_ends + before_next + _LENGTH_BYTES
    [torn] = np.nonzero(at + _lengths(together, at) != ends)
    if not torn.size:
        return Laid(together, places)
    whole = int(torn[0])
    return Laid(together[: begins[whole]], places[:, :whole].copy())


def _lengths(leaves: bytes, at: Places) -> Places:
    """Read the lengths that stand before some fields; a torn leaf may send anywhere."""
    before = np.clip(at - _LENGTH_BYTES, 0, max(0, len(leaves) - _LENGTH_BYTES))
    return _taken(leaves, _LENGTH, before).astype(np.int64)


def _taken(leaves: bytes, kind: np.dtype[Any], at: Places) -> npt.NDArray[Any]:
    """Take something from each of some places."""
    everywhere = max(0, len(leaves) - kind.itemsize + 1)
    return np.ndarray((everywhere,), kind, leaves, strides=(1,))[at]


# A tuple that is known to have the fields of a row becomes one three times as fast as by its name.
_as_row: Callable[[tuple[object, ...]], Row] = partial(tuple[object, ...].__new__, Row)

_name = lru_cache(maxsize=1024)(bytes.decode)
