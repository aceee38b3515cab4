"""Options and variants: what a product can be bought as."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import ClassVar

from application.book import Book
from application.catalog.finding import ProductResult, known, told
from application.pricing.prices import SetPrice, set_price
from domain.catalog.content import Option
from domain.catalog.events import GTIN_CLAIM, SKU_CLAIM
from domain.catalog.products import options, variants
from domain.catalog.products.product import Product
from domain.catalog.products.variants import Holders, Numbers, VariantExists
from domain.catalog.slugs import slug_of
from domain.catalog.variant_events import VARIANT_CLAIM
from domain.kernel.events import Aggregate, Claim
from domain.pricing.prices import Price, Prices


@dataclass(frozen=True, slots=True)
class NewVariant:
    """A variant to be: its values by option name, its numbers, its price in the standard list."""

    numbers: Numbers
    options: Mapping[str, str] = field(default_factory=dict[str, str])
    variant_id: str | None = None
    price: Price | None = None
    priced_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class AddedVariant:
    """A variant that was added, and its SKU."""

    variant_id: str
    sku: str


@dataclass(frozen=True, slots=True)
class VariantsResult:
    """What was added to a product, and its version now."""

    product_id: str
    version: int
    variants: tuple[AddedVariant, ...]


@dataclass(frozen=True, slots=True)
class ChooseOptions:
    """Say what the variants of a product differ in: all of it. Those it has must still fit."""

    NAME: ClassVar[str] = "catalog.choose_options"

    product_id: str
    options: tuple[Option, ...]


def choose_options(command: ChooseOptions, book: Book) -> ProductResult:
    """Choose a product's options."""
    book.record(*options.choose(known(book, command.product_id), command.options))
    return told(book, command.product_id)


@dataclass(frozen=True, slots=True)
class AddVariants:
    """Let a product be bought as these, all or none of them."""

    NAME: ClassVar[str] = "catalog.add_variants"

    product_id: str
    variants: tuple[NewVariant, ...]


def add_variants(command: AddVariants, book: Book) -> VariantsResult:
    """Add variants to a product."""
    product_id, new = command.product_id, identified(book, command.variants)
    book.need((Product, product_id), *prices_of(new), claims=claims_of(new))
    added = add_each(book, product_id, new)
    return VariantsResult(product_id, known(book, product_id).version, added)


def identified(book: Book, new: Iterable[NewVariant]) -> Mapping[str, NewVariant]:
    """Give each new variant an id, unless it has one, and its numbers as they are recorded."""
    by_id: dict[str, NewVariant] = {}
    for one in new:
        variant_id = one.variant_id or book.new_id("var")
        if variant_id in by_id:
            raise VariantExists("two variants have the same id", variant_id=variant_id)
        numbers = one.numbers.checked()
        by_id[variant_id] = one if numbers is one.numbers else replace(one, numbers=numbers)
    return by_id


def claims_of(new: Mapping[str, NewVariant]) -> list[Claim]:
    """Name what new variants are going to claim."""
    return [claim for variant_id, one in new.items() for claim in _claims(variant_id, one.numbers)]


def prices_of(new: Mapping[str, NewVariant]) -> list[tuple[type[Aggregate], str]]:
    """Name the prices that new variants begin with."""
    return [(Prices, variant_id) for variant_id, one in new.items() if one.price is not None]


def add_each(
    book: Book, product_id: str, new: Mapping[str, NewVariant]
) -> tuple[AddedVariant, ...]:
    """Add variants whose claims and prices were looked up, each with its price if it has one."""
    for variant_id, one in new.items():
        product, holders = known(book, product_id), _holders(book, one.numbers, variant_id)
        book.record(*variants.add(product, variant_id, one.numbers, one.options, holders=holders))
        if one.price is not None:
            price, since = one.price, one.priced_since
            told = SetPrice(variant_id, price.amount, price.list_price, since=since)
            set_price(told, book)
    return tuple(AddedVariant(variant_id, one.numbers.sku) for variant_id, one in new.items())


@dataclass(frozen=True, slots=True)
class AddMatrix:
    """Let a product be bought as every combination of its options that it lacks.

    Their SKUs are the prefix and the values, such as TSHIRT-KIRMIZI-XL.
    """

    NAME: ClassVar[str] = "catalog.add_matrix"

    product_id: str
    sku_prefix: str
    weight_grams: int | None = None


def add_matrix(command: AddMatrix, book: Book) -> VariantsResult:
    """Add every combination that is lacking, which may be none."""
    product = known(book, command.product_id)
    lacking = options.lacking(product, at_most=variants.VARIANTS_MAX)
    new = tuple(
        NewVariant(Numbers(_sku(command.sku_prefix, one), weight_grams=command.weight_grams), one)
        for one in lacking
    )
    return add_variants(AddVariants(command.product_id, new), book)


@dataclass(frozen=True, slots=True)
class ChangeVariant:
    """Let a variant be known under other numbers: all of them, so what is null is gone."""

    NAME: ClassVar[str] = "catalog.change_variant"

    product_id: str
    variant_id: str
    numbers: Numbers


def change_variant(command: ChangeVariant, book: Book) -> ProductResult:
    """Change a variant's numbers."""
    numbers = command.numbers.checked()
    book.need((Product, command.product_id), claims=_claims(None, numbers))
    product, holders = known(book, command.product_id), _holders(book, numbers)
    book.record(*variants.change(product, command.variant_id, numbers, holders=holders))
    return told(book, command.product_id)


@dataclass(frozen=True, slots=True)
class RetireVariant:
    """Sell a variant no more; its SKU and GTIN may be used anew."""

    NAME: ClassVar[str] = "catalog.retire_variant"

    product_id: str
    variant_id: str


def retire_variant(command: RetireVariant, book: Book) -> ProductResult:
    """Retire a variant."""
    book.record(*variants.retire(known(book, command.product_id), command.variant_id))
    return told(book, command.product_id)


def _claims(variant_id: str | None, numbers: Numbers) -> Iterable[Claim]:
    named = (VARIANT_CLAIM, variant_id), (SKU_CLAIM, numbers.sku), (GTIN_CLAIM, numbers.gtin)
    return (Claim(kind, key) for kind, key in named if key is not None)


def _holders(book: Book, numbers: Numbers, variant_id: str | None = None) -> Holders:
    holders = {claim.kind: book.owner(claim) for claim in _claims(variant_id, numbers)}
    return Holders(holders[SKU_CLAIM], holders.get(GTIN_CLAIM), holders.get(VARIANT_CLAIM))


def _sku(prefix: str, chosen: Mapping[str, str]) -> str:
    return "-".join((prefix, *(slug_of(value).upper() for value in chosen.values())))
