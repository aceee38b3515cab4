"""Parameters in PostgreSQL's binary format: one-dimensional arrays, whole columns at a time.

psycopg dumps a list item by item in Python, which was a third of the writer's time.
"""

import struct
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

_HEADER = struct.Struct("!iiIii")
_EMPTY = struct.Struct("!iiI")
_LENGTH = struct.Struct("!i").pack
_POSTGRES_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def _micros(value: datetime) -> int:
    return (value - _POSTGRES_EPOCH) // _MICROSECOND


class Kind:
    """How a parameter is laid out; `OID` is PostgreSQL's object id of its type."""

    OID: ClassVar[int]

    @classmethod
    def of(cls, value: Any, /) -> bytes:  # noqa: ANN401 - each kind says what it takes
        """Lay a value out."""
        raise NotImplementedError


class Text(Kind):
    """text."""

    OID = 25

    @classmethod
    def of(cls, value: str) -> bytes:
        """Lay the value out."""
        return value.encode()


class Uuid(Kind):
    """uuid."""

    OID = 2950

    @classmethod
    def of(cls, value: UUID) -> bytes:
        """Lay the value out."""
        return value.bytes


class Bigint(Kind):
    """bigint."""

    OID = 20

    @classmethod
    def of(cls, value: int) -> bytes:
        """Lay the value out."""
        return struct.pack("!q", value)


class Moment(Kind):
    """timestamptz."""

    OID = 1184

    @classmethod
    def of(cls, value: datetime) -> bytes:
        """Lay the value out."""
        return Bigint.of(_micros(value))


class Array(Kind):
    """An array; `ELEMENT` is PostgreSQL's object id of what it holds."""

    ELEMENT: ClassVar[int]

    @classmethod
    def _of(cls, count: int, items: bytes) -> bytes:
        if not count:
            return _EMPTY.pack(0, 0, cls.ELEMENT)
        return _HEADER.pack(1, 0, cls.ELEMENT, count, 1) + items

    @classmethod
    def _of_fixed(cls, letter: str, size: int, values: Sequence[int]) -> bytes:
        flat = [part for value in values for part in (size, value)]
        return cls._of(len(values), struct.pack("!" + f"i{letter}" * len(values), *flat))

    @classmethod
    def _of_bytes(cls, values: Iterable[bytes]) -> bytes:
        parts = [part for value in values for part in (_LENGTH(len(value)), value)]
        return cls._of(len(parts) // 2, b"".join(parts))


class Uuids(Array):
    """uuid[]."""

    ELEMENT, OID = 2950, 2951

    @classmethod
    def of(cls, values: Iterable[UUID]) -> bytes:
        """Lay the values out."""
        return cls._of_bytes([value.bytes for value in values])


class RawUuids(Array):
    """uuid[] of values that are bytes already."""

    ELEMENT, OID = 2950, 2951

    @classmethod
    def of(cls, values: Iterable[bytes]) -> bytes:
        """Lay the values out."""
        return cls._of_bytes(values)


class Texts(Array):
    """text[]."""

    ELEMENT, OID = 25, 1009

    @classmethod
    def of(cls, values: Iterable[str]) -> bytes:
        """Lay the values out."""
        return cls._of_bytes([value.encode() for value in values])


class Byteas(Array):
    """bytea[]."""

    ELEMENT, OID = 17, 1001

    @classmethod
    def of(cls, values: Iterable[bytes]) -> bytes:
        """Lay the values out."""
        return cls._of_bytes(values)


class Bigints(Array):
    """bigint[]."""

    ELEMENT, OID = 20, 1016

    @classmethod
    def of(cls, values: Sequence[int]) -> bytes:
        """Lay the values out."""
        return cls._of_fixed("q", 8, values)


class Integers(Array):
    """integer[]."""

    ELEMENT, OID = 23, 1007

    @classmethod
    def of(cls, values: Sequence[int]) -> bytes:
        """Lay the values out."""
        return cls._of_fixed("i", 4, values)


class Smallints(Array):
    """smallint[]."""

    ELEMENT, OID = 21, 1005

    @classmethod
    def of(cls, values: Sequence[int]) -> bytes:
        """Lay the values out."""
        return cls._of_fixed("h", 2, values)


class Booleans(Array):
    """boolean[]."""

    ELEMENT, OID = 16, 1000

    @classmethod
    def of(cls, values: Sequence[bool]) -> bytes:
        """Lay the values out."""
        return cls._of_fixed("?", 1, values)


class Moments(Array):
    """timestamptz[]."""

    ELEMENT, OID = 1184, 1185

    @classmethod
    def of(cls, values: Sequence[datetime]) -> bytes:
        """Lay the values out; a batch has few different moments."""
        micros = {value: _micros(value) for value in set(values)}
        return cls._of_fixed("q", 8, [micros[value] for value in values])
