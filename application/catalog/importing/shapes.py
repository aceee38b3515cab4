"""What a row of a file says."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from domain.catalog.content import AttributeValue
from domain.catalog.imports.imports import Mode
from domain.catalog.products.product import Status
from domain.kernel.money import Money
from domain.stock.events import MAIN_LOCATION


@dataclass(frozen=True, slots=True)
class PartOfText:
    """What a row says of a product in one language; None is left as it is."""

    name: str | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Branch:
    """A category on a row's path. With a `name` it is added where it is not there yet."""

    category_id: str
    parent_id: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class ImportedBrand:
    """The brand of a row. With a `name` it is added where it is not there yet."""

    brand_id: str
    name: str | None = None


@dataclass(frozen=True, slots=True)
class ImportRow:
    """One row of a file; what is None, or empty, stays as it is.

    `categories` are paths from the top, the first of them the primary one. `product_id` groups
    variants; a row without it belongs to the product that its SKU is of, or to a new one. `stock`
    is what is on hand at the location after the row. `new_ids` are those of the product and the
    variant if they are made: ids that a command makes hang on the moment in which it is decided,
    and what is fetched for them before would have to be fetched again.
    """

    NAME: ClassVar[str] = "catalog.import_row"

    sku: str
    mode: Mode = Mode.UPSERT
    dry_run: bool = False
    reference: str | None = None
    product_id: str | None = None
    texts: Mapping[str, PartOfText] = field(default_factory=dict[str, PartOfText])
    categories: tuple[tuple[Branch, ...], ...] = ()
    brand: ImportedBrand | None = None
    tax_class: str | None = None
    type_id: str | None = None
    attributes: Mapping[str, AttributeValue] = field(default_factory=dict[str, AttributeValue])
    options: Mapping[str, str] = field(default_factory=dict[str, str])
    gtin: str | None = None
    barcode: str | None = None
    weight_grams: int | None = None
    price: Money | None = None
    list_price: Money | None = None
    stock: int | None = None
    location_id: str = MAIN_LOCATION
    images: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    status: Status | None = None
    new_ids: tuple[str, str] | None = None
