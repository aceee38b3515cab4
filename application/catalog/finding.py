"""Find what others name: a product by its id, a variant by its own, whichever product it is of."""

from dataclasses import dataclass

from application.book import Book
from domain.catalog.products.product import Product, ProductNotFound, Status
from domain.catalog.variant_events import VARIANT_CLAIM
from domain.kernel.events import Claim
from domain.kernel.refusals import NotFound


class VariantNotFound(NotFound):
    """There is no such variant."""

    code = "catalog.variant_not_found"


@dataclass(frozen=True, slots=True)
class ProductResult:
    """A product as it is after a command; `version` is what If-Match names."""

    product_id: str
    slug: str
    status: str
    version: int


def product_of(book: Book, variant_id: str) -> str:
    """Give the id of the product that a variant is of, retired or not; refuse what is none."""
    stream = book.owner(Claim(VARIANT_CLAIM, variant_id))
    if stream is None:
        raise VariantNotFound("there is no such variant")
    return stream.partition("-")[2]


def known(book: Book, product_id: str) -> Product:
    """Load a product; one that was deleted is as absent as none."""
    found = book.find(Product, product_id)
    if found is None or found.status is Status.DELETED:
        raise ProductNotFound("there is no such product")
    return found


def told(book: Book, product_id: str) -> ProductResult:
    """Tell a product that was there before the command, as it is now."""
    product = book.find(Product, product_id)
    assert product is not None
    return ProductResult(product_id, product.slug, product.status.value, product.version)
