"""Questions and filters as PostgreSQL's `tsquery` spells them."""

from collections.abc import Iterable

from infrastructure.search.engine import EVERYWHERE, Filters
from projections.catalog.searched import NAME


def choices_spelt(filters: Filters) -> str:
    """Spell what is chosen, but for the prices."""
    return _all(
        _any(
            quoted(f"{code}={value}")
            for value in ((*values, EVERYWHERE) if code == "channel" else values)
        )
        for code, values in filters.choices.items()
    )


def begun(stems: Iterable[str], last: str, last_stem: str) -> str:
    """Spell names with all these stems and a word that begins with the last one's letters."""
    prefix = f"({quoted(NAME + last)}:* | {quoted(NAME + last_stem)})"
    return together(*(quoted(NAME + stem) for stem in stems), prefix)


def together(*parts: str) -> str:
    """Spell what holds where all of them do; what is empty holds everywhere."""
    return _all(part for part in parts if part)


def quoted(lexeme: str) -> str:
    """Spell one lexeme."""
    escaped = lexeme.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"


def _all(parts: Iterable[str]) -> str:
    return " & ".join(f"({part})" for part in parts)


def _any(parts: Iterable[str]) -> str:
    return " | ".join(f"({part})" for part in parts)
