"""A small campaign on effects with every run; the large one is a command of its own."""

from collections import Counter
from pathlib import Path
from random import Random
from typing import cast
from uuid import UUID

import pytest

from infrastructure.embedded.servers import Servers
from tests.faults.effects import Campaign, Receiver, judge, run


@pytest.mark.timeout(300)
async def test_kills_lose_no_effect_and_record_none_twice(tmp_path: Path) -> None:
    assert await run(tmp_path, effects=400, rounds=6, seed=3) == []


@pytest.mark.parametrize(
    ("found", "answered", "wrong"),
    [
        ((9, 9, 9, 1), 9, "10 effects should have been filed"),
        ((10, 9, 10, 1), 10, "1 effects are not done"),
        ((10, 10, 9, 1), 10, "1 effects do not have exactly one recorded success"),
        ((10, 10, 10, 1), 9, "1 effects were never answered well"),
    ],
)
def test_what_is_lost_or_recorded_twice_is_found(
    found: tuple[int, int, int, int], answered: int, wrong: str
) -> None:
    receiver = Receiver(Random(1))  # noqa: S311 - a seed
    receiver.well = Counter({UUID(int=n): 1 for n in range(answered)})
    campaign = Campaign(cast("Servers", None), receiver, Random(1))  # noqa: S311 - a seed
    assert judge(campaign, found, 10, 0.0) == [wrong]
