"""WLT-14: a hold ends exactly once, whoever races; a thousand rounds are a command of their own."""

from pathlib import Path
from random import Random
from typing import cast

import pytest

from tests.faults.hold_races import Races, judge, run
from tests.faults.targets import Stack


@pytest.mark.timeout(300)
@pytest.mark.row("WLT-14")
def test_a_hold_ends_once_under_64_racers_and_its_timer(tmp_path: Path) -> None:
    assert run(tmp_path, rounds=12, seed=5) == []


def races(*holds: str) -> Races:
    made = Races(cast("Stack", None), Random(1))  # noqa: S311 - a seed
    made.holds = list(holds)
    return made


def test_a_hold_that_ended_twice_or_never_is_found() -> None:
    ends = [("hold-hld_1", "wallet.hold_expired"), ("hold-hld_1", "wallet.hold_expired")]
    wrong = judge(races("hld_1", "hld_2"), ends)
    assert [line.split(":")[0] for line in wrong] == ["hld_1 ended 2 times", "hld_2 ended 0 times"]


def test_an_end_that_nobody_was_told_of_is_found() -> None:
    wrong = judge(races("hld_1"), [("hold-hld_1", "wallet.hold_released")])
    assert wrong == ["0 release were acknowledged, 1 are in the log"]
