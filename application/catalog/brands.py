"""Brands: which there are, and how many products are of each."""

from dataclasses import dataclass
from typing import ClassVar

from application.book import Book
from application.catalog.uses import count
from domain.catalog.sorting import brands
from domain.catalog.sorting.brands import Brand
from domain.catalog.sorting.uses import Kind, Use


@dataclass(frozen=True, slots=True)
class BrandResult:
    """The brand."""

    brand_id: str


@dataclass(frozen=True, slots=True)
class AddBrand:
    """Let products be of a brand."""

    NAME: ClassVar[str] = "catalog.add_brand"

    name: str
    slug: str | None = None
    brand_id: str | None = None


def add_brand(command: AddBrand, book: Book) -> BrandResult:
    """Add a brand."""
    brand_id = command.brand_id or book.new_id("brd")
    brand = book.find(Brand, brand_id)
    book.record(*brands.add(brand, brand_id, slug=command.slug, name=command.name))
    return BrandResult(brand_id)


@dataclass(frozen=True, slots=True)
class RenameBrand:
    """Give a brand another name or address."""

    NAME: ClassVar[str] = "catalog.rename_brand"

    brand_id: str
    slug: str
    name: str


def rename_brand(command: RenameBrand, book: Book) -> BrandResult:
    """Rename a brand."""
    brand_id = command.brand_id
    brand = book.find(Brand, brand_id)
    book.record(*brands.rename(brand, brand_id, slug=command.slug, name=command.name))
    return BrandResult(brand_id)


@dataclass(frozen=True, slots=True)
class RemoveBrand:
    """Let a brand be no more that no product is of."""

    NAME: ClassVar[str] = "catalog.remove_brand"

    brand_id: str


def remove_brand(command: RemoveBrand, book: Book) -> BrandResult:
    """Remove a brand."""
    brand_id, key = command.brand_id, Kind.BRAND.key(command.brand_id)
    book.need((Brand, brand_id), (Use, key))
    book.record(*brands.remove(book.find(Brand, brand_id), brand_id, book.find(Use, key)))
    return BrandResult(brand_id)


def use_brand(book: Book, *, old: str | None, new: str | None) -> None:
    """Count a product with its new brand and no longer with its old one; refuse an unknown one."""
    if new is not None:
        check_known(book, (new,))
    count(book, Kind.BRAND, old=_listed(old), new=_listed(new))


def check_known(book: Book, brand_ids: tuple[str, ...]) -> None:
    """Refuse what names no brand."""
    for brand in book.find_all(Brand, brand_ids):
        brands.slug_of(brand)


def _listed(brand_id: str | None) -> tuple[str, ...]:
    return () if brand_id is None else (brand_id,)
