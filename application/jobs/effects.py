"""Step in where an effect was given up, or is not to be tried any more."""

from dataclasses import dataclass
from typing import ClassVar

from application.book import Book
from domain.jobs import effects


@dataclass(frozen=True, slots=True)
class EffectResult:
    """The effect."""

    effect_id: str


@dataclass(frozen=True, slots=True)
class RetryEffect:
    """Try an effect again from the first attempt, at once. One that is done stays done."""

    NAME: ClassVar[str] = "jobs.retry_effect"

    effect_id: str


def retry_effect(command: RetryEffect, book: Book) -> EffectResult:
    """Ask for it; whoever files effects does it."""
    book.record(*effects.retry(command.effect_id))
    return EffectResult(command.effect_id)


@dataclass(frozen=True, slots=True)
class DiscardEffect:
    """Give an effect up for good; it stays on record. One that is done stays done."""

    NAME: ClassVar[str] = "jobs.discard_effect"

    effect_id: str


def discard_effect(command: DiscardEffect, book: Book) -> EffectResult:
    """Ask for it; whoever files effects does it."""
    book.record(*effects.discard(command.effect_id))
    return EffectResult(command.effect_id)
