"""Which other products are shown with a product (CAT-15)."""

from collections.abc import Iterable

from domain.catalog.content import Related
from domain.catalog.events import RelatedChosen
from domain.catalog.products.product import Product, Status
from domain.kernel.refusals import Invalid

RELATED_MAX = 50
KINDS = ("similar", "accessory", "upgrade", "replacement")


class RelatedInvalid(Invalid):
    """Another product is named once, and for one of the known reasons; `product_id` says which."""

    code = "catalog.related_invalid"


def choose(
    product: Product, related: tuple[Related, ...], others: Iterable[Product | None]
) -> tuple[RelatedChosen, ...]:
    """Show these with it, in this order; `others` are the products that `related` names."""
    if len(related) > RELATED_MAX:
        raise RelatedInvalid(f"a product names {RELATED_MAX} others at most")
    seen = {product.product_id}
    for one, other in zip(related, others, strict=True):
        if one.product_id in seen:
            raise RelatedInvalid("name each other product once", product_id=one.product_id)
        if one.kind not in KINDS:
            raise RelatedInvalid(
                f"another product is {', '.join(KINDS)}", product_id=one.product_id
            )
        if other is None or other.status is Status.DELETED:
            raise RelatedInvalid("there is no such product", product_id=one.product_id)
        seen.add(one.product_id)
    return (RelatedChosen(product.product_id, related),)
