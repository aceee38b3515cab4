"""Fields that are found for many leaves at once are those of each leaf (AUD-01)."""

from collections.abc import Sequence
from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infrastructure.sealing.layout import Shape
from infrastructure.sealing.leaves import Leaf, encoded, opened
from tests.sealing.logs import end_to_end

pytestmark = pytest.mark.row("AUD-01")

NUMBERS = st.integers(-(2**63), 2**63 - 1)
TEXTS = st.text(max_size=40).filter(lambda text: text.isprintable())
MOMENTS = st.datetimes(timezones=st.just(UTC))
LEAVES = st.builds(
    Leaf,
    st.uuids(),
    NUMBERS,
    st.uuids(),
    TEXTS,
    NUMBERS,
    TEXTS,
    NUMBERS,
    MOMENTS,
    st.binary(max_size=300),
    st.binary(max_size=300),
)
GONE = b"\xff\xff\xff\xff"
"""The length of a field that is missing, which takes no bytes."""


@given(st.lists(LEAVES, max_size=8))
def test_many_leaves_say_what_each_says(leaves: Sequence[Leaf]) -> None:
    stored = list(map(encoded, leaves))
    whole = end_to_end(stored)
    assert len(whole) == len(leaves)
    assert whole.leaves == b"".join(stored)
    for row, leaf in zip(whole.rows(), leaves, strict=True):
        assert row.recorded_at == leaf.recorded_at
        assert row[:5] == (leaf.position, leaf.stream, leaf.version, leaf.type, leaf.schema)
        assert row.data == leaf.data
    assert list(whole.metas) == [leaf.meta for leaf in leaves]
    assert whole.ids == b"".join(leaf.event_id.bytes for leaf in leaves)
    assert whole.positions.tolist() == [leaf.position for leaf in leaves]


@given(st.lists(LEAVES | LEAVES.map(lambda leaf: leaf._replace(type="a", schema=1)), max_size=8))
def test_rows_of_one_shape_stand_together(leaves: Sequence[Leaf]) -> None:
    whole = end_to_end(list(map(encoded, leaves)))
    found = dict[int, Shape]()
    for shape in whole.shapes:
        assert shape.rows.tolist() == sorted(shape.rows.tolist())
        for texts in (whole.streams, whole.datas):
            cells = texts.cells(shape.rows)
            assert [cell.tobytes() for cell in cells] == [texts[row] for row in shape.rows]
        found.update(dict.fromkeys(shape.rows.tolist(), shape))
    assert [(found[n].type, found[n].schema) for n in range(len(leaves))] == [
        (leaf.type, leaf.schema) for leaf in leaves
    ]


@given(LEAVES)
def test_a_leaf_opens_into_what_it_was_made_of(leaf: Leaf) -> None:
    assert opened(encoded(leaf)) == leaf


@given(st.lists(LEAVES, min_size=1, max_size=6), st.data())
def test_leaves_end_before_one_that_lacks_a_field(leaves: list[Leaf], data: st.DataObject) -> None:
    stored = list(map(encoded, leaves))
    torn = data.draw(st.integers(0, len(leaves) - 1))
    field = data.draw(st.integers(3, 9))
    stored[torn] = without(stored[torn], field)
    whole = end_to_end(stored)
    assert len(whole) == torn
    assert [row.position for row in whole.rows()] == [leaf.position for leaf in leaves[:torn]]


def without(leaf: bytes, field: int) -> bytes:
    """Leave a field out as the database does where it holds NULL."""
    at = 0
    for _ in range(field):
        at += 4 + int.from_bytes(leaf[at : at + 4], "big")
    end = at + 4 + int.from_bytes(leaf[at : at + 4], "big")
    return leaf[:at] + GONE + leaf[end:]
