"""Say where a product was made."""

from dataclasses import dataclass
from typing import ClassVar

from application.book import Book
from application.catalog.finding import ProductResult, known, told
from domain.catalog.products import origin


@dataclass(frozen=True, slots=True)
class StateOrigin:
    """Say in which country a product was made (ISO 3166-1); None is not known."""

    NAME: ClassVar[str] = "catalog.state_origin"

    product_id: str
    country_of_origin: str | None


def state_origin(command: StateOrigin, book: Book) -> ProductResult:
    """State a product's country of origin."""
    product = known(book, command.product_id)
    book.record(*origin.state_origin(product, command.country_of_origin))
    return told(book, command.product_id)
