"""INV-06: the lowest price of the 30 days before a reduction, held against asking every minute."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.kernel.money import Money
from domain.pricing.prior import (
    LOOK_BACK,
    Change,
    Prior,
    lowest_30_days,
    prior_price,
    reduced_since,
)
from tests.kit.wallets import lira

pytestmark = pytest.mark.row("INV-06")

START = datetime(2026, 1, 1, tzinfo=UTC)
STEP = timedelta(hours=12)
STEPS = int(LOOK_BACK / STEP)
DAY = timedelta(days=1)


def at(step: int) -> datetime:
    return START + step * STEP


def change(
    days: float, minor: int | None, crossed_out: int | None = None, *, ends: float | None = None
) -> Change:
    return Change(
        START + days * DAY,
        None if minor is None else lira(minor),
        None if crossed_out is None else lira(crossed_out),
        None if ends is None else START + ends * DAY,
    )


HISTORIES = st.lists(
    st.tuples(st.integers(0, 150), st.none() | st.integers(1, 20)), max_size=25
).map(
    lambda drawn: [
        Change(at(step), None if minor is None else lira(minor))
        for step, minor in sorted(drawn, key=lambda one: one[0])
    ]
)


def price_at(changes: list[Change], moment: datetime) -> Money | None:
    """Read the history as somebody does who stands in the shop."""
    seen = [one.amount for one in changes if one.at <= moment]
    return seen[-1] if seen else None


@given(HISTORIES, st.integers(0, 200))
def test_it_is_what_asking_at_every_step_finds(changes: list[Change], began: int) -> None:
    asked = (price_at(changes, at(step)) for step in range(began - STEPS, began))
    seen = [one.minor for one in asked if one is not None]
    found = lowest_30_days(changes, at(began))
    assert (found and found.minor) == min(seen, default=None)


def test_asking_less_often_would_find_another_price() -> None:
    # The comparison above is worth something: a price of one step is seen by it alone.
    changes = [change(0, 100), change(10, 50), change(10.5, 100)]
    assert lowest_30_days(changes, START + 20 * DAY) == lira(50)
    weekly = [price_at(changes, START + day * DAY) for day in range(0, 20, 7)]
    assert lira(50) not in weekly


@pytest.mark.parametrize(
    ("changes", "began", "lowest"),
    [
        ([], 40, None),
        ([change(40, 80)], 40, None),
        ([change(0, 100), change(40, 80)], 40, 100),
        ([change(0, 50), change(10, 100), change(40, 80)], 40, 100),
        ([change(0, 50), change(10.5, 100), change(40, 80)], 40, 50),
        ([change(0, 100), change(20, 70), change(21, 120), change(40, 80)], 40, 70),
        ([change(0, 100), change(20, 70), change(20, 120), change(40, 80)], 40, 100),
        ([change(0, 100), change(5, None), change(38, 90), change(40, 80)], 40, 90),
        ([change(0, 100), change(5, None), change(40, 80)], 40, None),
    ],
)
def test_these_are_lowest(changes: list[Change], began: int, lowest: int | None) -> None:
    expected = None if lowest is None else lira(lowest)
    assert lowest_30_days(changes, START + began * DAY) == expected


@pytest.mark.parametrize(
    ("changes", "since"),
    [
        pytest.param([], None, id="no price"),
        pytest.param([change(0, 100)], None, id="a price"),
        pytest.param([change(0, 100), change(5, 80)], None, id="a lower price is not announced"),
        pytest.param([change(0, 100), change(5, 80, 100)], 5, id="one is crossed out"),
        pytest.param([change(0, 100), change(5, 100, 150)], 5, id="one is crossed out at once"),
        pytest.param([change(0, 100, 100)], None, id="the same one is crossed out"),
        pytest.param([change(0, 80, 100)], 0, id="from the beginning"),
        pytest.param([change(0, 100), change(5, 80, ends=9)], 5, id="it ends"),
        pytest.param([change(0, 100), change(5, 120, ends=9)], None, id="dearer while it lasts"),
        pytest.param([change(5, 80, ends=9)], None, id="nothing before it and nothing after"),
        pytest.param([change(0, 100), change(5, 80, ends=9), change(9, 100)], None, id="it ended"),
        pytest.param([change(0, 80, 100), change(5, 70, 100)], 5, id="a further step"),
        pytest.param([change(0, 80, 100), change(5, 90, 100)], 5, id="a step up"),
        pytest.param([change(0, 80, 100), change(5, 80, 120)], 0, id="the same price"),
        pytest.param([change(0, 80, 100), change(5, None)], None, id="no price any more"),
        pytest.param([change(0, 80, 100), change(3, 90), change(5, 80, 100)], 5, id="once more"),
        pytest.param(
            [change(0, 100), change(5, 80, ends=9), change(9, 100), change(9, 90, ends=12)],
            9,
            id="one after the other",
        ),
    ],
)
def test_a_reduction_began(changes: list[Change], since: int | None) -> None:
    expected = None if since is None else START + since * DAY
    assert reduced_since(changes) == expected


def test_a_price_raised_before_it_is_crossed_out_is_found_out() -> None:
    raised = [change(0, 100), change(25, 150), change(30, 100, 150)]
    assert prior_price(raised) == Prior(START + 30 * DAY, lira(100))
    assert prior_price(raised[:2]) is None
