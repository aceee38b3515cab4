"""The tree of categories."""

from application.book import Book


def use_categories(book: Book, *, old: tuple[str, ...], new: tuple[str, ...]) -> None:
    """Count a product in its new categories and no longer in its old ones; refuse unknown ones."""
