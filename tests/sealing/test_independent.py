"""A published library of others builds the same trees, and its proofs and ours agree (AUD-01).

pymerkle names what proves a leaf as RFC 6962 does, with the leaf itself before it. Its proofs of
consistency name the subtrees of both trees; ours are the RFC's, and lead to its roots.
"""

# pymerkle has no types.
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

from collections.abc import Iterator, Sequence

import pytest
from pymerkle import InmemoryTree, verify_consistency, verify_inclusion

from domain.audit.merkle import (
    Frontier,
    Range,
    check_consistency,
    check_inclusion,
    consistency_path,
    inclusion_path,
    joined,
    leaf_hash,
    perfect_parts,
    ranges_beside,
    row_above,
)
from infrastructure.sealing.bundle import verify

pytestmark = pytest.mark.row("AUD-01")

SIZE = 40
LEAVES = [bytes([n]) * n for n in range(SIZE)]
HASHES = [leaf_hash(leaf) for leaf in LEAVES]


@pytest.fixture(scope="module")
def theirs() -> InmemoryTree:
    tree = InmemoryTree(algorithm="sha256")
    for leaf in LEAVES:
        tree.append_entry(leaf)
    return tree


def roots(ranges: Sequence[Range]) -> list[bytes]:
    return [joined(list(map(perfect, perfect_parts(one)))) for one in ranges]


def perfect(part: Range) -> bytes:
    row = b"".join(HASHES[part.low : part.high])
    while len(row) > 32:
        row = row_above(row)
    return row


def pairs() -> Iterator[tuple[int, int]]:
    return ((old, new) for new in range(1, SIZE + 1) for old in range(1, new + 1))


def test_every_root_is_the_same(theirs: InmemoryTree) -> None:
    ours, verifiers = Frontier(), verify.Tree()
    for size, hashed in enumerate(HASHES, 1):
        ours.add(hashed)
        verifiers.add(1, hashed)
        assert theirs.get_root(size) == ours.root() == verifiers.root()


def test_every_inclusion_proof_is_the_same(theirs: InmemoryTree) -> None:
    for position, size in pairs():
        proof = theirs.prove_inclusion(position, size)
        path = roots(inclusion_path(position - 1, size))
        assert proof.path == [HASHES[position - 1], *path]
        verify_inclusion(HASHES[position - 1], theirs.get_root(size), proof)
        check_inclusion(HASHES[position - 1], position - 1, size, path, theirs.get_root(size))


def test_every_consistency_proof_leads_to_their_roots(theirs: InmemoryTree) -> None:
    for old, new in pairs():
        before, after = theirs.get_root(old), theirs.get_root(new)
        verify_consistency(before, after, theirs.prove_consistency(old, new))
        path = roots(consistency_path(old, new))
        check_consistency(old, new, before, after, path)
        assert verify.consistent(old, new, before, after, path)
        assert not verify.consistent(old, new, after, before, path) or old == new
        for at in range(len(path)):
            assert not verify.consistent(old, new, before, after, path[:at] + path[at + 1 :])
            wrong = [*path[:at], bytes(32), *path[at + 1 :]]
            assert not verify.consistent(old, new, before, after, wrong)
        assert not verify.consistent(old, new, before, after, [*path, bytes(32)])


def test_a_part_with_what_is_beside_it_leads_to_their_root(theirs: InmemoryTree) -> None:
    for low, high in pairs():
        tree = verify.Tree()
        parts = list(ranges_beside([Range(low - 1, high)], SIZE))
        for part in sorted([*parts, *(Range(n, n + 1) for n in range(low - 1, high))]):
            tree.add(part.high - part.low, perfect(part))
        assert tree.root() == theirs.get_root(SIZE)
