"""What is sealed of an event: its whole row, in an encoding that anybody can make again.

A leaf is ten fields, one after the other; each is its length as four bytes, then its bytes, all
numbers big-endian:

    tenant_id    16 bytes of the UUID
    position     signed, 8 bytes
    event_id     16 bytes of the UUID
    stream       UTF-8
    version      signed, 8 bytes
    type         UTF-8
    schema       signed, 8 bytes
    recorded_at  signed, 8 bytes: microseconds since 2000-01-01 00:00:00 UTC
    data         the stored bytes
    meta         the stored bytes

This is how PostgreSQL's COPY in binary lays a row out, without the count of fields before it, so
the database hands leaves over as they are hashed, and no code of ours stands between.
"""

import struct
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache, partial
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import AsyncConnection, generators
from psycopg.abc import PQGen
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus
from psycopg.waiting import Wait

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_LENGTH = struct.Struct("!i")
_LENGTH_BYTES = _LENGTH.size
_length_at = struct.Struct("!I").unpack_from
_STREAM_AT = 56
"""Before the stream stand tenant, position, event id and its own length."""
_VERSION_BYTES = 12
_SCHEMA_BYTES = 24
"""Version, and schema with time of recording, with their lengths."""
_FIELDS = "!24xq20x4x{stream}s4xq4x{type}s4xq4xqi"
"""Position, stream, version, type, schema, time of recording, and the length of the data: what
stands in a leaf up to its data, whose place depends on the length of stream and type."""
_START = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_COUNT_BYTES = 2

TOLD_LEAVES = 256
"""So many are told of at a time: no more than the database can have sent in the meantime."""

Told = Callable[[Sequence[bytes]], None]

_LEAVES = """
COPY (
    SELECT tenant_id, position, event_id, stream, version, type, schema::bigint, recorded_at,
        data, meta
    FROM defter.events
    WHERE tenant_id = '{tenant_id}' AND position > {after} AND position <= {last}
    ORDER BY position
) TO STDOUT (FORMAT binary)
"""


class Leaf(NamedTuple):
    """The fields of a leaf."""

    tenant_id: UUID
    position: int
    event_id: UUID
    stream: str
    version: int
    type: str
    schema: int
    recorded_at: datetime
    data: bytes
    meta: bytes


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


def position_of(leaf: bytes) -> int:
    """Read nothing but the position."""
    return int.from_bytes(leaf[24:32], "big", signed=True)


def id_of(leaf: bytes) -> bytes:
    """Read nothing but the event id."""
    return leaf[36:52]


def meta_of(leaf: bytes) -> bytes:
    """Read nothing but the meta; raises `struct.error` where a field before it is missing."""
    [length] = _length_at(leaf, _STREAM_AT - _LENGTH_BYTES)
    at = _STREAM_AT + length + _VERSION_BYTES
    [length] = _length_at(leaf, at)
    at += _LENGTH_BYTES + length + _SCHEMA_BYTES
    [length] = _length_at(leaf, at)
    at += _LENGTH_BYTES + length
    [length] = _length_at(leaf, at)
    at += _LENGTH_BYTES
    if at + length != len(leaf):
        raise struct.error("it is not as long as it says")
    return leaf[at:]


def unpacked(leaves: bytes) -> Iterator[Row]:
    """Read the rows of leaves that lie end to end."""
    length_at, end, at = _length_at, len(leaves), 0
    while at < end:
        [stream_bytes] = length_at(leaves, at + _STREAM_AT - _LENGTH_BYTES)
        [type_bytes] = length_at(leaves, at + _STREAM_AT + stream_bytes + _VERSION_BYTES)
        fields = _layout(stream_bytes, type_bytes)
        position, stream, version, name, schema, microseconds, length = fields.unpack_from(
            leaves, at
        )
        at += fields.size
        data = leaves[at : at + length]
        [meta_bytes] = length_at(leaves, at + length)
        at += length + _LENGTH_BYTES + meta_bytes
        yield _as_row(
            (position, stream.decode(), version, name.decode(), schema, microseconds, data)
        )


# A tuple that is known to have the fields of a row becomes one three times as fast as by its name.
_as_row: Callable[[tuple[object, ...]], Row] = partial(tuple[object, ...].__new__, Row)


@lru_cache(maxsize=1024)
def _layout(stream_bytes: int, type_bytes: int) -> struct.Struct:
    return struct.Struct(_FIELDS.format(stream=stream_bytes, type=type_bytes))


def opened(leaf: bytes) -> Leaf:
    """Read the fields of a leaf."""
    [row] = unpacked(leaf)
    return Leaf(
        UUID(bytes=leaf[_LENGTH.size : _LENGTH.size + 16]),
        row.position,
        UUID(bytes=id_of(leaf)),
        row.stream,
        row.version,
        row.type,
        row.schema,
        row.recorded_at,
        row.data,
        meta_of(leaf),
    )


def encoded(leaf: Leaf) -> bytes:
    """Lay fields out as the database does."""
    fields = (
        leaf.tenant_id.bytes,
        leaf.position.to_bytes(8, "big", signed=True),
        leaf.event_id.bytes,
        leaf.stream.encode(),
        leaf.version.to_bytes(8, "big", signed=True),
        leaf.type.encode(),
        leaf.schema.to_bytes(8, "big", signed=True),
        ((leaf.recorded_at - EPOCH) // timedelta(microseconds=1)).to_bytes(8, "big", signed=True),
        leaf.data,
        leaf.meta,
    )
    return b"".join(part for field in fields for part in (_LENGTH.pack(len(field)), field))


async def read_leaves(
    connection: AsyncConnection[Any],
    tenant_id: UUID,
    *,
    after: int,
    last: int,
    told: Told = lambda _leaves: None,
) -> list[bytes]:
    """Read the leaves after a position up to another one, in order; a gap shows by its absence.

    `told` hears some at a time, and whatever it does is done while the database sends the next.
    """
    query = _LEAVES.format(tenant_id=UUID(bytes=tenant_id.bytes), after=int(after), last=int(last))
    async with connection.lock:
        return await connection.wait(_copied(connection, query.encode(), told))


def _copied(connection: AsyncConnection[Any], query: bytes, told: Told) -> PQGen[list[bytes]]:
    """Copy rows straight from libpq; psycopg's own way waits and looks around for each of them."""
    pgconn = connection.pgconn
    pgconn.send_query(query)
    yield from generators.send(pgconn)
    began = yield from generators.fetch(pgconn)
    leaves: list[bytes] = []
    skipped = len(_START) + _COUNT_BYTES
    if began is not None and began.status == ExecStatus.COPY_OUT:
        get, take_in, dry = pgconn.get_copy_data, pgconn.consume_input, False
        while True:
            size, row = get(1)
            if size > 0:
                # The last row has no fields: its count says that the copy ends.
                if leaf := bytes(row[skipped:]):
                    leaves.append(leaf)
                    if len(leaves) % TOLD_LEAVES == 0:
                        told(leaves[-TOLD_LEAVES:])
                skipped, dry = _COUNT_BYTES, False
            elif size == 0:
                # Nearly always more has come by now, and to wait takes as long as ten rows.
                if dry:
                    yield Wait.R
                take_in()
                dry = not dry
            else:
                break
    while began is not None:
        if began.status == ExecStatus.FATAL_ERROR:
            raise error_from_result(began, encoding="utf-8")
        began = yield from generators.fetch(pgconn)
    told(leaves[len(leaves) // TOLD_LEAVES * TOLD_LEAVES :])
    return leaves
