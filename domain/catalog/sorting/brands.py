"""Brands: each has an address of its own, and goes when no product is of it."""

from dataclasses import dataclass
from typing import ClassVar

from domain.catalog.languages import FALLBACKS
from domain.catalog.sorting.events import BrandAdded, BrandEvent, BrandRemoved, BrandRenamed
from domain.catalog.sorting.naming import check_name, chosen_slug
from domain.catalog.sorting.uses import Use, check_unused
from domain.kernel.refusals import NotFound, RuleBroken


class BrandNotFound(NotFound):
    """There is no such brand."""

    code = "catalog.brand_not_found"


class BrandExists(RuleBroken):
    """A brand with this id is there, or was: ids are not used again."""

    code = "catalog.brand_exists"


@dataclass(frozen=True, slots=True)
class Brand:
    """The address of a brand; None once it was removed."""

    CATEGORY: ClassVar[str] = "brand"
    FOLD_VERSION: ClassVar[int] = 1

    slug: str | None

    @classmethod
    def evolve(cls, state: "Brand | None", event: BrandEvent) -> "Brand":  # noqa: ARG003 - all said anew
        match event:
            case BrandAdded() | BrandRenamed():
                return cls(event.slug)
            case BrandRemoved():
                return cls(None)
            case _:
                raise AssertionError(event)


def add(
    brand: Brand | None, brand_id: str, *, slug: str | None, name: str
) -> tuple[BrandAdded, ...]:
    """Let products be of a brand; its slug may be made of its name."""
    if brand is not None:
        raise BrandExists("a brand with this id is there, or was")
    return (BrandAdded(brand_id, _checked(slug, name), name),)


def rename(brand: Brand | None, brand_id: str, *, slug: str, name: str) -> tuple[BrandRenamed, ...]:
    """Give a brand another name or address."""
    old_slug = slug_of(brand)
    return (BrandRenamed(brand_id, _checked(slug, name), old_slug, name),)


def remove(brand: Brand | None, brand_id: str, use: Use | None) -> tuple[BrandRemoved, ...]:
    """Let a brand be no more; no product may be of it."""
    slug = slug_of(brand)
    check_unused(use)
    return (BrandRemoved(brand_id, slug),)


def slug_of(brand: Brand | None) -> str:
    """Give the address of a brand that is there; refuse what is none."""
    if brand is None or brand.slug is None:
        raise BrandNotFound("there is no such brand")
    return brand.slug


def _checked(slug: str | None, name: str) -> str:
    check_name(name)
    return chosen_slug(slug, {FALLBACKS[0]: name})
