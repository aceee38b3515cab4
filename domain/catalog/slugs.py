"""Slugs: the readable part of an address."""

import re
import unicodedata
from zlib import crc32

from domain.kernel.refusals import Invalid

SLUG_LENGTH_MAX = 120
SLUG_PATTERN = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
MADE_LENGTH_MAX = 100
"""How long a slug is that was made of a name: a number still finds room at its end."""

NAMELESS = "urun"
"""Stands for a name of which no letter has a Latin one."""

NUMBERS_TRIED = range(2, 10)

_LETTERS = str.maketrans(
    {"\u0131": "i", "ø": "o", "ł": "l", "đ": "d", "ß": "ss", "æ": "ae", "œ": "oe"}
)
"""Letters that Unicode does not take apart into a Latin one and its mark."""

_MARK, _WORD = re.compile("[\u0300-\u036f]"), re.compile("[a-z0-9]+")


class SlugInvalid(Invalid):
    """A slug is made of small Latin letters and digits, with single hyphens between."""

    code = "catalog.slug_invalid"


def check_slug(slug: str) -> None:
    """Refuse what can not stand in an address as it is."""
    if len(slug) > SLUG_LENGTH_MAX or not SLUG_PATTERN.fullmatch(slug):
        raise SlugInvalid(
            f"a slug is small Latin letters, digits and single hyphens, {SLUG_LENGTH_MAX} at most"
        )


def slug_of(name: str) -> str:
    """Make a slug of a name: "Ölçü Kepçe Seti" gives olcu-kepce-seti."""
    decomposed = unicodedata.normalize("NFKD", name.lower().translate(_LETTERS))
    slug = "-".join(_WORD.findall(_MARK.sub("", decomposed)))
    if len(slug) > MADE_LENGTH_MAX:
        # Whole words, unless the first one is too long by itself.
        slug = slug[: MADE_LENGTH_MAX + 1].rpartition("-")[0] or slug[:MADE_LENGTH_MAX]
    return slug or NAMELESS


def numbered(slug: str) -> tuple[str, ...]:
    """Give the next addresses to try where one is taken."""
    return tuple(f"{slug}-{number}" for number in NUMBERS_TRIED)


def apart(slug: str, owner_id: str) -> str:
    """Give an address that is hardly taken, where the next ones are as well."""
    return f"{slug}-{crc32(owner_id.encode())}"
