"""A disk that is full twice with every run; the large campaign is a command of its own."""

from collections import Counter
from pathlib import Path
from random import Random

import pytest

from tests.faults.full_disk import FullDisk, NotPermitted, campaign, judge


@pytest.mark.timeout(400)
def test_a_full_disk_loses_nothing_and_leaves_nobody_in_doubt() -> None:
    try:
        assert campaign(rounds=2, seed=4) == []
    except NotPermitted as why:
        pytest.skip(f"a small disk can not be mounted here ({why})")


@pytest.mark.parametrize(
    ("answer", "resumed_seconds", "wrong"),
    [
        ("503 service.log_unavailable", 3.0, []),
        ("503 service.outcome_unknown", 3.0, []),
        (
            "503 service.log_unavailable without Retry-After",
            3.0,
            ["2 clients were told '503 service.log_unavailable without Retry-After'"],
        ),
        ("500 service.internal_error", 3.0, ["2 clients were told '500 service.internal_error'"]),
        ("no answer", 3.0, ["2 clients were told 'no answer'"]),
        ("503 service.log_unavailable", 61.0, ["nothing was decided for 61 s after"]),
    ],
)
def test_what_leaves_a_client_in_doubt_is_found(
    answer: str, resumed_seconds: float, wrong: list[str]
) -> None:
    disk = FullDisk(Path(), "", Random(1), lambda: True)  # noqa: S311 - a seed
    disk.resumed_seconds.append(resumed_seconds)
    assert judge(Counter({answer: 2}), disk) == wrong
