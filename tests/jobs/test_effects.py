"""JOB-03: whoever steps in at an effect leaves a trace in the log, and a process does it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

import pytest

from application.jobs.effects import DiscardEffect, EffectResult, RetryEffect
from application.process import GiveUp, Revive
from application.processes.jobs import JOBS
from domain.jobs.effects import Handled
from domain.jobs.events import DiscardAsked, RetryAsked
from domain.kernel.events import Event, Recorded
from tests.kit.scenario import given

pytestmark = pytest.mark.row("JOB-03")

EFFECT = "0198c1de-0000-5000-8000-000000000000"
NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)
RETRY, DISCARD = RetryAsked(EFFECT), DiscardAsked(EFFECT)


@pytest.mark.parametrize("story", [(), (RETRY,), (DISCARD,), (RETRY, DISCARD)])
@pytest.mark.parametrize(
    ("command", "event"), [(RetryEffect(EFFECT), RETRY), (DiscardEffect(EFFECT), DISCARD)]
)
def test_every_time_it_is_asked_is_recorded(
    command: object, event: Event, story: Sequence[Event]
) -> None:
    answer = given(*story).when(command).then(event).then_result(EffectResult(EFFECT))
    assert answer.state(f"effect-{EFFECT}") == Handled(len(story) + 1)


def test_what_was_asked_is_done_where_effects_are_filed() -> None:
    def recorded(event: Event) -> Recorded:
        return Recorded(UUID(int=1), 7, UUID(int=7), f"effect-{EFFECT}", 1, NOON, event, b"")

    assert list(JOBS.reactions[RetryAsked](recorded(RETRY))) == [Revive(UUID(EFFECT))]
    assert list(JOBS.reactions[DiscardAsked](recorded(DISCARD))) == [GiveUp(UUID(EFFECT))]
