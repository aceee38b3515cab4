"""Collections: products shown together, chosen one by one or by a rule."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from application.book import Book
from application.catalog import brands, categories
from domain.catalog.sorting import collections
from domain.catalog.sorting.collections import Collection
from domain.catalog.sorting.rules import Rule


@dataclass(frozen=True, slots=True)
class CollectionResult:
    """The collection."""

    collection_id: str


@dataclass(frozen=True, slots=True)
class BeginCollection:
    """Show products together: their ids in order, or the rule that says which they are."""

    NAME: ClassVar[str] = "catalog.begin_collection"

    names: Mapping[str, str]
    products: tuple[str, ...] | Rule
    slug: str | None = None
    collection_id: str | None = None


def begin_collection(command: BeginCollection, book: Book) -> CollectionResult:
    """Begin a collection."""
    collection_id = command.collection_id or book.new_id("col")
    _check_names_of(book, command.products)
    book.record(
        *collections.begin(
            book.find(Collection, collection_id),
            collection_id,
            slug=command.slug,
            names=command.names,
            products=command.products,
        )
    )
    return CollectionResult(collection_id)


@dataclass(frozen=True, slots=True)
class ChangeCollection:
    """Say all of a collection anew."""

    NAME: ClassVar[str] = "catalog.change_collection"

    collection_id: str
    slug: str
    names: Mapping[str, str]
    products: tuple[str, ...] | Rule


def change_collection(command: ChangeCollection, book: Book) -> CollectionResult:
    """Change a collection."""
    _check_names_of(book, command.products)
    book.record(
        *collections.change(
            book.find(Collection, command.collection_id),
            command.collection_id,
            slug=command.slug,
            names=command.names,
            products=command.products,
        )
    )
    return CollectionResult(command.collection_id)


@dataclass(frozen=True, slots=True)
class RemoveCollection:
    """Let a collection be no more; its products are untouched."""

    NAME: ClassVar[str] = "catalog.remove_collection"

    collection_id: str


def remove_collection(command: RemoveCollection, book: Book) -> CollectionResult:
    """Remove a collection."""
    collection = book.find(Collection, command.collection_id)
    book.record(*collections.remove(collection, command.collection_id))
    return CollectionResult(command.collection_id)


def _check_names_of(book: Book, products: tuple[str, ...] | Rule) -> None:
    """Refuse a rule that asks for categories or brands that are not there.

    A product may be named before it is there and after it is gone: only those there are shown.
    """
    if isinstance(products, Rule):
        categories.check_known(book, products.category_ids)
        brands.check_known(book, products.brand_ids)
