"""Let products into the shop and out of it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import ClassVar

from application.book import Book, together
from application.catalog.brands import use_brand
from application.catalog.categories import use_categories
from application.catalog.finding import ProductResult, known, told
from application.pricing.prices import is_priced
from domain.catalog.events import ProductEvent
from domain.catalog.products import publishing
from domain.catalog.products.product import Product, Status
from domain.catalog.products.publishing import Candidate


@dataclass(frozen=True, slots=True)
class PublishProduct:
    """Let customers see a product from now on; refused with everything that it lacks."""

    NAME: ClassVar[str] = "catalog.publish_product"

    product_id: str


def publish_product(command: PublishProduct, book: Book) -> ProductResult:
    """Publish a product."""
    book.record(*publishing.publish(_candidate(book, command.product_id)))
    return told(book, command.product_id)


@dataclass(frozen=True, slots=True)
class ScheduleProduct:
    """Let a draft be published by itself at a time to come.

    What it lacks then, its schedule ends with.
    """

    NAME: ClassVar[str] = "catalog.schedule_product"

    product_id: str
    publish_at: datetime


def schedule_product(command: ScheduleProduct, book: Book) -> ProductResult:
    """Schedule a product."""
    product = known(book, command.product_id)
    book.record(*publishing.schedule(product, command.publish_at, at=book.now))
    return told(book, command.product_id)


@dataclass(frozen=True, slots=True)
class PublishScheduled:
    """Publish a product whose time has come, or let its schedule end with what it lacks."""

    NAME: ClassVar[str] = "catalog.publish_scheduled"

    product_id: str


def publish_scheduled(command: PublishScheduled, book: Book) -> ProductResult:
    """Publish a scheduled product, if it is due."""
    candidate = _candidate(book, command.product_id)
    book.record(*publishing.publish_scheduled(candidate, at=book.now))
    return told(book, command.product_id)


@dataclass(frozen=True, slots=True)
class CancelScheduling:
    """Let a scheduled product stay a draft."""

    NAME: ClassVar[str] = "catalog.cancel_scheduling"

    product_id: str


@dataclass(frozen=True, slots=True)
class UnpublishProduct:
    """Take a product out of the shop; it is a draft again."""

    NAME: ClassVar[str] = "catalog.unpublish_product"

    product_id: str


@dataclass(frozen=True, slots=True)
class ArchiveProduct:
    """Sell a product no more; it stays known to whoever bought it."""

    NAME: ClassVar[str] = "catalog.archive_product"

    product_id: str


@dataclass(frozen=True, slots=True)
class RestoreProduct:
    """Let an archived product be a draft again."""

    NAME: ClassVar[str] = "catalog.restore_product"

    product_id: str


Step = CancelScheduling | UnpublishProduct | ArchiveProduct | RestoreProduct


def _step(decide: Callable[[Product], tuple[ProductEvent, ...]]) -> Callable[..., ProductResult]:
    def handle(command: Step, book: Book) -> ProductResult:
        book.record(*decide(known(book, command.product_id)))
        return told(book, command.product_id)

    return handle


cancel_scheduling = _step(publishing.cancel_scheduling)
unpublish_product = _step(publishing.unpublish)
archive_product = _step(publishing.archive)
restore_product = _step(publishing.restore)


@dataclass(frozen=True, slots=True)
class DeleteProduct:
    """Let a product be gone that customers never saw; any other is archived instead."""

    NAME: ClassVar[str] = "catalog.delete_product"

    product_id: str


def delete_product(command: DeleteProduct, book: Book) -> ProductResult:
    """Delete a product, and count it no longer where it stood."""
    product = known(book, command.product_id)
    book.record(*publishing.delete(product))
    after = told(book, command.product_id)
    if after.status == Status.DELETED:
        use_categories(book, old=product.category_ids, new=())
        use_brand(book, old=product.brand_id, new=None)
    return after


def _candidate(book: Book, product_id: str) -> Candidate:
    product = known(book, product_id)
    return Candidate(product, any(together(partial(is_priced, book), product.variants)))
