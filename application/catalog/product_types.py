"""Product types: what is told of products of a kind."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from application.book import Book
from domain.catalog.content import AttributeValue
from domain.catalog.sorting import product_types
from domain.catalog.sorting.events import Attribute
from domain.catalog.sorting.product_types import (
    AttributeInvalid,
    ProductType,
    ProductTypeExists,
    ProductTypeNotFound,
)


@dataclass(frozen=True, slots=True)
class ProductTypeResult:
    """The product type."""

    type_id: str


@dataclass(frozen=True, slots=True)
class DefineProductType:
    """Begin a product type: what is told of products of it, in order."""

    NAME: ClassVar[str] = "catalog.define_product_type"

    names: Mapping[str, str]
    attributes: tuple[Attribute, ...]
    type_id: str | None = None


def define_product_type(command: DefineProductType, book: Book) -> ProductTypeResult:
    """Define a product type."""
    type_id = command.type_id or book.new_id("pty")
    if book.find(ProductType, type_id) is not None:
        raise ProductTypeExists("a product type with this id is there already")
    _record(book, None, type_id, command.names, command.attributes)
    return ProductTypeResult(type_id)


@dataclass(frozen=True, slots=True)
class ChangeProductType:
    """Say anew what is told of products of a type; products keep what they tell."""

    NAME: ClassVar[str] = "catalog.change_product_type"

    type_id: str
    names: Mapping[str, str]
    attributes: tuple[Attribute, ...]


def change_product_type(command: ChangeProductType, book: Book) -> ProductTypeResult:
    """Change a product type."""
    type_id = command.type_id
    _record(book, _known(book, type_id), type_id, command.names, command.attributes)
    return ProductTypeResult(type_id)


def check_attributes(
    book: Book, type_id: str | None, attributes: Mapping[str, AttributeValue]
) -> None:
    """Refuse attributes that are not as their type says; without a type there are none.

    What a type requires has to be told whenever a product's attributes are set.
    """
    if type_id is not None:
        product_types.check_values(_known(book, type_id), attributes)
    elif attributes:
        raise AttributeInvalid("a product of no type has no attributes", attribute=min(attributes))


def _known(book: Book, type_id: str) -> ProductType:
    found = book.find(ProductType, type_id)
    if found is None:
        raise ProductTypeNotFound("there is no such product type")
    return found


def _record(
    book: Book,
    before: ProductType | None,
    type_id: str,
    names: Mapping[str, str],
    attributes: tuple[Attribute, ...],
) -> None:
    book.record(*product_types.define(before, type_id, names=names, attributes=attributes))
