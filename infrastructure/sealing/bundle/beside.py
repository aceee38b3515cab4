"""The roots of what a bundle leaves out, so that the tree can be built again from the rest."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from domain.audit.merkle import Frontier, Range, leaf_hash
from infrastructure.sealing.leaves import read_leaves
from infrastructure.sealing.roots import BLOCK, LEVEL_BITS, LogShort, range_roots


async def roots_of(
    connection: AsyncConnection[Any], tenant_id: UUID, parts: Sequence[Range]
) -> list[bytes]:
    """Give the root over each perfect subtree; a block is read once. Raises `LogShort`."""
    large = [part for part in parts if part.high - part.low >= BLOCK]
    found = dict(zip(large, await range_roots(connection, tenant_id, large), strict=True))
    small = (part for part in parts if part.high - part.low < BLOCK)
    for _, of_block in groupby(small, key=lambda part: part.low >> LEVEL_BITS):
        found |= await _hashed(connection, tenant_id, list(of_block))
    return [found[part] for part in parts]


async def _hashed(
    connection: AsyncConnection[Any], tenant_id: UUID, parts: Sequence[Range]
) -> dict[Range, bytes]:
    low, high = parts[0].low, parts[-1].high
    leaves = await read_leaves(connection, tenant_id, after=low, last=high)
    if len(leaves) != high - low:
        raise LogShort(f"the events {low + 1} to {high} are not all there")
    return {part: _root(leaves[part.low - low : part.high - low]) for part in parts}


def _root(leaves: Sequence[bytes]) -> bytes:
    tree = Frontier()
    for leaf in leaves:
        tree.add(leaf_hash(leaf))
    return tree.root()
