"""Brands: which there are, and how many products are of each."""

from application.book import Book


def use_brand(book: Book, *, old: str | None, new: str | None) -> None:
    """Count a product with its new brand and no longer with its old one; refuse an unknown one."""
