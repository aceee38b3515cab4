"""By which words a person is found, and what somebody means who types some letters.

The index holds no letters but keyed hashes of prefixes, so what is hashed is made here, the same
for the index and for questions.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import NamedTuple

PREFIX_MIN, PREFIX_MAX = 2, 16
WORDS_MAX = 8
"""So many words of a name, and of a question, count."""

ID_PREFIX = "cus_"
NAME, EMAIL, PHONE, ID = "name", "email", "phone", "customer_id"

_DOTLESS = "\u0131"
_WORD = re.compile(r"[^\W_]+")
_ASKED = re.compile(r"[^\s,;]+")
_NUMBER = re.compile(r"[\d\s()+./-]+")
_NO_DIGIT = re.compile(r"\D")


class Contact(NamedTuple):
    """A person's texts in clear. The number is one of ITU-T E.164: `+` and digits."""

    name: str | None
    email: str | None
    phone: str | None


def folded(text: str) -> str:
    """Give what spellings of a word share: no case, no marks, and one i for the Turkish four."""
    plain = unicodedata.normalize("NFKD", text.replace(_DOTLESS, "i"))
    return "".join(one for one in plain if not unicodedata.combining(one)).casefold()


def words_of(contact: Contact, *, country_code: str = "") -> frozenset[str]:
    """Give all that a person is found by; a number also without its `country_code`."""
    words: set[str] = set()
    for word in _WORD.findall(folded(contact.name or ""))[:WORDS_MAX]:
        words.update(_prefixes(NAME, word))
    if contact.email:
        email = folded(contact.email)
        words.update(_prefixes(EMAIL, email))
        words.add(f"{EMAIL}={email}")
    if contact.phone:
        digits = _NO_DIGIT.sub("", contact.phone)
        words.update(_prefixes(PHONE, digits))
        words.update(_prefixes(PHONE, digits.removeprefix(country_code)))
    return frozenset(words)


def asked_words(question: str) -> list[Mapping[str, str]]:
    """Give for each word that was typed what may be found by it, with the field that it means.

    Words that are too short are left out; a number may be typed with blanks, and with a zero first.
    """
    if _NUMBER.fullmatch(question):
        digits = _NO_DIGIT.sub("", question).lstrip("0")
        return [_meant(PHONE, digits)] if len(digits) >= PREFIX_MIN else []
    asked = [folded(word) for word in _ASKED.findall(question)[:WORDS_MAX]]
    return [_named(word) for word in asked if len(word) >= PREFIX_MIN]


def _named(word: str) -> Mapping[str, str]:
    if "@" in word:
        whole = {f"{EMAIL}={word}": EMAIL}
        return whole if len(word) > PREFIX_MAX else whole | _meant(EMAIL, word)
    return _meant(NAME, word) | _meant(EMAIL, word)


def _meant(field: str, word: str) -> dict[str, str]:
    return {f"{field}:{word[:PREFIX_MAX]}": field}


def _prefixes(field: str, word: str) -> Iterable[str]:
    for length in range(PREFIX_MIN, min(len(word), PREFIX_MAX) + 1):
        yield f"{field}:{word[:length]}"
