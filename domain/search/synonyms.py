"""Which words a shop finds for one another, and what may be said of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from domain.kernel.refusals import Invalid
from domain.search.analysis import words
from domain.search.events import Synonyms, SynonymsSet

GROUPS_MAX = 500
TERMS_MAX = 20
TERM_LENGTH_MAX = 60
TERM_WORDS_MAX = 5


class SynonymsInvalid(Invalid):
    """These words can not stand for one another."""

    code = "search.synonyms_invalid"


@dataclass(frozen=True, slots=True)
class ShopWords:
    """What the tenant set last."""

    CATEGORY: ClassVar[str] = "search_synonyms"
    FOLD_VERSION: ClassVar[int] = 1

    groups: tuple[Synonyms, ...]

    @classmethod
    def evolve(cls, state: "ShopWords | None", event: SynonymsSet) -> "ShopWords":  # noqa: ARG003 - only the last counts
        return cls(event.groups)


def set_synonyms(before: ShopWords | None, groups: Iterable[Synonyms]) -> tuple[SynonymsSet, ...]:
    """Set all of them; what is so already is no news. Refuses what no search can go by."""
    wanted = tuple(groups)
    if len(wanted) > GROUPS_MAX:
        raise SynonymsInvalid(f"there may be {GROUPS_MAX} groups", limit=GROUPS_MAX)
    for group in wanted:
        _check(group)
    if wanted == (before.groups if before is not None else ()):
        return ()
    return (SynonymsSet(wanted),)


def _check(group: Synonyms) -> None:
    fewest = 2 if group.source is None else 1
    if not fewest <= len(group.terms) <= TERMS_MAX:
        raise SynonymsInvalid(f"a group has {fewest} to {TERMS_MAX} terms", limit=TERMS_MAX)
    for term in (*group.terms, *(() if group.source is None else (group.source,))):
        if len(term) > TERM_LENGTH_MAX or not 1 <= len(words(term)) <= TERM_WORDS_MAX:
            raise SynonymsInvalid(
                f"a term has 1 to {TERM_WORDS_MAX} words and {TERM_LENGTH_MAX} letters at most",
                term=term[:TERM_LENGTH_MAX],
            )
