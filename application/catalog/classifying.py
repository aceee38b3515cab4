"""Say under what products stand, where they are shown and to whom they may be sold."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from application.book import Book
from application.catalog.brands import use_brand
from application.catalog.categories import use_categories
from application.catalog.finding import ProductResult, known, told
from application.catalog.product_types import check_attributes
from domain.catalog.content import AttributeValue, Restrictions
from domain.catalog.products import classifying, restrictions
from domain.catalog.products.classifying import Classification
from domain.pricing.kdv import tax_class_of


@dataclass(frozen=True, slots=True)
class ClassifyProduct:
    """Let a product stand in these categories, one of them first, and be of this brand."""

    NAME: ClassVar[str] = "catalog.classify_product"

    product_id: str
    classification: Classification


def classify_product(command: ClassifyProduct, book: Book) -> ProductResult:
    """Classify a product, and count it with what it is classified by."""
    product = known(book, command.product_id)
    for event in classifying.classify(product, command.classification):
        use_categories(book, old=product.category_ids, new=event.category_ids)
        use_brand(book, old=product.brand_id, new=event.brand_id)
        book.record(event)
    return told(book, command.product_id)


@dataclass(frozen=True, slots=True)
class ChooseTaxClass:
    """Choose the class of KDV rates that a product is sold under."""

    NAME: ClassVar[str] = "catalog.choose_tax_class"

    product_id: str
    tax_class: str


def choose_tax_class(command: ChooseTaxClass, book: Book) -> ProductResult:
    """Choose a product's tax class."""
    product = known(book, command.product_id)
    book.record(*classifying.choose_tax_class(product, tax_class_of(command.tax_class).value))
    return told(book, command.product_id)


@dataclass(frozen=True, slots=True)
class SetAttributes:
    """Say of which type a product is, and what it is like: all of it."""

    NAME: ClassVar[str] = "catalog.set_attributes"

    product_id: str
    type_id: str | None
    attributes: Mapping[str, AttributeValue]


def set_attributes(command: SetAttributes, book: Book) -> ProductResult:
    """Set a product's attributes, as its type knows them."""
    product = known(book, command.product_id)
    check_attributes(book, command.type_id, command.attributes)
    book.record(*classifying.set_attributes(product, command.type_id, command.attributes))
    return told(book, command.product_id)


@dataclass(frozen=True, slots=True)
class ChooseChannels:
    """Show a product in these sales channels; in all of them when none is named."""

    NAME: ClassVar[str] = "catalog.choose_channels"

    product_id: str
    channels: tuple[str, ...]


def choose_channels(command: ChooseChannels, book: Book) -> ProductResult:
    """Choose where a product is shown."""
    product = known(book, command.product_id)
    book.record(*classifying.choose_channels(product, command.channels))
    return told(book, command.product_id)


@dataclass(frozen=True, slots=True)
class SetRestrictions:
    """Say to whom and where to a product may be sold: all of it."""

    NAME: ClassVar[str] = "catalog.set_restrictions"

    product_id: str
    restrictions: Restrictions


def set_restrictions(command: SetRestrictions, book: Book) -> ProductResult:
    """Restrict whom a product is sold to, or let it be sold to anyone."""
    product = known(book, command.product_id)
    book.record(*restrictions.restrict(product, command.restrictions))
    return told(book, command.product_id)
