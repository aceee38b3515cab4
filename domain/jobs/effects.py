"""Effects, as far as the log knows them: who stepped in, and how often."""

from dataclasses import dataclass
from typing import ClassVar

from domain.jobs.events import DiscardAsked, EffectEvent, RetryAsked


@dataclass(frozen=True, slots=True)
class Handled:
    """That somebody stepped in. Whether an effect waits or is done changes outside the log."""

    CATEGORY: ClassVar[str] = "effect"
    FOLD_VERSION: ClassVar[int] = 1

    times: int

    @classmethod
    def evolve(cls, state: "Handled | None", event: EffectEvent) -> "Handled":  # noqa: ARG003 - only how many counts
        return cls(1 if state is None else state.times + 1)


def retry(effect_id: str) -> tuple[RetryAsked, ...]:
    """Ask for an effect to be tried again; every time it is asked is news."""
    return (RetryAsked(effect_id),)


def discard(effect_id: str) -> tuple[DiscardAsked, ...]:
    """Ask for an effect to be given up; every time it is asked is news."""
    return (DiscardAsked(effect_id),)
