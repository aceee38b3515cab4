"""The Merkle tree over a log (AUD-01, WLT-13): RFC 6962, and its published vectors."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from domain.audit.merkle import (
    EMPTY_ROOT,
    Frontier,
    ProofWrong,
    Range,
    check_consistency,
    check_inclusion,
    consistency_path,
    inclusion_path,
    joined,
    leaf_hash,
    node_hash,
    perfect_parts,
    ranges_beside,
    row_above,
)

pytestmark = pytest.mark.row("AUD-01")

PUBLISHED_LEAVES = tuple(
    bytes.fromhex(leaf)
    for leaf in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
)
"""The leaves with which the Certificate Transparency project tests its trees."""

PUBLISHED_ROOTS = tuple(
    bytes.fromhex(root)
    for root in (
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    )
)
SIZE_MAX = 70


def plain(hashes: list[bytes]) -> bytes:
    """The definition of RFC 6962, 2.1, word for word."""
    if not hashes:
        return EMPTY_ROOT
    if len(hashes) == 1:
        return hashes[0]
    half = 1
    while half * 2 < len(hashes):
        half *= 2
    return node_hash(plain(hashes[:half]), plain(hashes[half:]))


HASHES = [leaf_hash(str(n).encode()) for n in range(SIZE_MAX)]


def over(part: Range) -> bytes:
    return plain(HASHES[part.low : part.high])


def test_an_empty_log_has_the_published_root() -> None:
    expected = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert Frontier().root().hex() == expected


def test_trees_that_grow_have_the_published_roots() -> None:
    tree = Frontier()
    for leaf, root in zip(PUBLISHED_LEAVES, PUBLISHED_ROOTS, strict=True):
        tree.add(leaf_hash(leaf))
        assert tree.root() == root


@given(some.lists(some.integers(1, SIZE_MAX), min_size=1, max_size=4))
def test_a_tree_is_the_same_however_it_grew(steps: list[int]) -> None:
    tree = Frontier()
    for step in steps:
        for _ in range(min(step, SIZE_MAX - tree.size)):
            tree.add(HASHES[tree.size])
    size = tree.size
    again = Frontier(size, [over(part) for part in perfect_parts(Range(0, size))])
    assert tree.root() == again.root() == over(Range(0, size))


def test_whole_subtrees_can_be_added_at_once_and_name_what_they_complete() -> None:
    tree = Frontier(4, [over(Range(0, 4))])
    completed = tree.add(over(Range(4, 8)), leaves=4)
    assert completed == [(4, over(Range(4, 8))), (8, over(Range(0, 8)))]
    assert row_above(b"".join(HASHES[:4])) == over(Range(0, 2)) + over(Range(2, 4))


def test_a_subtree_follows_only_on_a_multiple_of_its_leaves() -> None:
    with pytest.raises(ValueError, match="4 leaves can not follow 2"):
        Frontier(2, [over(Range(0, 2))]).add(over(Range(4, 8)), leaves=4)


def test_a_tree_needs_the_root_of_each_perfect_subtree() -> None:
    with pytest.raises(ValueError, match="a tree of 3 has 2 perfect subtrees"):
        Frontier(3, [over(Range(0, 2))])


def test_every_event_of_every_small_log_is_proven_and_nothing_else() -> None:
    chance = random.Random(6962)  # noqa: S311 - a test's choice of what to change
    for size in range(1, SIZE_MAX):
        root = over(Range(0, size))
        for index in range(size):
            path = [over(part) for part in inclusion_path(index, size)]
            check_inclusion(HASHES[index], index, size, path, root)
            for wrong in (chance.choice(HASHES), leaf_hash(b"another")):
                if wrong != HASHES[index]:
                    with pytest.raises(ProofWrong):
                        check_inclusion(wrong, index, size, path, root)
            with pytest.raises(ProofWrong):
                check_inclusion(HASHES[index], index, size, [*path, root], root)
            if path:
                with pytest.raises(ProofWrong):
                    check_inclusion(HASHES[index], index, size, path[:-1], root)


def test_every_pair_of_small_logs_is_proven_to_be_one_and_nothing_else() -> None:
    for new in range(1, SIZE_MAX):
        for old in range(1, new + 1):
            roots = over(Range(0, old)), over(Range(0, new))
            path = [over(part) for part in consistency_path(old, new)]
            check_consistency(old, new, *roots, path)
            with pytest.raises(ProofWrong):
                check_consistency(old, new, leaf_hash(b"another"), roots[1], path)
            with pytest.raises(ProofWrong):
                check_consistency(old, new, roots[0], leaf_hash(b"another"), path)
            with pytest.raises(ProofWrong):
                check_consistency(old, new, *roots, [*path, roots[0]])
            if path:
                with pytest.raises(ProofWrong):
                    check_consistency(old, new, *roots, path[:-1])


@settings(max_examples=50)
@given(some.data())
def test_a_range_of_a_proof_is_cut_into_perfect_subtrees(data: some.DataObject) -> None:
    size = data.draw(some.integers(2, SIZE_MAX))
    index = data.draw(some.integers(0, size - 1))
    for part in inclusion_path(index, size):
        cut = list(perfect_parts(part))
        assert joined([over(one) for one in cut]) == over(part)
        assert all((one.high - one.low).bit_count() == 1 for one in cut)


@settings(deadline=None)
@given(some.data(), some.integers(1, SIZE_MAX))
def test_what_is_beside_some_leaves_makes_the_tree_whole(data: some.DataObject, size: int) -> None:
    known = data.draw(some.lists(some.integers(0, size - 1), unique=True).map(sorted))
    leaves = [Range(index, index + 1) for index in known]
    beside = list(ranges_beside(leaves, size))
    tree = Frontier()
    for part in sorted([*leaves, *beside]):
        assert part.low == tree.size
        tree.add(over(part), leaves=part.high - part.low)
    assert (tree.size, tree.root()) == (size, over(Range(0, size)))


def test_a_span_needs_few_subtrees_beside_it() -> None:
    beside = list(ranges_beside([Range(1_000_000, 2_000_000)], 10_000_000))
    assert len(beside) <= 2 * (10_000_000).bit_length()
    assert list(ranges_beside([Range(0, 7)], 7)) == []


def test_no_proof_is_made_of_what_is_not_there() -> None:
    with pytest.raises(ValueError, match="a tree of 3 has no leaf 3"):
        inclusion_path(3, 3)
    with pytest.raises(ValueError, match="no proof leads from 0 to 3"):
        consistency_path(0, 3)
    with pytest.raises(ProofWrong, match="a tree of 3 has no leaf 3"):
        check_inclusion(HASHES[0], 3, 3, [], HASHES[0])
    with pytest.raises(ProofWrong, match="no proof leads from 4 to 3"):
        check_consistency(4, 3, HASHES[0], HASHES[0], [])
