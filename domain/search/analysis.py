"""What a text is found by: its words, folded and cut to their stems, alike for all who ask.

It is the one place that knows letters: what the index holds, what somebody types, and what stands
in synonyms goes through it.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import TypeAlias

from domain.search.stems import stem

WORD_LENGTH_MAX = 40
REMEMBERED_WORDS = 20_000

Alternative: TypeAlias = tuple[str, ...]
"""Stems that are all there, such as ("t", "shirt")."""
Word: TypeAlias = tuple[Alternative, ...]
"""What a word can be found as: "t-shirt" is ("tshirt",) or ("t", "shirt")."""

_TWINS = str.maketrans("İIıŞşĞğÜüÖöÇç’‘`´", "iiissgguuoocc''''")  # noqa: RUF001 - apostrophes
_PIECE = re.compile(
    r"(?P<number>\d+(?:[.,]\d+)*)(?:[ ]?(?P<unit>[a-z\"]+)(?![^\W_]|['-]))?"
    r"|(?P<word>[^\W_]+(?:['-][^\W_]+)*)"
)
_UNITS = {
    "ml": "ml",
    "cl": "cl",
    "l": "l",
    "lt": "l",
    "litre": "l",
    "mg": "mg",
    "g": "g",
    "gr": "g",
    "gram": "g",
    "kg": "kg",
    "kilo": "kg",
    "mm": "mm",
    "cm": "cm",
    "m": "m",
    "mt": "m",
    "metre": "m",
    "inc": "inc",
    "inch": "inc",
    '"': "inc",
    "mb": "mb",
    "gb": "gb",
    "tb": "tb",
    "w": "w",
    "watt": "w",
    "v": "v",
    "volt": "v",
    "mah": "mah",
}
"""Units as people write them; "500 ml" and "500ml" are one word."""


def fold(text: str) -> str:
    """Write a text in small letters without their marks: İ and I are i, ş is s."""
    twins = text.translate(_TWINS).lower()
    if twins.isascii():
        return twins
    apart = unicodedata.normalize("NFKD", twins)
    return "".join(letter for letter in apart if not unicodedata.combining(letter)).lower()


def words(text: str) -> tuple[Word, ...]:
    """Give the words of a text in order."""
    return tuple(
        word for piece in _PIECE.finditer(fold(text)) for word in _words(piece.groupdict(""))
    )


def stems(text: str) -> tuple[str, ...]:
    """Give all that a text is found by, each once, in order."""
    return tuple(dict.fromkeys(every(words(text))))


def every(found: Iterable[Word]) -> Iterable[str]:
    """Give the stems of all alternatives."""
    return (one for word in found for alternative in word for one in alternative)


def phrase(text: str) -> str:
    """Give a text as it stands in alphabetical order, without marks and double blanks."""
    return " ".join(piece[0] for piece in re.finditer(r"[^\W_]+", fold(text)))


def _words(piece: dict[str, str]) -> Iterable[Word]:
    if piece["word"]:
        yield _parts(piece["word"])
        return
    number = piece["number"].replace(",", ".")[:WORD_LENGTH_MAX]
    if not piece["unit"]:
        yield ((number,),)
    elif piece["unit"] in _UNITS:
        yield ((number + _UNITS[piece["unit"]],), (number, _UNITS[piece["unit"]]))
    else:
        yield ((number,),)
        yield _parts(piece["unit"].strip('"') or "inc")


@lru_cache(maxsize=REMEMBERED_WORDS)
def _parts(word: str) -> Word:
    """Take a word apart: what follows an apostrophe is a suffix, a hyphen may as well be none."""
    bare = "-".join(_without_suffix(part) for part in word.split("-"))
    joined = bare.replace("-", "")[:WORD_LENGTH_MAX]
    alternatives: list[Alternative] = [(stem(joined),)]
    if "-" in bare:
        alternatives.append(tuple(stem(part[:WORD_LENGTH_MAX]) for part in bare.split("-")))
    if "'" in word:
        alternatives.append((stem(re.sub("['-]", "", word)[:WORD_LENGTH_MAX]),))
    return tuple(dict.fromkeys(alternatives))


def _without_suffix(part: str) -> str:
    """Leave "iphone" of "iphone'lar"; "l'oreal" is one word."""
    first, apostrophe, rest = part.partition("'")
    return first if len(first) > 1 or not apostrophe else first + rest.replace("'", "")
