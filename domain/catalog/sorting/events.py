"""What happens to that which sorts products: categories, brands, types and collections."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from domain.catalog.sorting.rules import Rule
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


@dataclass(frozen=True, slots=True)
class UseChanged(Event):
    """A product came under a category or brand, or left it.

    The count has a stream of its own, so that one more product never copies the tree of categories.
    `kind` is one of `Kind`; `change` is 1 or -1.
    """

    NAME: ClassVar[str] = "catalog.use_changed"
    CATEGORY: ClassVar[str] = "catalog_use"

    kind: str
    sorter_id: str
    change: int

    @property
    def key(self) -> str:
        return f"{self.kind}.{self.sorter_id}"


class CollectionEvent(Event):
    """An event of a collection's stream."""

    __slots__ = ()
    CATEGORY: ClassVar[str] = "collection"

    collection_id: str

    @property
    def key(self) -> str:
        return self.collection_id


@dataclass(frozen=True, slots=True)
class CollectionDefined(CollectionEvent):
    """Products are shown together: all of it. Names stand by language.

    `products` are ids in the order they are shown in, or the rule that says which they are.
    """

    NAME: ClassVar[str] = "catalog.collection_defined"

    collection_id: str
    slug: str
    old_slug: str | None
    names: Mapping[str, str]
    products: tuple[str, ...] | Rule

    def takes(self) -> tuple[Claim, ...]:
        return (Claim(COLLECTION_SLUG_CLAIM, self.slug),) if self.slug != self.old_slug else ()

    def releases(self) -> tuple[Claim, ...]:
        if self.old_slug is None or self.old_slug == self.slug:
            return ()
        return (Claim(COLLECTION_SLUG_CLAIM, self.old_slug),)


@dataclass(frozen=True, slots=True)
class CollectionRemoved(CollectionEvent):
    """A collection is no more; its products are untouched."""

    NAME: ClassVar[str] = "catalog.collection_removed"

    collection_id: str
    slug: str

    def releases(self) -> tuple[Claim, ...]:
        return (Claim(COLLECTION_SLUG_CLAIM, self.slug),)
