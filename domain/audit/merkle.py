"""The Merkle tree of RFC 6962, section 2.1 (RFC 9162 says the same), with SHA-256.

A tree over `size` leaves is named by its root. A range [low, high) of leaves that a proof needs is
named here and hashed wherever leaves are kept; nothing here knows where that is.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from typing import NamedTuple

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()
_LEAF, _NODE = b"\x00", b"\x01"
_BEGUN = sha256(_LEAF)
"""To go on from here takes less time than to put the byte before each leaf."""


class Range(NamedTuple):
    """The leaves from `low` on, up to but without `high`."""

    low: int
    high: int


class ProofWrong(Exception):
    """A proof does not prove what it was given for."""


def leaf_hash(leaf: bytes | memoryview) -> bytes:
    """Hash what stands in a leaf."""
    [one] = leaf_hashes((leaf,))
    return one


def leaf_hashes(leaves: Iterable[bytes | memoryview]) -> list[bytes]:
    """Hash what stands in each leaf."""
    hashes: list[bytes] = []
    for leaf in leaves:
        hashing = _BEGUN.copy()
        hashing.update(leaf)
        hashes.append(hashing.digest())
    return hashes


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two neighbours into the node above them."""
    return sha256(_NODE + left + right).digest()


def row_above(hashes: bytes) -> bytes:
    """Hash a row of whole pairs, laid end to end, into the row above it."""
    wide = 2 * HASH_BYTES
    return b"".join(
        [sha256(_NODE + hashes[at : at + wide]).digest() for at in range(0, len(hashes), wide)]
    )


class Frontier:
    """A tree that only grows: the roots of its perfect subtrees from left to right."""

    __slots__ = ("_roots", "size")

    def __init__(self, size: int = 0, roots: Iterable[bytes] = ()) -> None:
        self.size = size
        self._roots = list(roots)
        if len(self._roots) != size.bit_count():
            raise ValueError(f"a tree of {size} has {size.bit_count()} perfect subtrees")

    def add(self, root: bytes, *, leaves: int = 1) -> list[tuple[int, bytes]]:
        """Add a perfect subtree where the tree ends on a multiple of its leaves.

        Gives all perfect subtrees that this completes, itself first: their leaves and roots.
        """
        size = self.size
        if size % leaves:
            raise ValueError(f"{leaves} leaves can not follow {size}")
        self.size += leaves
        completed = [(leaves, root)]
        while size & leaves:
            root = sha256(_NODE + self._roots.pop() + root).digest()
            leaves *= 2
            completed.append((leaves, root))
        self._roots.append(root)
        return completed

    def root(self) -> bytes:
        """Give the root of the tree as it is."""
        return joined(self._roots)


def joined(roots: Sequence[bytes]) -> bytes:
    """Give the root over perfect subtrees that get smaller from left to right."""
    if not roots:
        return EMPTY_ROOT
    above = roots[-1]
    for left in reversed(roots[:-1]):
        above = node_hash(left, above)
    return above


def perfect_parts(of: Range) -> Iterator[Range]:
    """Cut a range into the fewest perfect subtrees of the tree."""
    low = of.low
    while low < of.high:
        leaves = 1 << (of.high - low).bit_length() - 1
        leaves = min(leaves, low & -low or leaves)
        yield Range(low, low + leaves)
        low += leaves


def ranges_beside(known: Iterable[Range], size: int) -> Iterator[Range]:
    """Name the perfect subtrees of a tree that make it whole beside ranges of known leaves."""
    low = 0
    for one in known:
        yield from perfect_parts(Range(low, one.low))
        low = one.high
    yield from perfect_parts(Range(low, size))


def inclusion_path(index: int, size: int) -> list[Range]:
    """Name the ranges whose roots prove that leaf `index` is in the tree of `size`, from below."""
    if not 0 <= index < size:
        raise ValueError(f"a tree of {size} has no leaf {index}")
    path: list[Range] = []
    low, high = 0, size
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            path.append(Range(middle, high))
            high = middle
        else:
            path.append(Range(low, middle))
            low = middle
    return path[::-1]


def consistency_path(old: int, new: int) -> list[Range]:
    """Name the ranges whose roots prove that the tree of `new` begins with that of `old`."""
    if not 0 < old <= new:
        raise ValueError(f"no proof leads from {old} to {new}")
    path: list[Range] = []
    low, high = 0, new
    whole = True  # the part of the old tree that is left is the old tree itself
    while old != high:
        middle = low + _split(high - low)
        if old <= middle:
            path.append(Range(middle, high))
            high = middle
        else:
            path.append(Range(low, middle))
            low, whole = middle, False
    if not whole:
        path.append(Range(low, high))
    return path[::-1]


def check_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> None:
    """Raise `ProofWrong` unless the leaf with this hash is at `index` of the tree."""
    if not 0 <= index < size:
        raise ProofWrong(f"a tree of {size} has no leaf {index}")
    known = _named(inclusion_path(index, size), path) | {Range(index, index + 1): leaf}
    if _rebuilt(Range(0, size), known) != root:
        raise ProofWrong("the path does not lead to the root")


def check_consistency(
    old: int, new: int, old_root: bytes, new_root: bytes, path: Sequence[bytes]
) -> None:
    """Raise `ProofWrong` unless the new tree begins with the old one."""
    if not 0 < old <= new:
        raise ProofWrong(f"no proof leads from {old} to {new}")
    known = _named(consistency_path(old, new), path)
    older = [known[part] for part in sorted(known) if part.high <= old] or [old_root]
    newer = _rebuilt(Range(0, new), {Range(0, old): old_root} | known)
    if (joined(older), newer) != (old_root, new_root):
        raise ProofWrong("the path does not lead to both roots")


def _named(parts: Sequence[Range], path: Sequence[bytes]) -> dict[Range, bytes]:
    if len(parts) != len(path):
        raise ProofWrong(f"the path has {len(path)} steps, not {len(parts)}")
    return dict(zip(parts, path, strict=True))


def _rebuilt(of: Range, known: Mapping[Range, bytes]) -> bytes:
    """Give the root over a range from those of the parts that a path names."""
    root = known.get(of)
    if root is not None:
        return root
    middle = of.low + _split(of.high - of.low)
    left, right = Range(of.low, middle), Range(middle, of.high)
    return node_hash(_rebuilt(left, known), _rebuilt(right, known))


def _split(size: int) -> int:
    """Give the largest power of two below `size`."""
    return 1 << (size - 1).bit_length() - 1
