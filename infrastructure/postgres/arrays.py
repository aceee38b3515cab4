"""One-dimensional arrays in PostgreSQL's binary format, whole columns at a time.

psycopg dumps a list item by item in Python, which was a third of the writer's time.
"""

import struct
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.abc import Buffer
from psycopg.adapt import Dumper
from psycopg.pq import Format
from psycopg.rows import TupleRow

_HEADER = struct.Struct("!iiIii")
_EMPTY = struct.Struct("!iiI")
_LENGTH = struct.Struct("!i").pack
_POSTGRES_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Array(bytes):
    """An array as it is sent; `ELEMENT` and `ARRAY` are PostgreSQL's object ids of its types."""

    ELEMENT: int
    ARRAY: int

    @classmethod
    def _of(cls, count: int, items: bytes) -> "Array":
        if not count:
            return cls(_EMPTY.pack(0, 0, cls.ELEMENT))
        return cls(_HEADER.pack(1, 0, cls.ELEMENT, count, 1) + items)

    @classmethod
    def _of_fixed(cls, letter: str, size: int, values: Sequence[int]) -> "Array":
        flat = [part for value in values for part in (size, value)]
        return cls._of(len(values), struct.pack("!" + f"i{letter}" * len(values), *flat))

    @classmethod
    def _of_bytes(cls, values: Iterable[bytes]) -> "Array":
        parts = [part for value in values for part in (_LENGTH(len(value)), value)]
        return cls._of(len(parts) // 2, b"".join(parts))


class Uuids(Array):
    """uuid[]."""

    ELEMENT, ARRAY = 2950, 2951

    @classmethod
    def of(cls, values: Iterable[UUID]) -> Array:
        """Lay the values out."""
        return cls._of_bytes([value.bytes for value in values])


class RawUuids(Array):
    """uuid[] of values that are bytes already."""

    ELEMENT, ARRAY = 2950, 2951

    @classmethod
    def of(cls, values: Iterable[bytes]) -> Array:
        """Lay the values out."""
        return cls._of_bytes(values)


class Texts(Array):
    """text[]."""

    ELEMENT, ARRAY = 25, 1009

    @classmethod
    def of(cls, values: Iterable[str]) -> Array:
        """Lay the values out."""
        return cls._of_bytes([value.encode() for value in values])


class Byteas(Array):
    """bytea[]."""

    ELEMENT, ARRAY = 17, 1001

    @classmethod
    def of(cls, values: Iterable[bytes]) -> Array:
        """Lay the values out."""
        return cls._of_bytes(values)


class Bigints(Array):
    """bigint[]."""

    ELEMENT, ARRAY = 20, 1016

    @classmethod
    def of(cls, values: Sequence[int]) -> Array:
        """Lay the values out."""
        return cls._of_fixed("q", 8, values)


class Integers(Array):
    """integer[]."""

    ELEMENT, ARRAY = 23, 1007

    @classmethod
    def of(cls, values: Sequence[int]) -> Array:
        """Lay the values out."""
        return cls._of_fixed("i", 4, values)


class Smallints(Array):
    """smallint[]."""

    ELEMENT, ARRAY = 21, 1005

    @classmethod
    def of(cls, values: Sequence[int]) -> Array:
        """Lay the values out."""
        return cls._of_fixed("h", 2, values)


class Booleans(Array):
    """boolean[]."""

    ELEMENT, ARRAY = 16, 1000

    @classmethod
    def of(cls, values: Sequence[bool]) -> Array:
        """Lay the values out."""
        return cls._of_fixed("?", 1, values)


class Moments(Array):
    """timestamptz[]."""

    ELEMENT, ARRAY = 1184, 1185

    @classmethod
    def of(cls, values: Sequence[datetime]) -> Array:
        """Lay the values out; a batch has few different moments."""
        micros = {value: (value - _POSTGRES_EPOCH) // _MICROSECOND for value in set(values)}
        return cls._of_fixed("q", 8, [micros[value] for value in values])


def _dumper(kind: type[Array]) -> type[Dumper]:
    class AsItIs(Dumper):
        format = Format.BINARY
        oid = kind.ARRAY

        def dump(self, obj: Array) -> Buffer | None:
            return obj

    return AsItIs


def register_arrays(connection: AsyncConnection[TupleRow]) -> None:
    """Let a connection send these arrays."""
    for kind in (Uuids, RawUuids, Texts, Byteas, Bigints, Integers, Smallints, Booleans, Moments):
        connection.adapters.register_dumper(kind, _dumper(kind))
