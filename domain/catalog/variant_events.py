"""What happens to variants, the units that are sold. They stand in their product's stream."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from domain.catalog.content import Option
from domain.catalog.events import GTIN_CLAIM, SKU_CLAIM, ProductEvent
from domain.kernel.events import Claim

VARIANT_CLAIM = "catalog.variant"
"""Its owner is the stream of the product; a variant keeps it for ever."""


@dataclass(frozen=True, slots=True)
class OptionsChosen(ProductEvent):
    """What the variants of a product differ in, in order: all of it."""

    NAME: ClassVar[str] = "catalog.options_chosen"

    product_id: str
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class VariantAdded(ProductEvent):
    """A product can be bought as this. `options` are the chosen values by option name.

    `gtin` has a check digit (GS1 General Specifications 7.9); `barcode` is any text on the package.
    """

    NAME: ClassVar[str] = "catalog.variant_added"

    product_id: str
    variant_id: str
    sku: str
    gtin: str | None
    barcode: str | None
    options: Mapping[str, str]
    weight_grams: int | None

    def takes(self) -> tuple[Claim, ...]:
        own = Claim(VARIANT_CLAIM, self.variant_id), Claim(SKU_CLAIM, self.sku)
        return (*own, Claim(GTIN_CLAIM, self.gtin)) if self.gtin is not None else own


@dataclass(frozen=True, slots=True)
class VariantChanged(ProductEvent):
    """A variant is known under other numbers or weighs otherwise: all of it."""

    NAME: ClassVar[str] = "catalog.variant_changed"

    product_id: str
    variant_id: str
    sku: str
    old_sku: str
    gtin: str | None
    old_gtin: str | None
    barcode: str | None
    weight_grams: int | None

    def takes(self) -> tuple[Claim, ...]:
        return _numbers((self.sku, self.old_sku), (self.gtin, self.old_gtin))

    def releases(self) -> tuple[Claim, ...]:
        return _numbers((self.old_sku, self.sku), (self.old_gtin, self.gtin))


@dataclass(frozen=True, slots=True)
class VariantRetired(ProductEvent):
    """A variant is sold no more; its SKU and GTIN may be used anew."""

    NAME: ClassVar[str] = "catalog.variant_retired"

    product_id: str
    variant_id: str
    sku: str
    gtin: str | None

    def releases(self) -> tuple[Claim, ...]:
        return _numbers((self.sku, None), (self.gtin, None))


def _numbers(
    sku: tuple[str | None, str | None], gtin: tuple[str | None, str | None]
) -> tuple[Claim, ...]:
    """Name the claims of the first of each pair, where the second is another."""
    pairs = (SKU_CLAIM, *sku), (GTIN_CLAIM, *gtin)
    return tuple(Claim(kind, one) for kind, one, other in pairs if one is not None and one != other)
