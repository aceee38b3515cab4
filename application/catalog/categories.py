"""The tree of categories."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from application.book import Book
from application.catalog.uses import count
from domain.catalog.sorting import categories
from domain.catalog.sorting.categories import NO_CATEGORIES, Categories, CategoryNotFound
from domain.catalog.sorting.events import CATEGORIES_KEY
from domain.catalog.sorting.uses import Kind, Use


@dataclass(frozen=True, slots=True)
class CategoryResult:
    """The category."""

    category_id: str


@dataclass(frozen=True, slots=True)
class AddCategory:
    """Begin a category below another one, or at the top. Names stand by language."""

    NAME: ClassVar[str] = "catalog.add_category"

    names: Mapping[str, str]
    slug: str | None = None
    parent_id: str | None = None
    category_id: str | None = None


def add_category(command: AddCategory, book: Book) -> CategoryResult:
    """Add a category."""
    category_id = command.category_id or book.new_id("cat")
    book.record(
        *categories.add(
            all_categories(book),
            category_id,
            parent_id=command.parent_id,
            slug=command.slug,
            names=command.names,
        )
    )
    return CategoryResult(category_id)


@dataclass(frozen=True, slots=True)
class RenameCategory:
    """Give a category other names, or another part of its path: all of them."""

    NAME: ClassVar[str] = "catalog.rename_category"

    category_id: str
    slug: str
    names: Mapping[str, str]


def rename_category(command: RenameCategory, book: Book) -> CategoryResult:
    """Rename a category."""
    tree, category_id = all_categories(book), command.category_id
    book.record(*categories.rename(tree, category_id, slug=command.slug, names=command.names))
    return CategoryResult(category_id)


@dataclass(frozen=True, slots=True)
class MoveCategory:
    """Put a category with all that is below it elsewhere; without a parent, at the top."""

    NAME: ClassVar[str] = "catalog.move_category"

    category_id: str
    parent_id: str | None = None


def move_category(command: MoveCategory, book: Book) -> CategoryResult:
    """Move a category."""
    book.record(*categories.move(all_categories(book), command.category_id, command.parent_id))
    return CategoryResult(command.category_id)


@dataclass(frozen=True, slots=True)
class RemoveCategory:
    """Let a category be no more that has neither categories below it nor products in it."""

    NAME: ClassVar[str] = "catalog.remove_category"

    category_id: str


def remove_category(command: RemoveCategory, book: Book) -> CategoryResult:
    """Remove a category."""
    category_id = command.category_id
    use = book.find(Use, Kind.CATEGORY.key(category_id))
    book.record(*categories.remove(all_categories(book), category_id, use))
    return CategoryResult(category_id)


def use_categories(book: Book, *, old: tuple[str, ...], new: tuple[str, ...]) -> None:
    """Count a product in its new categories and no longer in its old ones; refuse unknown ones."""
    check_known(book, new)
    count(book, Kind.CATEGORY, old=old, new=new)


def check_known(book: Book, category_ids: tuple[str, ...]) -> None:
    """Refuse what names no category."""
    if category_ids:
        by_id = all_categories(book).by_id
        for category_id in category_ids:
            if category_id not in by_id:
                raise CategoryNotFound("there is no such category", category=category_id)


def all_categories(book: Book) -> Categories:
    """Give the tenant's tree."""
    return book.find(Categories, CATEGORIES_KEY) or NO_CATEGORIES
