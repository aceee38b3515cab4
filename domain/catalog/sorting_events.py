"""What happens to that which sorts products: categories, brands, types and collections."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from domain.kernel.events import Claim, Event

CATEGORIES_KEY = "main"
BRAND_SLUG_CLAIM = "catalog.brand_slug"
COLLECTION_SLUG_CLAIM = "catalog.collection_slug"


class CategoriesEvent(Event):
    """An event of the tenant's tree of categories, which is one stream."""

    __slots__ = ()
    CATEGORY: ClassVar[str] = "categories"

    @property
    def key(self) -> str:
        return CATEGORIES_KEY


@dataclass(frozen=True, slots=True)
class CategoryAdded(CategoriesEvent):
    """A category began below another one, or at the top. Names stand by language."""

    NAME: ClassVar[str] = "catalog.category_added"

    category_id: str
    parent_id: str | None
    slug: str
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class CategoryRenamed(CategoriesEvent):
    """A category has other names or another part of its path."""

    NAME: ClassVar[str] = "catalog.category_renamed"

    category_id: str
    slug: str
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class CategoryMoved(CategoriesEvent):
    """A category stands below another one with all that is below it."""

    NAME: ClassVar[str] = "catalog.category_moved"

    category_id: str
    parent_id: str | None


@dataclass(frozen=True, slots=True)
class CategoryRemoved(CategoriesEvent):
    """A category that nothing stood in is gone."""

    NAME: ClassVar[str] = "catalog.category_removed"

    category_id: str


class BrandEvent(Event):
    """An event of a brand's stream."""

    __slots__ = ()
    CATEGORY: ClassVar[str] = "brand"

    brand_id: str

    @property
    def key(self) -> str:
        return self.brand_id


@dataclass(frozen=True, slots=True)
class BrandAdded(BrandEvent):
    """Products can be of a brand."""

    NAME: ClassVar[str] = "catalog.brand_added"

    brand_id: str
    slug: str
    name: str

    def takes(self) -> tuple[Claim, ...]:
        return (Claim(BRAND_SLUG_CLAIM, self.slug),)


@dataclass(frozen=True, slots=True)
class BrandRenamed(BrandEvent):
    """A brand has another name or address."""

    NAME: ClassVar[str] = "catalog.brand_renamed"

    brand_id: str
    slug: str
    old_slug: str
    name: str

    def takes(self) -> tuple[Claim, ...]:
        return (Claim(BRAND_SLUG_CLAIM, self.slug),) if self.slug != self.old_slug else ()

    def releases(self) -> tuple[Claim, ...]:
        return (Claim(BRAND_SLUG_CLAIM, self.old_slug),) if self.slug != self.old_slug else ()


@dataclass(frozen=True, slots=True)
class BrandRemoved(BrandEvent):
    """A brand that no product was of is gone."""

    NAME: ClassVar[str] = "catalog.brand_removed"

    brand_id: str
    slug: str

    def releases(self) -> tuple[Claim, ...]:
        return (Claim(BRAND_SLUG_CLAIM, self.slug),)


@dataclass(frozen=True, slots=True)
class Attribute:
    """What products of a type can be asked for.

    `kind` is text, number, boolean or choice; `values` are those of a choice. A `facet` is counted
    beside lists; one `of_variants` may be an option.
    """

    code: str
    kind: str
    names: Mapping[str, str]
    values: tuple[str, ...] = ()
    unit: str | None = None
    facet: bool = False
    of_variants: bool = False
    required: bool = False


@dataclass(frozen=True, slots=True)
class ProductTypeDefined(Event):
    """What is told of products of a type, in order: all of it."""

    NAME: ClassVar[str] = "catalog.product_type_defined"
    CATEGORY: ClassVar[str] = "product_type"

    type_id: str
    names: Mapping[str, str]
    attributes: tuple[Attribute, ...]

    @property
    def key(self) -> str:
        return self.type_id
