"""What staff ask of the work that is done outside."""

from dataclasses import dataclass
from typing import ClassVar

from domain.kernel.events import Event


class EffectEvent(Event):
    """An event of one effect's stream. How the effect stands is no part of the log."""

    __slots__ = ()
    CATEGORY: ClassVar[str] = "effect"

    effect_id: str

    @property
    def key(self) -> str:
        return self.effect_id


@dataclass(frozen=True, slots=True)
class RetryAsked(EffectEvent):
    """Somebody wants an effect tried again from its first attempt, unless it is done."""

    NAME: ClassVar[str] = "jobs.retry_asked"

    effect_id: str


@dataclass(frozen=True, slots=True)
class DiscardAsked(EffectEvent):
    """Somebody wants an effect given up for good, unless it is done."""

    NAME: ClassVar[str] = "jobs.discard_asked"

    effect_id: str
