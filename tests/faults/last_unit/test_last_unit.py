"""INV-03: the last unit is sold once; a thousand rounds are a command of their own."""

from pathlib import Path
from random import Random
from typing import cast

import pytest

from tests.faults.last_unit.race import Race, judge, run
from tests.faults.targets import Stack


@pytest.mark.timeout(300)
@pytest.mark.row("INV-03")
def test_of_64_buyers_on_two_processes_one_gets_the_last_unit(tmp_path: Path) -> None:
    assert run(tmp_path, rounds=8, buyers=64, seed=5) == []


STREAM = "stock-var_1.main"


def race(*winners: str) -> Race:
    made = Race(cast("Stack", None), Random(1), 2)  # noqa: S311 - a seed
    made.winners = {0: list(winners)}
    made.told["201 reserved"] = len(winners)
    return made


def test_what_went_well_is_found_well() -> None:
    moves = [
        (STREAM, "stock.moved", None, 1),
        (STREAM, "stock.reserved", "rsv_1", 1),
        (STREAM, "stock.moved", None, -1),
        (STREAM, "stock.reserved_stock_issued", "rsv_1", 1),
    ]
    assert judge(race("rsv_1"), moves) == []


def test_a_unit_that_two_got_is_found() -> None:
    moves = [
        (STREAM, "stock.moved", None, 1),
        (STREAM, "stock.reserved", "rsv_1", 1),
        (STREAM, "stock.reserved", "rsv_2", 1),
    ]
    assert judge(race("rsv_1", "rsv_2"), moves) == [
        "round 0: 2 of 2 got the last unit",
        f"{STREAM}: 2 reserved of 1",
    ]


def test_a_unit_that_nobody_got_or_was_told_of_is_found() -> None:
    moves = [(STREAM, "stock.moved", None, 1), (STREAM, "stock.reserved", "rsv_1", 1)]
    lost = race()
    lost.told["503 service.unavailable"] = 2
    assert judge(lost, moves) == [
        "round 0: 0 of 2 got the last unit",
        "2 times: 503 service.unavailable",
        "rsv_1 was acknowledged, or is in the log, alone",
    ]


def test_stock_below_zero_is_found() -> None:
    moves = [(STREAM, "stock.moved", None, -1)]
    assert judge(race("rsv_1"), moves)[0] == f"{STREAM}: 0 reserved of -1"
