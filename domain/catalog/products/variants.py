"""Variants, the units that are sold: each combination once, each SKU once (CAT-06)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from domain.catalog import gtin
from domain.catalog.products.options import check_fits
from domain.catalog.products.product import Product, Variant
from domain.catalog.products.publishing import check_still_whole
from domain.catalog.variant_events import VariantAdded, VariantChanged, VariantRetired
from domain.kernel.refusals import Invalid, NotFound, RuleBroken

VARIANTS_MAX = 250
SKU_LENGTH_MAX = 64
BARCODE_LENGTH_MAX = 128
WEIGHT_GRAMS_MAX = 10_000_000


class NumbersInvalid(Invalid):
    """A SKU or barcode is a short line of text, a weight a number of grams; `field` says which."""

    code = "catalog.variant_invalid"


class SkuTaken(RuleBroken):
    """Another variant of this tenant has this SKU."""

    code = "catalog.sku_taken"


class GtinTaken(RuleBroken):
    """Another variant of this tenant has this GTIN."""

    code = "catalog.gtin_taken"


class VariantExists(RuleBroken):
    """A variant with this id was added before, to whichever product."""

    code = "catalog.variant_exists"


class CombinationTaken(RuleBroken):
    """Another variant of this product is of the same values."""

    code = "catalog.combination_taken"


class TooManyVariants(RuleBroken):
    """A product has a limited number of variants."""

    code = "catalog.too_many_variants"


class NoSuchVariant(NotFound):
    """The product has no such variant, or it was retired."""

    code = "catalog.no_such_variant"


@dataclass(frozen=True, slots=True)
class Numbers:
    """Under which numbers a variant is known, and what it weighs.

    A GTIN is checked; a barcode is whatever is printed on the package.
    """

    sku: str
    gtin: str | None = None
    barcode: str | None = None
    weight_grams: int | None = None

    def checked(self) -> "Numbers":
        """Give the numbers as they are recorded; refuse those that can not be right."""
        rules = {
            "sku": _is_line(self.sku, SKU_LENGTH_MAX),
            "barcode": self.barcode is None or _is_line(self.barcode, BARCODE_LENGTH_MAX),
            "weight_grams": self.weight_grams is None or 0 < self.weight_grams <= WEIGHT_GRAMS_MAX,
        }
        wrong = next((name for name, right in rules.items() if not right), None)
        if wrong is not None:
            raise NumbersInvalid(_SAID[wrong], field=wrong)
        return self if self.gtin is None else replace(self, gtin=gtin.checked(self.gtin))


_SAID = {
    "sku": f"a SKU is one line of {SKU_LENGTH_MAX} at most, without spaces around it",
    "barcode": f"a barcode is one line of {BARCODE_LENGTH_MAX} at most, without spaces around it",
    "weight_grams": f"a weight is 1 to {WEIGHT_GRAMS_MAX} grams",
}


@dataclass(frozen=True, slots=True)
class Holders:
    """The streams of whoever has the SKU, the GTIN and the id already."""

    sku: str | None
    gtin: str | None
    variant: str | None = None


def add(
    product: Product,
    variant_id: str,
    numbers: Numbers,
    options: Mapping[str, str],
    *,
    holders: Holders,
) -> tuple[VariantAdded, ...]:
    """Let a product be bought as this; `numbers` are checked."""
    if holders.variant is not None:
        raise VariantExists("a variant with this id was added before", variant_id=variant_id)
    if len(product.variants) >= VARIANTS_MAX:
        raise TooManyVariants(f"a product has {VARIANTS_MAX} variants at most")
    check_fits(product, options)
    same = (one for one, known in product.variants.items() if known.options == options)
    taken = next(same, None)
    if taken is not None:
        raise CombinationTaken("another variant is of the same values", variant_id=taken)
    _check_free(numbers, holders)
    return (
        VariantAdded(
            product.product_id,
            variant_id,
            numbers.sku,
            numbers.gtin,
            numbers.barcode,
            options,
            numbers.weight_grams,
        ),
    )


def change(
    product: Product, variant_id: str, numbers: Numbers, *, holders: Holders
) -> tuple[VariantChanged, ...]:
    """Let a variant be known under other numbers, which are checked; `holders` are of those."""
    known = living(product, variant_id)
    _check_free(
        numbers,
        Holders(
            holders.sku if numbers.sku != known.sku else None,
            holders.gtin if numbers.gtin != known.gtin else None,
        ),
    )
    return (
        VariantChanged(
            product.product_id,
            variant_id,
            numbers.sku,
            known.sku,
            numbers.gtin,
            known.gtin,
            numbers.barcode,
            numbers.weight_grams,
        ),
    )


def retire(product: Product, variant_id: str) -> tuple[VariantRetired, ...]:
    """Sell a variant no more."""
    known = living(product, variant_id)
    retired = VariantRetired(product.product_id, variant_id, known.sku, known.gtin)
    check_still_whole(product, retired)
    return (retired,)


def living(product: Product, variant_id: str) -> Variant:
    """Give a variant that is not retired."""
    known = product.variants.get(variant_id)
    if known is None:
        raise NoSuchVariant("the product has no such variant, or it was retired")
    return known


def _check_free(numbers: Numbers, holders: Holders) -> None:
    if holders.sku is not None:
        raise SkuTaken("another variant has this SKU", sku=numbers.sku)
    if holders.gtin is not None:
        raise GtinTaken("another variant has this GTIN", gtin=numbers.gtin or "")


def _is_line(text: str, length_max: int) -> bool:
    return text == text.strip() and 0 < len(text) <= length_max and text.isprintable()
