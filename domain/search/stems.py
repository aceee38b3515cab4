"""A light stemmer for Turkish words whose letters are folded to ASCII.

People write letters with their marks and without, so vowel harmony can not be read off any more,
and what stems by it (Snowball's Turkish stemmer does) would stem the two differently. What is cut
off here is what nouns take in names of products and in what people look for: plural, possessive,
accusative, genitive, ablative and -li. Whatever is cut too much is cut alike in names and in
questions. The n of -nin and -ni is left: more words end with one (telefonu, fincanin) than take
one.
"""

from typing import NamedTuple

VOWELS = frozenset("aeiou")
TURNS_MAX = 4
SOFTENED = {"b": "p", "d": "t", "g": "k"}
"""kitap, kitabi: the last letter softens before a vowel. (ç and c are one letter once folded.)"""


class Suffix(NamedTuple):
    """What is cut off: where at least `stem` letters stay, the last a vowel or not (None: any)."""

    text: str
    stem: int
    after_vowel: bool | None = None


SUFFIXES = (
    Suffix("lar", 2),
    Suffix("ler", 2),
    Suffix("dan", 4),
    Suffix("den", 4),
    Suffix("tan", 4, after_vowel=False),
    Suffix("ten", 4, after_vowel=False),
    Suffix("sinin", 3, after_vowel=True),
    Suffix("sunun", 3, after_vowel=True),
    Suffix("sini", 3, after_vowel=True),
    Suffix("sunu", 3, after_vowel=True),
    Suffix("li", 4, after_vowel=False),
    Suffix("lu", 4, after_vowel=False),
    Suffix("si", 3, after_vowel=True),
    Suffix("su", 3, after_vowel=True),
    Suffix("yi", 3, after_vowel=True),
    Suffix("yu", 3, after_vowel=True),
    Suffix("in", 4, after_vowel=False),
    Suffix("un", 4, after_vowel=False),
    Suffix("im", 4, after_vowel=False),
    Suffix("um", 4, after_vowel=False),
    Suffix("i", 4, after_vowel=False),
    Suffix("u", 4, after_vowel=False),
)


def stem(word: str) -> str:
    """Give what "kitap", "kitabi" and "kitaplar" have in common."""
    for _ in range(TURNS_MAX):
        shorter = _cut(word)
        if shorter is None:
            break
        word = shorter
    return word[:-1] + SOFTENED.get(word[-1], word[-1])


def _cut(word: str) -> str | None:
    for suffix in SUFFIXES:
        if not word.endswith(suffix.text):
            continue
        left = word[: -len(suffix.text)]
        fits = suffix.after_vowel is None or (left[-1:] in VOWELS) == suffix.after_vowel
        if fits and len(left) >= suffix.stem:
            return left
    return None
