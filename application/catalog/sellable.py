"""What a sale has to know of a variant, for carts and orders."""

from dataclasses import dataclass

from application.book import Book
from application.catalog.finding import VariantNotFound, product_of
from domain.catalog.content import Restrictions
from domain.catalog.products.product import Product, Status
from domain.kernel.refusals import RuleBroken


class NotForSale(RuleBroken):
    """The product is not published now, or the variant was retired; `reason` says which."""

    code = "catalog.not_for_sale"


@dataclass(frozen=True, slots=True)
class Sellable:
    """A variant that customers can buy now, where `channels` (all, if none) and policy let them."""

    product_id: str
    variant_id: str
    sku: str
    tax_class: str
    channels: tuple[str, ...]
    restrictions: Restrictions


def sellable(book: Book, variant_id: str) -> Sellable:
    """Give what a sale has to know of a variant; refuse one that is not for sale."""
    product = book.find(Product, product_of(book, variant_id))
    if product is None or product.status is Status.DELETED:
        raise VariantNotFound("there is no such variant")
    if product.status is not Status.PUBLISHED:
        raise NotForSale("this product is not sold now", reason=product.status.value)
    variant = product.variants.get(variant_id)
    if variant is None:
        raise NotForSale("this is not sold any more", reason="retired")
    assert product.tax_class is not None, "nothing is published without one"
    return Sellable(
        product.product_id,
        variant_id,
        variant.sku,
        product.tax_class,
        product.channels,
        product.restrictions,
    )
