"""The product: what decisions about it, and about who may buy it, must know."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from domain.catalog.content import UNRESTRICTED, Medium, Option, Restrictions
from domain.catalog.events import (
    AttributesSet,
    ChannelsChosen,
    MediaArranged,
    OriginStated,
    ProductArchived,
    ProductClassified,
    ProductCreated,
    ProductDeleted,
    ProductDescribed,
    ProductEvent,
    ProductPublished,
    ProductRestored,
    ProductScheduled,
    ProductUnpublished,
    RelatedChosen,
    RestrictionsSet,
    SchedulingCancelled,
    SlugChanged,
    TaxClassChosen,
)
from domain.catalog.variant_events import (
    OptionsChosen,
    VariantAdded,
    VariantChanged,
    VariantRetired,
)
from domain.kernel.refusals import NotFound, RuleBroken


class ProductNotFound(NotFound):
    """There is no such product."""

    code = "catalog.product_not_found"


class ProductExists(RuleBroken):
    """A product with this id was created before."""

    code = "catalog.product_exists"


class StatusForbids(RuleBroken):
    """A product in this status can not take this step."""

    code = "catalog.status_forbids"


class Status(StrEnum):
    """Where a product is between being written and being history."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    PUBLISHED = "published"
    ARCHIVED = "archived"
    DELETED = "deleted"


IMAGE = "image"


@dataclass(frozen=True, slots=True)
class Move:
    """A step from one of some statuses to another."""

    leaves: frozenset[Status]
    reaches: Status


MOVES: Mapping[type[ProductEvent], Move] = {
    ProductScheduled: Move(frozenset({Status.DRAFT, Status.SCHEDULED}), Status.SCHEDULED),
    SchedulingCancelled: Move(frozenset({Status.SCHEDULED}), Status.DRAFT),
    ProductPublished: Move(frozenset({Status.DRAFT, Status.SCHEDULED}), Status.PUBLISHED),
    ProductUnpublished: Move(frozenset({Status.PUBLISHED}), Status.DRAFT),
    ProductArchived: Move(
        frozenset({Status.DRAFT, Status.SCHEDULED, Status.PUBLISHED}), Status.ARCHIVED
    ),
    ProductRestored: Move(frozenset({Status.ARCHIVED}), Status.DRAFT),
    ProductDeleted: Move(
        frozenset({Status.DRAFT, Status.SCHEDULED, Status.ARCHIVED}), Status.DELETED
    ),
}
"""The whole state machine; a product begins as a draft."""


@dataclass(frozen=True, slots=True)
class Variant:
    """A variant that is sold; `options` are its values by option name.

    `told_at` is the version of the event that says all its numbers.
    """

    sku: str
    gtin: str | None
    options: Mapping[str, str]
    told_at: int = 0


@dataclass(frozen=True, slots=True)
class Product:
    """One product; `version` counts its events, `variants` are those not retired, by id.

    It has a time `publish_at` while it is scheduled, and only then. Texts, attributes and what else
    is only looked at stand in the read models; `described_at`, `attributed_at` and `pictured_at`
    are the versions of the events that say them as they are now, 0 where none does.
    """

    CATEGORY: ClassVar[str] = "product"
    FOLD_VERSION: ClassVar[int] = 2

    product_id: str
    version: int
    slug: str
    status: Status = Status.DRAFT
    publish_at: datetime | None = None
    was_published: bool = False
    category_ids: tuple[str, ...] = ()
    primary_category_id: str | None = None
    brand_id: str | None = None
    tax_class: str | None = None
    country_of_origin: str | None = None
    has_image: bool = False
    channels: tuple[str, ...] = ()
    restrictions: Restrictions = UNRESTRICTED
    options: tuple[Option, ...] = ()
    variants: Mapping[str, Variant] = field(default_factory=dict[str, Variant])
    described_at: int = 1
    attributed_at: int = 0
    pictured_at: int = 0

    def __post_init__(self) -> None:
        assert (self.publish_at is not None) == (self.status is Status.SCHEDULED)

    @classmethod
    def evolve(cls, state: "Product | None", event: ProductEvent) -> "Product":
        if isinstance(event, ProductCreated):
            return _begun(event)
        assert state is not None
        return replace(state, version=state.version + 1, **_changes(state, event))


COPIED: Mapping[type[ProductEvent], tuple[str, ...]] = {
    RelatedChosen: (),
    SlugChanged: ("slug",),
    ProductClassified: ("category_ids", "primary_category_id", "brand_id"),
    TaxClassChosen: ("tax_class",),
    OriginStated: ("country_of_origin",),
    ChannelsChosen: ("channels",),
    RestrictionsSet: ("restrictions",),
    OptionsChosen: ("options",),
}
"""What decisions read of these events, field by field."""

TOLD: Mapping[type[ProductEvent], str] = {
    ProductDescribed: "described_at",
    AttributesSet: "attributed_at",
    MediaArranged: "pictured_at",
}
"""Where it is noted which event says what a product is like now."""


def _begun(event: ProductCreated) -> Product:
    return Product(
        event.product_id,
        version=1,
        slug=event.slug,
        category_ids=event.category_ids,
        primary_category_id=event.primary_category_id,
        brand_id=event.brand_id,
        tax_class=event.tax_class,
        has_image=_shows_image(event.media),
        channels=event.channels,
        restrictions=event.restrictions,
        options=event.options,
        attributed_at=1 if event.type_id is not None or event.attributes else 0,
        pictured_at=1 if event.media else 0,
    )


def _shows_image(media: Iterable[Medium]) -> bool:
    return any(medium.kind == IMAGE for medium in media)


def _changes(product: Product, event: ProductEvent) -> dict[str, Any]:
    """Name what an event changes."""
    told = TOLD.get(type(event))
    if told is not None:
        noted: dict[str, Any] = {told: product.version + 1}
        if isinstance(event, MediaArranged):
            noted["has_image"] = _shows_image(event.media)
        return noted
    copied = COPIED.get(type(event))
    if copied is not None:
        return {name: getattr(event, name) for name in copied}
    move = MOVES.get(type(event))
    if move is not None:
        return {
            "status": move.reaches,
            "publish_at": event.publish_at if isinstance(event, ProductScheduled) else None,
            "was_published": product.was_published or move.reaches is Status.PUBLISHED,
        }
    return {"variants": _variants(product.variants, event, product.version + 1)}


def _variants(
    variants: Mapping[str, Variant], event: ProductEvent, version: int
) -> Mapping[str, Variant]:
    match event:
        case VariantAdded():
            added = Variant(event.sku, event.gtin, event.options, version)
            return {**variants, event.variant_id: added}
        case VariantChanged(_, variant_id):
            known = variants[variant_id]
            changed = replace(known, sku=event.sku, gtin=event.gtin, told_at=version)
            return {**variants, variant_id: changed}
        case VariantRetired():
            return {one: kept for one, kept in variants.items() if one != event.variant_id}
        case _:
            raise AssertionError(event)
