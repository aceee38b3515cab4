"""How close two words are: which one somebody meant who mistyped it."""

from collections.abc import Iterable

ALIKE = 0.2
"""So many of their trigrams two words share at least, which an index finds quickly."""

CLOSE_MAX = 3
SHORT_WORD = 3
MIDDLE_WORD = 6


def closest(word: str, candidates: Iterable[str]) -> tuple[str, ...]:
    """Give those that are the fewest slips of a finger away, if they are few for the word."""
    most = slips_of(word)
    near = sorted((_slips(word, one, most), one) for one in set(candidates))
    fitting = [(slips, one) for slips, one in near if slips <= most]
    return tuple(one for slips, one in fitting[:CLOSE_MAX] if slips == fitting[0][0])


def slips_of(word: str) -> int:
    """Tell how many slips a word can hold: none in a short one, nor in a number."""
    if len(word) <= SHORT_WORD or any(map(str.isdigit, word)):
        return 0
    return 1 if len(word) <= MIDDLE_WORD else 2


def trigrams(word: str) -> frozenset[str]:
    """Give the trigrams of a word, as PostgreSQL's pg_trgm counts them."""
    padded = f"  {word} "
    return frozenset(padded[n : n + 3] for n in range(len(padded) - 2))


def alike(one: str, other: str) -> bool:
    """Whether two words share enough trigrams."""
    first, second = trigrams(one), trigrams(other)
    return len(first & second) / len(first | second) >= ALIKE


def _slips(one: str, other: str, most: int) -> int:
    """Count letters left out, added, replaced or swapped with the next (optimal string alignment).

    More than `most` is told as one more than that.
    """
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for n, letter in enumerate(one, 1):
        above, before, row = before, row, [n]
        for m, wanted in enumerate(other, 1):
            cost = min(before[m] + 1, row[m - 1] + 1, before[m - 1] + (letter != wanted))
            if n > 1 and m > 1 and letter == other[m - 2] and one[n - 2] == wanted:
                cost = min(cost, above[m - 2] + 1)
            row.append(cost)
    return min(row[-1], most + 1)
