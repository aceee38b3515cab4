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

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import AsyncConnection, generators
from psycopg.abc import PQGen
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus
from psycopg.waiting import Wait

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
ID_BYTES = 16
_LENGTH_BYTES = 4
_FIELDS = 10
_START = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_COUNT_BYTES = 2

TOLD_LEAVES = 256
"""So many are told of at a time: no more than the database can have sent in the meantime."""

Told = Callable[[Sequence[memoryview]], None]

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


def position_of(leaf: bytes) -> int:
    """Read nothing but the position."""
    return _number(leaf[24:32])


def opened(leaf: bytes) -> Leaf:
    """Read the fields of a leaf."""
    fields: list[bytes] = []
    at = 0
    for _ in range(_FIELDS):
        begin = at + _LENGTH_BYTES
        at = begin + int.from_bytes(leaf[at:begin], "big")
        fields.append(leaf[begin:at])
    tenant_id, position, event_id, stream, version, name, schema, recorded_at, data, meta = fields
    return Leaf(
        UUID(bytes=tenant_id),
        _number(position),
        UUID(bytes=event_id),
        stream.decode(),
        _number(version),
        name.decode(),
        _number(schema),
        EPOCH + timedelta(microseconds=_number(recorded_at)),
        data,
        meta,
    )


def _number(field: bytes) -> int:
    return int.from_bytes(field, "big", signed=True)


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
    return b"".join(
        part for field in fields for part in (len(field).to_bytes(_LENGTH_BYTES, "big"), field)
    )


async def read_leaves(
    connection: AsyncConnection[Any], tenant_id: UUID, *, after: int, last: int
) -> list[bytes]:
    """Read the leaves after a position up to another one, in order; a gap shows by its absence."""
    leaves: list[bytes] = []

    def keep(some: Sequence[memoryview]) -> None:
        leaves.extend(map(bytes, some))

    await tell_leaves(connection, tenant_id, after=after, last=last, told=keep)
    return leaves


async def tell_leaves(
    connection: AsyncConnection[Any], tenant_id: UUID, *, after: int, last: int, told: Told
) -> None:
    """Read leaves as `read_leaves` does, and keep none.

    `told` hears some at a time, and whatever it does is done while the database sends the next.
    """
    query = _LEAVES.format(tenant_id=UUID(bytes=tenant_id.bytes), after=int(after), last=int(last))
    async with connection.lock:
        await connection.wait(_copied(connection, query.encode(), told))


def _copied(connection: AsyncConnection[Any], query: bytes, told: Told) -> PQGen[None]:
    """Copy rows straight from libpq; psycopg's own way waits and looks around for each of them."""
    pgconn = connection.pgconn
    pgconn.send_query(query)
    yield from generators.send(pgconn)
    began = yield from generators.fetch(pgconn)
    leaves: list[memoryview] = []
    skipped = len(_START) + _COUNT_BYTES
    if began is not None and began.status == ExecStatus.COPY_OUT:
        get, take_in, dry = pgconn.get_copy_data, pgconn.consume_input, False
        while True:
            size, row = get(1)
            if size > skipped:
                leaves.append(row[skipped:])
                if len(leaves) == TOLD_LEAVES:
                    told(leaves)
                    leaves = []
                skipped, dry = _COUNT_BYTES, False
            elif size > 0:
                # A row without fields: its count says that the copy ends.
                continue
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
    told(leaves)
