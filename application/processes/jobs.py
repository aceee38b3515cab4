"""What staff ask of effects is done where effects are filed."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from application.process import GiveUp, Process, Reaction, Revive
from domain.jobs.events import DiscardAsked, RetryAsked
from domain.kernel.events import Recorded


def _retry_asked(recorded: Recorded) -> Iterable[Reaction]:
    event: Any = recorded.event
    yield Revive(UUID(event.effect_id))


def _discard_asked(recorded: Recorded) -> Iterable[Reaction]:
    event: Any = recorded.event
    yield GiveUp(UUID(event.effect_id))


JOBS = Process("jobs", {RetryAsked: _retry_asked, DiscardAsked: _discard_asked})
