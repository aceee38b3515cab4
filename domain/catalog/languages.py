"""Words by language: BCP 47 tags, and what is shown where a language is lacking."""

import re
from collections.abc import Iterable, Mapping
from typing import TypeVar

from domain.kernel.refusals import Invalid

LOCALES_MAX = 20
LOCALE_PATTERN = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?")
FALLBACKS = ("tr", "en")

W = TypeVar("W")


class LocaleInvalid(Invalid):
    """A language is named by a tag such as tr, en or pt-BR (BCP 47)."""

    code = "catalog.locale_invalid"


def check_locales(locales: Iterable[str]) -> None:
    """Refuse what names no language, and too many languages."""
    named = tuple(locales)
    if len(named) > LOCALES_MAX or not all(map(LOCALE_PATTERN.fullmatch, named)):
        raise LocaleInvalid(f"name languages as tr or pt-BR, {LOCALES_MAX} at most")


def in_language(words: Mapping[str, W], locale: str | None = None) -> W:
    """Give the words in a language; without it in Turkish, in English, or what there is first."""
    for one in (locale, *FALLBACKS):
        if one is not None and one in words:
            return words[one]
    return next(iter(words.values()))
