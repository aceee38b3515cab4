"""Say under what products stand: categories, brand, tax class, type, channels."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from domain.catalog.content import AttributeValue
from domain.catalog.events import AttributesSet, ChannelsChosen, ProductClassified, TaxClassChosen
from domain.catalog.products.product import Product
from domain.catalog.products.publishing import check_still_whole
from domain.kernel.refusals import Invalid

CATEGORIES_PER_PRODUCT_MAX = 20
CHANNELS_MAX = 20
CHANNEL_PATTERN = re.compile(r"[a-z][a-z0-9_-]{0,39}")


class ClassificationInvalid(Invalid):
    """A product stands in some categories, each named once, and in one of them first."""

    code = "catalog.classification_invalid"


class ChannelsInvalid(Invalid):
    """Channels have short names in small letters, each said once."""

    code = "catalog.channels_invalid"


@dataclass(frozen=True, slots=True)
class Classification:
    """Where a product stands. Where none is said to be the primary category, the first is."""

    category_ids: tuple[str, ...] = ()
    primary_category_id: str | None = None
    brand_id: str | None = None

    @property
    def primary(self) -> str | None:
        """The category that stands for the product, where one has to."""
        return self.primary_category_id or next(iter(self.category_ids), None)


def classify(product: Product, new: Classification) -> tuple[ProductClassified, ...]:
    """Let a product stand in these categories and be of this brand; the same changes nothing."""
    named = new.category_ids
    if len(set(named)) != len(named) or len(named) > CATEGORIES_PER_PRODUCT_MAX:
        raise ClassificationInvalid(
            f"name each category once, {CATEGORIES_PER_PRODUCT_MAX} at most"
        )
    if new.primary is not None and new.primary not in named:
        raise ClassificationInvalid("the primary category is one of the categories")
    known = (product.category_ids, product.primary_category_id, product.brand_id)
    if known == (named, new.primary, new.brand_id):
        return ()
    classified = ProductClassified(product.product_id, named, new.primary, new.brand_id)
    check_still_whole(product, classified)
    return (classified,)


def choose_tax_class(product: Product, tax_class: str) -> tuple[TaxClassChosen, ...]:
    """Let a product be taxed under another class; the same changes nothing."""
    if tax_class == product.tax_class:
        return ()
    return (TaxClassChosen(product.product_id, tax_class),)


def set_attributes(
    product: Product, type_id: str | None, attributes: Mapping[str, AttributeValue]
) -> tuple[AttributesSet, ...]:
    """Say what a product is like; its type has held the attributes against what it knows."""
    return (AttributesSet(product.product_id, type_id, attributes),)


def choose_channels(product: Product, channels: tuple[str, ...]) -> tuple[ChannelsChosen, ...]:
    """Say where a product is shown; none named is everywhere. The same changes nothing."""
    if (
        len(channels) > CHANNELS_MAX
        or len(set(channels)) != len(channels)
        or not all(map(CHANNEL_PATTERN.fullmatch, channels))
    ):
        raise ChannelsInvalid(f"name channels as web or app, each once, {CHANNELS_MAX} at most")
    return (ChannelsChosen(product.product_id, channels),) if channels != product.channels else ()
