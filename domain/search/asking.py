"""What somebody asks for: words that must all be found, each as one of its alternatives."""

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from domain.search.analysis import Alternative, Word, words
from domain.search.events import Synonyms

WORDS_MAX = 12
"""Further words of a question are not looked at."""

ALTERNATIVES_MAX = 24

FILLING_WORDS = frozenset(("ve", "ile", "icin", "veya", "and", "for", "the", "with"))
"""They are left away where others say more."""

Asked: TypeAlias = tuple[Word, ...]
Meanings: TypeAlias = Mapping[Alternative, tuple[Alternative, ...]]
"""For the stems of a term those of the terms that are found with it."""


def asked(text: str, meanings: Meanings) -> Asked:
    """Take a question apart, with the synonyms of its words."""
    found = words(text)[:WORDS_MAX]
    telling = tuple(word for word in found if word[0][0] not in FILLING_WORDS)
    return _with_synonyms(_joined(telling or found), meanings)


def meanings_of(groups: Iterable[Synonyms]) -> Meanings:
    """Give what is found with each term."""
    meanings: dict[Alternative, dict[Alternative, None]] = {}
    for group in groups:
        terms = [_stems(term) for term in group.terms]
        for source in terms if group.source is None else [_stems(group.source)]:
            others = meanings.setdefault(source, {})
            others.update(dict.fromkeys(term for term in terms if term != source))
    return {source: tuple(others) for source, others in meanings.items()}


def corrected(question: Asked, close: Mapping[str, tuple[str, ...]]) -> Asked:
    """Add what is close to words that nothing is told with.

    `close` has a key for each stem that no product is told with; what is close to it may be none.
    """
    return tuple(
        word if any(close.keys().isdisjoint(one) for one in word) else _repaired(word, close)
        for word in question
    )


def _repaired(word: Word, close: Mapping[str, tuple[str, ...]]) -> Word:
    alternatives: list[Alternative] = [()]
    for one in word[0]:
        alternatives = [(*left, other) for left in alternatives for other in close.get(one, (one,))]
    return tuple(dict.fromkeys((*word, *alternatives)))[:ALTERNATIVES_MAX]


def _joined(found: tuple[Word, ...]) -> tuple[Word, ...]:
    """Take "t shirt" for "t-shirt"."""
    joined: list[Word] = []
    for word in found:
        before = joined[-1][0] if joined else ()
        if len(before) == 1 and len(before[0]) == 1 and before[0].isalpha() and len(word[0]) == 1:
            joined[-1] = ((*before, *word[0]), (before[0] + word[0][0],))
        else:
            joined.append(word)
    return tuple(joined)


def _with_synonyms(found: tuple[Word, ...], meanings: Meanings) -> Asked:
    longest = max(map(len, meanings), default=0)
    question: list[Word] = []
    at = 0
    while at < len(found):
        for length in range(min(longest, len(found) - at), 0, -1):
            term = tuple(one for word in found[at : at + length] for one in word[0])
            others = meanings.get(term)
            if others is not None:
                own = found[at] if length == 1 else (term,)
                question.append((*own, *others)[:ALTERNATIVES_MAX])
                at += length
                break
        else:
            question.append(found[at])
            at += 1
    return tuple(question)


def _stems(term: str) -> Alternative:
    return tuple(one for word in _joined(words(term)) for one in word[0])
