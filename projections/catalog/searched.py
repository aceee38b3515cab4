"""What products are found by: their words, and what they can be filtered and counted by.

The words are made by `domain.search.analysis` when an event is folded, and stand as literals of
`tsvector` until a product's row is derived. What filters (`code=value`) stands among the words, so
that one index answers both; no word holds a `=`. A word of a name or of what is around a product
stands there once more for each (`name=word`, `near=word`), so that the index tells them apart.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from sqlalchemy import BigInteger, Column, Index, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSVECTOR

from domain.catalog.content import AttributeValue, Option
from domain.catalog.content import Text as Telling
from domain.catalog.events import (
    AttributesSet,
    ProductCreated,
    ProductDeleted,
    ProductDescribed,
)
from domain.catalog.sorting.events import (
    BrandAdded,
    BrandRemoved,
    BrandRenamed,
    CategoryAdded,
    CategoryMoved,
    CategoryRemoved,
    CategoryRenamed,
)
from domain.catalog.variant_events import OptionsChosen
from domain.kernel.events import Event, Recorded
from domain.search.analysis import phrase, stems
from projections.read_model import Delete, Fold, Increment, Insert, Operation, ReadTable, Upsert
from projections.search.synonyms import SYNONYM_FOLDS, SYNONYMS

NAME, NEAR = "name=", "near="
"""Before a word of a name, and before one of a name, a brand or a category."""

_NAMES, _AROUND, _ANYWHERE = (NAME, NEAR, ""), (NEAR, ""), ("",)

DESCRIPTION_WORDS_MAX = 150
NAME_KEY_LENGTH_MAX = 120
FACET_BYTES_MAX = 200
"""A longer value is found by its words and not counted."""

NO_PRICE = 2**62
"""Comes after all that have one."""

BRAND, CATEGORY = "brand", "category"

TEXTS = ReadTable(
    "catalog_texts_v1",
    Column("product_id", Text(collation="C"), primary_key=True),
    Column("name_key", Text(collation="C")),
    Column("told", Text),
    Column("features", Text),
    Column("options", Text),
    latest=("name_key", "told", "features", "options"),
)

NAMES = ReadTable(
    "catalog_names_v1",
    Column("id", Text(collation="C"), primary_key=True),
    Column("kind", Text(collation="C"), primary_key=True),
    Column("slug", Text, nullable=False),
    Column("names", JSONB, nullable=False),
    Column("name_keys", Text(collation="C"), nullable=False),
    Column("words", Text, nullable=False),
)
"""Brands and categories; `name_keys` has a blank before each word."""

WORDS = ReadTable(
    "catalog_words_v1",
    Column("word", Text(collation="C"), primary_key=True),
    Column("told", BigInteger, nullable=False),
    counters=("told",),
)
"""Every word without digits that something was ever told with, and how often."""

INDEX = ReadTable(
    "catalog_search_v1",
    Column("product_id", Text(collation="C"), primary_key=True),
    Column("newest", BigInteger, nullable=False),
    Column("cheapest", BigInteger, nullable=False),
    Column("dearest", BigInteger, nullable=False),
    Column("name_key", Text(collation="C"), nullable=False),
    Column("facets", ARRAY(Text), nullable=False),
    Column("words", TSVECTOR, nullable=False),
    Index("catalog_search_v1_newest", "tenant_id", "newest", "product_id"),
    Index("catalog_search_v1_cheapest", "tenant_id", "cheapest", "product_id"),
    Index("catalog_search_v1_dearest", "tenant_id", "dearest", "product_id"),
    Index("catalog_search_v1_name", "tenant_id", "name_key", "product_id"),
    Index("catalog_search_v1_words", "tenant_id", "words", postgresql_using="gin"),
    derived=True,
)
"""Published products. `newest`, `cheapest` and `dearest` rise in these orders: microseconds of the
publication and minor units, the largest first as negative numbers."""

SEARCH_TABLES = (TEXTS, NAMES, WORDS, SYNONYMS, INDEX)


class _Lexemes:
    """The words of an event's texts as they are found."""

    def __init__(self) -> None:
        self._words: set[str] = set()
        self._lexemes: dict[str, None] = {}

    def add(self, text: str, prefixes: Iterable[str], *, most: int | None = None) -> "_Lexemes":
        found = stems(text)[:most]
        self._words.update(found)
        for prefix in prefixes:
            self._lexemes.update(dict.fromkeys(prefix + word for word in found))
        return self

    @property
    def literal(self) -> str:
        return " ".join(f"'{lexeme}'" for lexeme in self._lexemes)

    def counted(self) -> Iterable[Operation]:
        """Count those that can be mistyped: there is no end to numbers, a wrong one is another."""
        return (Increment(WORDS, (word,), (1,), (), ()) for word in self._words if word.isalpha())


def _told(texts: Mapping[str, Telling]) -> tuple[str, _Lexemes]:
    in_order = sorted(texts.items(), key=lambda one: (one[0] != "tr", one[0]))
    name = in_order[0][1].name if in_order else ""
    lexemes = _Lexemes()
    for _, text in in_order:
        lexemes.add(text.name, _NAMES)
        lexemes.add(text.description, _ANYWHERE, most=DESCRIPTION_WORDS_MAX)
    return phrase(name)[:NAME_KEY_LENGTH_MAX], lexemes


def _featured(attributes: Mapping[str, AttributeValue]) -> _Lexemes:
    given = attributes.values()
    values = [
        value
        for one in given
        for value in (one if isinstance(one, tuple) else (one,))
        if isinstance(value, str)
    ]
    return _Lexemes().add(" / ".join(values), _ANYWHERE)


def _chosen(options: Iterable[Option]) -> _Lexemes:
    values = (value for option in options for value in option.values)
    return _Lexemes().add(" / ".join(values), _ANYWHERE)


def _created(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    name_key, told = _told(event.texts)
    features, options = _featured(event.attributes), _chosen(event.options)
    words = told.literal, features.literal, options.literal
    yield Insert(TEXTS, (event.product_id, name_key, *words))
    for lexemes in (told, features, options):
        yield from lexemes.counted()


def _described(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    name_key, lexemes = _told(event.texts)
    told = name_key, lexemes.literal, None, None
    yield Increment(TEXTS, (event.product_id,), (), told)
    yield from lexemes.counted()


def _features(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    lexemes = _featured(event.attributes)
    yield Increment(TEXTS, (event.product_id,), (), (None, None, lexemes.literal, None))
    yield from lexemes.counted()


def _options(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    lexemes = _chosen(event.options)
    yield Increment(TEXTS, (event.product_id,), (), (None, None, None, lexemes.literal))
    yield from lexemes.counted()


def _brand(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    return _named(event.brand_id, BRAND, event.slug, {"tr": event.name})


def _category(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    return _named(event.category_id, CATEGORY, event.slug, event.names)


def _named(id_: str, kind: str, slug: str, names: Mapping[str, str]) -> Iterable[Operation]:
    lexemes = _Lexemes().add(" / ".join(names.values()), _AROUND)
    keys = "".join(f" {phrase(name)}" for name in names.values())
    told = msgspec.json.encode(names).decode()
    yield Upsert(NAMES, (id_, kind, slug, told, keys, lexemes.literal))
    yield from lexemes.counted()


def _no_brand(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    return (Delete(NAMES, (event.brand_id, BRAND)),)


def _no_category(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    return (Delete(NAMES, (event.category_id, CATEGORY)),)


def _deleted(recorded: Recorded) -> Iterable[Operation]:
    event: Any = recorded.event
    return (Delete(TEXTS, (event.product_id,)),)


def _moved(_recorded: Recorded) -> Iterable[Operation]:
    """Change no row; what is asked of a category is another answer all the same."""
    return ()


SEARCH_FOLDS: dict[type[Event], Fold] = {
    ProductCreated: _created,
    ProductDescribed: _described,
    ProductDeleted: _deleted,
    AttributesSet: _features,
    OptionsChosen: _options,
    BrandAdded: _brand,
    BrandRenamed: _brand,
    BrandRemoved: _no_brand,
    CategoryAdded: _category,
    CategoryRenamed: _category,
    CategoryMoved: _moved,
    CategoryRemoved: _no_category,
    **SYNONYM_FOLDS,
}


def beside(
    folds: Mapping[type[Event], Fold], others: Mapping[type[Event], Fold]
) -> dict[type[Event], Fold]:
    """Give the folds of both; of an event that both know, both."""

    def each(first: Fold, second: Fold) -> Fold:
        return lambda recorded: (*first(recorded), *second(recorded))

    shared = {kind: each(folds[kind], others[kind]) for kind in folds.keys() & others.keys()}
    return {**folds, **others, **shared}
