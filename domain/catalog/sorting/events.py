"""How many products stand under what sorts them, and which collections there are."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from domain.catalog.sorting.rules import Rule
from domain.catalog.sorting_events import COLLECTION_SLUG_CLAIM
from domain.kernel.events import Claim, Event


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
