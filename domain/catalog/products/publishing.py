"""Let products into the shop and out of it, and what they need for it (CAT-05)."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from domain.catalog.events import (
    ProductArchived,
    ProductDeleted,
    ProductEvent,
    ProductPublished,
    ProductRestored,
    ProductScheduled,
    ProductUnpublished,
    SchedulingCancelled,
)
from domain.catalog.products.product import MOVES, Product, Status, StatusForbids
from domain.kernel.refusals import Invalid, RuleBroken

SCHEDULE_AHEAD_MAX = timedelta(days=2 * 366)
ASKED = "asked"
"""Why a schedule was cancelled that nothing was lacking for."""


class NotPublishable(RuleBroken):
    """A product lacks something that customers have to see; `missing` says all of it."""

    code = "catalog.not_publishable"


class ScheduleInvalid(Invalid):
    """A product is scheduled for a time to come, within two years."""

    code = "catalog.schedule_invalid"


class ScheduleNotDue(RuleBroken):
    """A product is not published before its time."""

    code = "catalog.schedule_not_due"


class Candidate(NamedTuple):
    """A product that is to be seen, and whether one of its variants has a price."""

    product: Product
    priced: bool


def _price(candidate: Candidate) -> str | None:
    return None if candidate.priced else "price"


def _image(candidate: Candidate) -> str | None:
    return None if candidate.product.has_image else "image"


def _category(candidate: Candidate) -> str | None:
    return None if candidate.product.category_ids else "category"


def _tax_class(candidate: Candidate) -> str | None:
    return None if candidate.product.tax_class is not None else "tax_class"


def _variant(candidate: Candidate) -> str | None:
    return None if candidate.product.variants else "variant"


NEEDS: tuple[Callable[[Candidate], str | None], ...] = (
    _price,
    _image,
    _category,
    _tax_class,
    _variant,
)
"""What publishing needs. Each rule names what is missing, or nothing."""


def missing(candidate: Candidate) -> str:
    """Name all that is missing, with commas between; nothing is an empty text."""
    return ",".join(filter(None, (need(candidate) for need in NEEDS)))


def publish(candidate: Candidate) -> tuple[ProductPublished, ...]:
    """Let customers see a product; refused with all that it lacks."""
    product = candidate.product
    _check_move(product, ProductPublished)
    lacks = missing(candidate)
    if lacks:
        raise NotPublishable(f"a product is published with all of it: {lacks}", missing=lacks)
    return (ProductPublished(product.product_id),)


def check_still_whole(product: Product, event: ProductEvent) -> None:
    """Refuse to take away from a published product what it was published for."""
    if product.status is not Status.PUBLISHED:
        return
    lacks = missing(Candidate(Product.evolve(product, event), priced=True))
    if lacks:
        raise NotPublishable(f"unpublish it first: customers would miss {lacks}", missing=lacks)


def schedule(product: Product, publish_at: datetime, *, at: datetime) -> tuple[ProductEvent, ...]:
    """Let a draft be published at a time to come; a new time replaces the one before."""
    _check_move(product, ProductScheduled)
    if not at < publish_at <= at + SCHEDULE_AHEAD_MAX:
        raise ScheduleInvalid(
            f"name a time to come, within {SCHEDULE_AHEAD_MAX.days} days", now=at.isoformat()
        )
    return (ProductScheduled(product.product_id, publish_at),)


def publish_scheduled(candidate: Candidate, *, at: datetime) -> tuple[ProductEvent, ...]:
    """Publish what is due; what lacks something is a draft again, and says why."""
    product = candidate.product
    if product.publish_at is None:
        raise _forbidden(product)
    if at < product.publish_at:
        raise ScheduleNotDue("its time has not come", publish_at=product.publish_at.isoformat())
    lacks = missing(candidate)
    if lacks:
        return (SchedulingCancelled(product.product_id, lacks),)
    return (ProductPublished(product.product_id),)


def cancel_scheduling(product: Product) -> tuple[SchedulingCancelled, ...]:
    """Let a scheduled product stay a draft."""
    _check_move(product, SchedulingCancelled)
    return (SchedulingCancelled(product.product_id, ASKED),)


def unpublish(product: Product) -> tuple[ProductUnpublished, ...]:
    """Take a product out of the shop, to go on working at it."""
    _check_move(product, ProductUnpublished)
    return (ProductUnpublished(product.product_id),)


def archive(product: Product) -> tuple[ProductArchived, ...]:
    """Sell a product no more."""
    _check_move(product, ProductArchived)
    return (ProductArchived(product.product_id),)


def restore(product: Product) -> tuple[ProductRestored, ...]:
    """Let an archived product be a draft again."""
    _check_move(product, ProductRestored)
    return (ProductRestored(product.product_id),)


def delete(product: Product) -> tuple[ProductEvent, ...]:
    """Let a product be gone if customers never saw it; else it is archived, for who bought it.

    What was seen and is archived stays as it is.
    """
    if product.was_published:
        return () if product.status is Status.ARCHIVED else archive(product)
    variants = product.variants.values()
    skus = tuple(variant.sku for variant in variants)
    gtins = tuple(variant.gtin for variant in variants if variant.gtin is not None)
    return (ProductDeleted(product.product_id, product.slug, skus, gtins),)


def _check_move(product: Product, step: type[ProductEvent]) -> None:
    if product.status not in MOVES[step].leaves:
        raise _forbidden(product)


def _forbidden(product: Product) -> StatusForbids:
    return StatusForbids(
        f"this can not be done while it is {product.status.value}", status=product.status.value
    )
