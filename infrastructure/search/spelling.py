"""Questions and filters as PostgreSQL's `tsquery` spells them."""

from collections.abc import Iterable

from domain.search.analysis import Alternative, Word
from infrastructure.search.engine import EVERYWHERE, Filters, Question


def spelt(question: Question, *, where: str = "") -> str:
    """Spell the words, all of which are to be found `where`: letters of weights, all if none."""
    weights = f":{where}" if where else ""
    return _all(_word(word, weights) for word in question.words)


def spelt_with(question: Question, filters: Filters) -> str:
    """Spell the words and what is chosen, but for the prices. It is empty for everything."""
    choices = (
        _any(
            _quoted(f"{code}={value}")
            for value in ((*values, EVERYWHERE) if code == "channel" else values)
        )
        for code, values in filters.choices.items()
    )
    return _all((*(_word(word, "") for word in question.words), *choices))


def begun(stems: Iterable[str], last: str, last_stem: str) -> str:
    """Spell names with all these stems and a word that begins with the last one's letters."""
    prefix = f"({_quoted(last)}:*A | {_quoted(last_stem)}:A)"
    return _all((*(f"{_quoted(stem)}:A" for stem in stems), prefix))


def _word(word: Word, weights: str) -> str:
    return _any(_alternative(one, weights) for one in word)


def _alternative(alternative: Alternative, weights: str) -> str:
    return _all(f"{_quoted(one)}{weights}" for one in alternative)


def _all(parts: Iterable[str]) -> str:
    return " & ".join(f"({part})" for part in parts)


def _any(parts: Iterable[str]) -> str:
    return " | ".join(f"({part})" for part in parts)


def _quoted(lexeme: str) -> str:
    escaped = lexeme.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"
