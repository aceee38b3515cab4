"""Which columns a file may have, in Turkish and English, and what each is about."""

import difflib
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from domain.catalog.slugs import slug_of
from infrastructure.catalog.imports.refused import FileRefused

NAMES: Mapping[str, tuple[str, ...]] = {
    "sku": ("stok kodu", "urun kodu"),
    "product": ("urun", "urun grubu"),
    "type": ("tip", "urun tipi"),
    "category": ("kategori", "categories", "kategoriler"),
    "brand": ("marka",),
    "tax_class": ("vergi sinifi", "kdv sinifi"),
    "price": ("fiyat",),
    "list_price": ("liste fiyati", "piyasa fiyati"),
    "currency": ("para birimi",),
    "stock": ("stok", "stok adedi"),
    "location": ("lokasyon", "depo"),
    "gtin": ("ean",),
    "barcode": ("barkod",),
    "weight_grams": ("agirlik gram", "gramaj"),
    "images": ("gorseller", "resimler", "image", "gorsel"),
    "status": ("durum",),
    "channel": ("kanal", "channels", "kanallar"),
}
"""The columns that may be there once, and what else they are called, as slugs say it."""

WORDS: Mapping[str, tuple[str, ...]] = {
    "name": ("ad", "urun adi"),
    "description": ("aciklama",),
}
"""By language, as `name_tr`. Without a language they are Turkish."""

GROUPS: Mapping[str, tuple[str, ...]] = {
    "attribute": ("ozellik",),
    "option": ("secenek",),
}
"""By code or name: `attribute.colour`, `secenek.Renk`."""

PRICING = frozenset({"price", "list_price"})
STOCKING = frozenset({"stock"})

_LOCALE = re.compile(r"(.*?)[ _-]([a-z]{2,3})")
_KNOWN = {slug_of(name): column for column, others in NAMES.items() for name in (column, *others)}
_WORDS = {slug_of(name): column for column, others in WORDS.items() for name in (column, *others)}
_GROUPS = {slug_of(name): column for column, others in GROUPS.items() for name in (column, *others)}
_EVERY = [*_KNOWN, *_WORDS, *(f"{word}-tr" for word in _WORDS), *_GROUPS]


class Heading(NamedTuple):
    """A column: what it is, and of which language, attribute or option."""

    column: str
    of: str = ""

    @property
    def field(self) -> str:
        """What it is called in results."""
        joint = "_" if self.column in WORDS else "."
        return f"{self.column}{joint}{self.of}" if self.of else self.column


def headings_of(line: Sequence[str]) -> list[Heading]:
    """Tell what the columns of a file are; refuses a file with others, and one without SKUs."""
    found = [_heading(name) for name in line]
    for place, heading in enumerate(found):
        if heading in found[:place]:
            raise FileRefused("catalog.import_columns_repeated", f"two columns are {heading.field}")
    if Heading("sku") not in found:
        raise FileRefused("catalog.import_columns_missing", "a file has a column sku")
    return found


def _heading(name: str) -> Heading:
    head, dot, rest = name.partition(".")
    group = _GROUPS.get(slug_of(head)) if dot else None
    if group is not None and rest.strip():
        return Heading(group, rest.strip())
    slug = slug_of(name)
    if slug in _KNOWN:
        return Heading(_KNOWN[slug])
    if slug in _WORDS:
        return Heading(_WORDS[slug], "tr")
    in_language = _LOCALE.fullmatch(slug)
    if in_language is not None and in_language[1] in _WORDS:
        return Heading(_WORDS[in_language[1]], in_language[2])
    near = difflib.get_close_matches(slug, _EVERY, n=1, cutoff=0.5)
    hint = f"; did you mean {near[0].replace('-', '_')}?" if near else ""
    raise FileRefused("catalog.import_columns_unknown", f"there is no column {name!r}{hint}")
