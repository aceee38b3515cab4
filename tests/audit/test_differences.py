"""AUD-02: fields that differ are named down to what has no parts."""

from dataclasses import dataclass
from typing import Any

import pytest

from domain.kernel.money import Money
from infrastructure.audit.differences import ABSENT, differences

pytestmark = pytest.mark.row("AUD-02")


@dataclass(frozen=True)
class Purse:
    owner: str
    has: Money | None
    parts: dict[Any, Any]


FULL = Purse("ada", Money(5, "TRY"), {})
SEALED = {"subject": "cus_ada", "sealed": "b64"}


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        (FULL, FULL, []),
        (1, 2, [((), 1, 2)]),
        ([1], [1, 2], [((), [1], [1, 2])]),
        (FULL, Purse("ada", Money(7, "TRY"), {}), [(("has", "minor"), 5, 7)]),
        (
            FULL,
            Purse("ada", None, {}),
            [
                (("has",), ABSENT, None),
                (("has", "minor"), 5, ABSENT),
                (("has", "currency"), "TRY", ABSENT),
            ],
        ),
        (
            Purse("ada", None, {}),
            FULL,
            [
                (("has",), None, ABSENT),
                (("has", "minor"), ABSENT, 5),
                (("has", "currency"), ABSENT, "TRY"),
            ],
        ),
        (ABSENT, {"a": {"b": 1}, "none": {}}, [(("a", "b"), ABSENT, 1)]),
        (
            {"a": 1, "b": 2},
            {"b": 3, "c": 4},
            [(("a",), 1, ABSENT), (("b",), 2, 3), (("c",), ABSENT, 4)],
        ),
        ({7: "x"}, {7: "y"}, [(("7",), "x", "y")]),
        (
            {"who": SEALED},
            {"who": {**SEALED, "sealed": "x"}},
            [(("who",), SEALED, {**SEALED, "sealed": "x"})],
        ),
        (SEALED, ABSENT, [((), SEALED, ABSENT)]),
    ],
)
def test_differences(before: object, after: object, found: list[Any]) -> None:
    assert list(differences(before, after)) == found


def test_what_is_absent_says_so() -> None:
    assert repr(ABSENT) == "ABSENT"
