"""Product types: what is told of products of a kind."""

from collections.abc import Mapping

from application.book import Book
from domain.catalog.content import AttributeValue


def check_attributes(
    book: Book, type_id: str | None, attributes: Mapping[str, AttributeValue]
) -> None:
    """Refuse attributes that are not as their type says; without a type there are none."""
