"""What happens to the words that a shop finds things by."""

from dataclasses import dataclass
from typing import ClassVar

from domain.kernel.events import Event

SYNONYMS_KEY = "main"


@dataclass(frozen=True, slots=True)
class Synonyms:
    """Terms that stand for one another; with `source`, who looks for that finds the terms too."""

    terms: tuple[str, ...]
    source: str | None = None


@dataclass(frozen=True, slots=True)
class SynonymsSet(Event):
    """Who searches finds these words for one another from now on: all of them."""

    NAME: ClassVar[str] = "search.synonyms_set"
    CATEGORY: ClassVar[str] = "search_synonyms"

    groups: tuple[Synonyms, ...]

    @property
    def key(self) -> str:
        return SYNONYMS_KEY
