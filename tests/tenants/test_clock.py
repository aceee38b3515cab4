"""A test tenant's clock moves forward, and what it is moved by happens at the new time."""

from datetime import timedelta

import pytest

from application.tenants.clock import AdvanceClock, ClockResult
from domain.tenants.clock import ADVANCE_MAX, Clock, ClockNotForward
from domain.tenants.events import ClockAdvanced
from tests.kit.scenario import NOW, given

TOMORROW = NOW + timedelta(days=1)


def test_a_clock_moves_forward() -> None:
    answer = given().when(AdvanceClock(TOMORROW))
    answer.then(ClockAdvanced(TOMORROW)).then_result(ClockResult(TOMORROW))
    assert answer.state("clock-main") == Clock(TOMORROW)


def test_a_clock_moves_as_far_as_its_limit() -> None:
    given().when(AdvanceClock(NOW + ADVANCE_MAX)).then(ClockAdvanced(NOW + ADVANCE_MAX))


@pytest.mark.parametrize(
    "to", [NOW, NOW - timedelta(seconds=1), NOW + ADVANCE_MAX + timedelta(microseconds=1)]
)
def test_refuses_to_move_a_clock_back_or_too_far(to: object) -> None:
    given().when(AdvanceClock(to)).then_refused(  # type: ignore[arg-type] - the moments above
        ClockNotForward, now=NOW.isoformat()
    )
