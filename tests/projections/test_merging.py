"""Operations on one row become one write that means the same."""

import pytest
from sqlalchemy import BigInteger, Column, Text

from infrastructure.projections.merging import (
    CHANGED,
    CREATED_OR_CHANGED,
    DELETED,
    INSERTED,
    REPLACED,
    Batch,
    FoldContradiction,
)
from projections.read_model import (
    Delete,
    Increment,
    Insert,
    Operation,
    ReadModel,
    ReadTable,
    Row,
    Upsert,
)

THINGS = ReadTable(
    "things_for_merging",
    Column("name", Text, primary_key=True),
    Column("colour", Text),
    Column("mood", Text),
    Column("one", BigInteger),
    Column("two", BigInteger),
    Column("three", BigInteger),
    latest=("mood",),
    counters=("one", "two", "three"),
)
NEW = Insert(THINGS, ("a", "red", "calm", 1, 2, 3))
WHOLE = Upsert(THINGS, ("a", "blue", "glad", 5, 5, 5))
MORE = Increment(THINGS, ("a",), (1, 0, -1), ("wild",))
SAME_MOOD = Increment(THINGS, ("a",), (1, 1, 1), (None,))
MAYBE = Increment(THINGS, ("a",), (1, 1, 1), ("wild",), ("green",))
GONE = Delete(THINGS, ("a",))


def merged(*operations: Operation) -> list[tuple[int, Row]]:
    batch = Batch(ReadModel("things", 1, (THINGS,), {}))
    batch.add(operations)
    return [
        (change.kind, (*change.facts, *change.latest, *change.amounts))
        for change in batch.tables[THINGS].rows.values()
    ]


@pytest.mark.parametrize(
    ("operations", "expected"),
    [
        ((MORE, MORE), [(CHANGED, ("wild", 2, 0, -2))]),
        ((MORE, SAME_MOOD), [(CHANGED, ("wild", 2, 1, 0))]),
        ((NEW, SAME_MOOD), [(INSERTED, ("red", "calm", 2, 3, 4))]),
        ((NEW, GONE), []),
        ((NEW, WHOLE), [(INSERTED, ("blue", "glad", 5, 5, 5))]),
        ((WHOLE, MORE), [(REPLACED, ("blue", "wild", 6, 5, 4))]),
        ((MORE, WHOLE), [(REPLACED, ("blue", "glad", 5, 5, 5))]),
        ((MORE, GONE), [(DELETED, ())]),
        ((GONE, NEW), [(REPLACED, ("red", "calm", 1, 2, 3))]),
        ((GONE, MAYBE), [(REPLACED, ("green", "wild", 1, 1, 1))]),
        ((MAYBE, MORE), [(CREATED_OR_CHANGED, ("green", "wild", 2, 1, 0))]),
    ],
)
def test_operations_on_one_row_become_one_change(
    operations: tuple[Operation, ...], expected: list[tuple[int, Row]]
) -> None:
    assert merged(*operations) == expected


@pytest.mark.parametrize("operations", [(NEW, NEW), (GONE, MORE), (WHOLE, NEW)])
def test_a_fold_that_contradicts_itself_is_refused(operations: tuple[Operation, ...]) -> None:
    with pytest.raises(FoldContradiction):
        merged(*operations)


def test_columns_stand_in_the_order_the_engine_relies_on() -> None:
    with pytest.raises(ValueError, match="order"):
        ReadTable(
            "things_out_of_order",
            Column("one", BigInteger),
            Column("name", Text, primary_key=True),
            counters=("one",),
        )
