"""What happens to products: how they are told, sorted, shown and let into the shop."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from domain.catalog.content import (
    UNRESTRICTED,
    AttributeValue,
    Medium,
    Option,
    Related,
    Restrictions,
    Text,
)
from domain.kernel.events import Claim, Event

SLUG_CLAIM = "catalog.product_slug"
SKU_CLAIM = "catalog.sku"
GTIN_CLAIM = "catalog.gtin"


class ProductEvent(Event):
    """An event of a product's stream."""

    __slots__ = ()
    CATEGORY: ClassVar[str] = "product"

    product_id: str

    @property
    def key(self) -> str:
        return self.product_id


@dataclass(frozen=True, slots=True)
class ProductCreated(ProductEvent):
    """A product began as a draft, under an address of its own. The texts stand by language.

    What else was said of it at once stands in the fields of the events that say so later; only what
    names its variants comes with them.
    """

    NAME: ClassVar[str] = "catalog.product_created"
    SCHEMA: ClassVar[int] = 2

    product_id: str
    slug: str
    texts: Mapping[str, Text]
    category_ids: tuple[str, ...] = ()
    primary_category_id: str | None = None
    brand_id: str | None = None
    tax_class: str | None = None
    type_id: str | None = None
    attributes: Mapping[str, AttributeValue] = field(default_factory=dict[str, AttributeValue])
    media: tuple[Medium, ...] = ()
    restrictions: Restrictions = UNRESTRICTED
    channels: tuple[str, ...] = ()
    options: tuple[Option, ...] = ()

    def takes(self) -> tuple[Claim, ...]:
        return (Claim(SLUG_CLAIM, self.slug),)


@dataclass(frozen=True, slots=True)
class ProductDescribed(ProductEvent):
    """A product is told in other words from now on: all of them, so what is missing is gone."""

    NAME: ClassVar[str] = "catalog.product_described"

    product_id: str
    texts: Mapping[str, Text]


@dataclass(frozen=True, slots=True)
class SlugChanged(ProductEvent):
    """A product has another address."""

    NAME: ClassVar[str] = "catalog.slug_changed"

    product_id: str
    slug: str
    old_slug: str

    def takes(self) -> tuple[Claim, ...]:
        return (Claim(SLUG_CLAIM, self.slug),)

    def releases(self) -> tuple[Claim, ...]:
        return (Claim(SLUG_CLAIM, self.old_slug),)


@dataclass(frozen=True, slots=True)
class ProductClassified(ProductEvent):
    """A product stands in these categories, one of them first, and is of this brand."""

    NAME: ClassVar[str] = "catalog.product_classified"

    product_id: str
    category_ids: tuple[str, ...]
    primary_category_id: str | None
    brand_id: str | None


@dataclass(frozen=True, slots=True)
class TaxClassChosen(ProductEvent):
    """Which class of KDV rates a product is sold under."""

    NAME: ClassVar[str] = "catalog.tax_class_chosen"

    product_id: str
    tax_class: str


@dataclass(frozen=True, slots=True)
class OriginStated(ProductEvent):
    """In which country a product was made (ISO 3166-1); None is not known."""

    NAME: ClassVar[str] = "catalog.origin_stated"

    product_id: str
    country_of_origin: str | None


@dataclass(frozen=True, slots=True)
class AttributesSet(ProductEvent):
    """A product is of a type, and these are its attributes by code: all of them."""

    NAME: ClassVar[str] = "catalog.attributes_set"

    product_id: str
    type_id: str | None
    attributes: Mapping[str, AttributeValue]


@dataclass(frozen=True, slots=True)
class MediaArranged(ProductEvent):
    """What is shown of a product, in order: all of it."""

    NAME: ClassVar[str] = "catalog.media_arranged"

    product_id: str
    media: tuple[Medium, ...]


@dataclass(frozen=True, slots=True)
class RelatedChosen(ProductEvent):
    """Which other products are shown with a product, in order: all of them."""

    NAME: ClassVar[str] = "catalog.related_chosen"

    product_id: str
    related: tuple[Related, ...]


@dataclass(frozen=True, slots=True)
class RestrictionsSet(ProductEvent):
    """To whom and where to a product may be sold."""

    NAME: ClassVar[str] = "catalog.restrictions_set"

    product_id: str
    restrictions: Restrictions


@dataclass(frozen=True, slots=True)
class ChannelsChosen(ProductEvent):
    """In which sales channels a product is shown; none named is all of them."""

    NAME: ClassVar[str] = "catalog.channels_chosen"

    product_id: str
    channels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProductScheduled(ProductEvent):
    """A draft is to be published at a time."""

    NAME: ClassVar[str] = "catalog.product_scheduled"

    product_id: str
    publish_at: datetime


@dataclass(frozen=True, slots=True)
class SchedulingCancelled(ProductEvent):
    """A product stays a draft after all.

    `reason` is asked, or the code of what publishing lacked.
    """

    NAME: ClassVar[str] = "catalog.scheduling_cancelled"

    product_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class ProductPublished(ProductEvent):
    """Customers see a product from now on."""

    NAME: ClassVar[str] = "catalog.product_published"

    product_id: str


@dataclass(frozen=True, slots=True)
class ProductUnpublished(ProductEvent):
    """A product is a draft again."""

    NAME: ClassVar[str] = "catalog.product_unpublished"

    product_id: str


@dataclass(frozen=True, slots=True)
class ProductArchived(ProductEvent):
    """A product is sold no more; it stays known to whoever bought it."""

    NAME: ClassVar[str] = "catalog.product_archived"

    product_id: str


@dataclass(frozen=True, slots=True)
class ProductRestored(ProductEvent):
    """An archived product is a draft again."""

    NAME: ClassVar[str] = "catalog.product_restored"

    product_id: str


@dataclass(frozen=True, slots=True)
class ProductDeleted(ProductEvent):
    """A product that customers never saw is gone; its address and its numbers are free again.

    The ids of its variants stay taken, so that nothing else is ever known under them.
    """

    NAME: ClassVar[str] = "catalog.product_deleted"

    product_id: str
    slug: str
    skus: tuple[str, ...]
    gtins: tuple[str, ...]

    def releases(self) -> tuple[Claim, ...]:
        return (
            Claim(SLUG_CLAIM, self.slug),
            *(Claim(SKU_CLAIM, sku) for sku in self.skus),
            *(Claim(GTIN_CLAIM, gtin) for gtin in self.gtins),
        )
