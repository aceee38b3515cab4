"""Set which words are found for one another."""

from dataclasses import dataclass
from typing import ClassVar

from application.book import Book
from domain.search import synonyms
from domain.search.events import SYNONYMS_KEY, Synonyms
from domain.search.synonyms import ShopWords


@dataclass(frozen=True, slots=True)
class SetSynonyms:
    """Set all groups of words that are found for one another."""

    NAME: ClassVar[str] = "search.set_synonyms"

    groups: tuple[Synonyms, ...]


@dataclass(frozen=True, slots=True)
class SynonymsResult:
    """How many groups hold from now on."""

    groups: int


def set_synonyms(command: SetSynonyms, book: Book) -> SynonymsResult:
    """Set them in place of those before."""
    before = book.find(ShopWords, SYNONYMS_KEY)
    book.record(*synonyms.set_synonyms(before, command.groups))
    return SynonymsResult(len(command.groups))
