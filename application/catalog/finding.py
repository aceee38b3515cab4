"""Find what others name: a variant by its id, whichever product it is of."""

from application.book import Book
from domain.catalog.variant_events import VARIANT_CLAIM
from domain.kernel.events import Claim
from domain.kernel.refusals import NotFound


class VariantNotFound(NotFound):
    """There is no such variant."""

    code = "catalog.variant_not_found"


def product_of(book: Book, variant_id: str) -> str:
    """Give the id of the product that a variant is of, retired or not; refuse what is none."""
    stream = book.owner(Claim(VARIANT_CLAIM, variant_id))
    if stream is None:
        raise VariantNotFound("there is no such variant")
    return stream.partition("-")[2]
