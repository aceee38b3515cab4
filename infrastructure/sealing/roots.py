"""Roots over whole blocks of the log, kept so that a proof need not read the log.

A block of level 1 is 256 events, one of level 2 is 256 of those, and so on; each has one row. What
is smaller is hashed from the events themselves, so a proof is about the log as it stands.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import AsyncConnection

from domain.audit.merkle import (
    HASH_BYTES,
    Frontier,
    Range,
    joined,
    leaf_hashes,
    perfect_parts,
    row_above,
)
from infrastructure.sealing.leaves import read_leaves

LEVEL_BITS = 8
BLOCK = 1 << LEVEL_BITS
"""So many events, or blocks of the level below, make a block."""

LEVELS_MAX = 7
"""256^7 events are more than a position can count."""

_LEVEL_OF = {1 << LEVEL_BITS * level: level for level in range(1, LEVELS_MAX + 1)}

_READ = b"""
SELECT asked.low, asked.level, kept.number, kept.root
FROM unnest(%s::bigint[], %s::smallint[], %s::bigint[], %s::bigint[])
    AS asked (low, level, first, last)
CROSS JOIN LATERAL (
    SELECT number, root FROM defter.log_roots
    WHERE tenant_id = %s AND level = asked.level AND number >= asked.first
      AND number < asked.last ORDER BY number
) kept
"""
_KEEP = b"""
INSERT INTO defter.log_roots (tenant_id, level, number, root)
SELECT %s, unnest(%s::smallint[]), unnest(%s::bigint[]), unnest(%s::bytea[])
ON CONFLICT DO NOTHING
"""


class Root(NamedTuple):
    """The root over one block."""

    level: int
    number: int
    root: bytes


class LogShort(Exception):
    """The log lacks what a tree over it needs."""


def extend(frontier: Frontier, leaves: Sequence[bytes]) -> list[Root]:
    """Add leaves to a tree and give the roots of the blocks that became whole."""
    return extend_hashed(frontier, leaf_hashes(leaves))


def extend_hashed(frontier: Frontier, hashes: Sequence[bytes]) -> list[Root]:
    """Add leaves to a tree, by their hashes, and give the roots of the blocks that became whole."""
    made: list[Root] = []
    loose = min(-frontier.size % BLOCK, len(hashes))
    for one in hashes[:loose]:
        made += _whole(frontier, frontier.add(one))
    whole = (len(hashes) - loose) // BLOCK * BLOCK
    for at in range(loose, loose + whole, BLOCK):
        root = _root_over(b"".join(hashes[at : at + BLOCK]))
        made += _whole(frontier, frontier.add(root, leaves=BLOCK))
    for one in hashes[loose + whole :]:
        frontier.add(one)
    return made


async def keep(connection: AsyncConnection[Any], tenant_id: UUID, made: Collection[Root]) -> None:
    """Keep roots; a block has but one, so what is there already stays."""
    if made:
        columns = [list(column) for column in zip(*made, strict=True)]
        await connection.execute(_KEEP, (tenant_id, *columns))


async def frontier_at(connection: AsyncConnection[Any], tenant_id: UUID, size: int) -> Frontier:
    """Give the tree over the first `size` events; raises `LogShort`."""
    parts = list(perfect_parts(Range(0, size)))
    return Frontier(size, await _parts(connection, tenant_id, parts))


async def range_roots(
    connection: AsyncConnection[Any], tenant_id: UUID, ranges: Iterable[Range]
) -> list[bytes]:
    """Give the root over each range of a proof; raises `LogShort`."""
    cut = [list(perfect_parts(one)) for one in ranges]
    known = iter(await _parts(connection, tenant_id, [part for parts in cut for part in parts]))
    return [joined([next(known) for _ in parts]) for parts in cut]


async def _parts(
    connection: AsyncConnection[Any], tenant_id: UUID, parts: Sequence[Range]
) -> list[bytes]:
    """Give the root over each perfect subtree."""
    rows = {part: b"" for part in parts if part.high - part.low >= BLOCK}
    asked = [(part.low, *_blocks(part)) for part in rows]
    if asked:
        columns = [list(column) for column in zip(*asked, strict=True)]
        cursor = await connection.execute(_READ, (*columns, tenant_id))
        found: dict[tuple[int, int], list[bytes]] = {}
        for low, level, _, root in await cursor.fetchall():
            found.setdefault((low, level), []).append(bytes(root))
        for part, (low, level, first, last) in zip(rows, asked, strict=True):
            row = found.get((low, level), [])
            if len(row) != last - first:
                raise LogShort(f"the roots over {part.low + 1} to {part.high} are not all there")
            rows[part] = _root_over(b"".join(row))
    small = await _hashed(connection, tenant_id, [part for part in parts if part not in rows])
    return [(rows | small)[part] for part in parts]


async def _hashed(
    connection: AsyncConnection[Any], tenant_id: UUID, parts: Iterable[Range]
) -> dict[Range, bytes]:
    """Hash what is smaller than a block from the events, reading each block once."""
    of_block: dict[int, list[Range]] = {}
    for part in parts:
        of_block.setdefault(part.low // BLOCK, []).append(part)
    roots: dict[Range, bytes] = {}
    for some in of_block.values():
        first, last = min(part.low for part in some), max(part.high for part in some)
        leaves = await read_leaves(connection, tenant_id, after=first, last=last)
        if len(leaves) != last - first:
            raise LogShort(f"the events {first + 1} to {last} are not all there")
        hashes = b"".join(leaf_hashes(leaves))
        for low, high in some:
            row = hashes[HASH_BYTES * (low - first) : HASH_BYTES * (high - first)]
            roots[Range(low, high)] = _root_over(row)
    return roots


def _blocks(part: Range) -> tuple[int, int, int]:
    """Name the blocks below a perfect subtree: level, first, and the one after the last."""
    level = ((part.high - part.low).bit_length() - 1) // LEVEL_BITS
    return level, part.low >> LEVEL_BITS * level, part.high >> LEVEL_BITS * level


def _root_over(row: bytes) -> bytes:
    while len(row) > HASH_BYTES:
        row = row_above(row)
    return row


def _whole(frontier: Frontier, completed: Iterable[tuple[int, bytes]]) -> list[Root]:
    return [
        Root(_LEVEL_OF[leaves], frontier.size // leaves - 1, root)
        for leaves, root in completed
        if leaves in _LEVEL_OF
    ]
