"""Say what products are, in words and pictures."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from application.book import Book
from application.catalog.finding import ProductResult, known, told
from domain.catalog.content import Medium, Related, Text
from domain.catalog.products import describing, media, related
from domain.catalog.products.product import Product


@dataclass(frozen=True, slots=True)
class DescribeProduct:
    """Tell a product in other words: all of them, so what is left away is gone."""

    NAME: ClassVar[str] = "catalog.describe_product"

    product_id: str
    texts: Mapping[str, Text]


def describe_product(command: DescribeProduct, book: Book) -> ProductResult:
    """Describe a product."""
    book.record(*describing.describe(known(book, command.product_id), command.texts))
    return told(book, command.product_id)


@dataclass(frozen=True, slots=True)
class ChangeSlug:
    """Give a product another address; the old one is free for others."""

    NAME: ClassVar[str] = "catalog.change_slug"

    product_id: str
    slug: str


def change_slug(command: ChangeSlug, book: Book) -> ProductResult:
    """Change a product's address."""
    claim = describing.address(command.slug)
    book.need((Product, command.product_id), claims=(claim,))
    product = known(book, command.product_id)
    book.record(*describing.change_slug(product, command.slug, holder=book.owner(claim)))
    return told(book, command.product_id)


@dataclass(frozen=True, slots=True)
class ArrangeMedia:
    """Show these images, videos and models of a product, in this order: all of them."""

    NAME: ClassVar[str] = "catalog.arrange_media"

    product_id: str
    media: tuple[Medium, ...]


def arrange_media(command: ArrangeMedia, book: Book) -> ProductResult:
    """Arrange a product's media."""
    book.record(*media.arrange(known(book, command.product_id), command.media))
    return told(book, command.product_id)


@dataclass(frozen=True, slots=True)
class ChooseRelated:
    """Show these other products with a product, in this order: all of them."""

    NAME: ClassVar[str] = "catalog.choose_related"

    product_id: str
    related: tuple[Related, ...]


def choose_related(command: ChooseRelated, book: Book) -> ProductResult:
    """Choose what is shown with a product."""
    product = known(book, command.product_id)
    others = book.find_all(Product, (one.product_id for one in command.related))
    book.record(*related.choose(product, command.related, others))
    return told(book, command.product_id)
