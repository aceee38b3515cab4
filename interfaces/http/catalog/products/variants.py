"""Options and variants of products."""

from collections.abc import Iterable
from typing import Annotated

from pydantic import Field

from application.catalog.variants import (
    AddMatrix,
    AddVariants,
    ChangeVariant,
    ChooseOptions,
    NewVariant,
    RetireVariant,
    VariantsResult,
)
from application.permissions import Permission
from domain.catalog.products.options import OPTIONS_MAX
from domain.catalog.products.variants import (
    BARCODE_LENGTH_MAX,
    SKU_LENGTH_MAX,
    VARIANTS_MAX,
    WEIGHT_GRAMS_MAX,
    Numbers,
)
from domain.pricing.prices import Price
from interfaces.http.catalog.products.changing import ProductRoute
from interfaces.http.catalog.products.shapes import NothingBody, Options, VariantId, Word
from interfaces.http.edge.exchange import Exchange
from interfaces.http.pricing.shapes import UnitPrice, price_of
from interfaces.http.routing.command import Asked
from interfaces.http.wire.fields import Body, Moment
from interfaces.http.wire.problems import Problem

ONE_VARIANT = "/variants/{variant_id}"
Sku = Annotated[str, Field(min_length=1, max_length=SKU_LENGTH_MAX, examples=["SURAHI-15"])]
Weight = Annotated[int, Field(ge=1, le=WEIGHT_GRAMS_MAX, examples=[850])]


class NumbersBody(Body):
    """Under which numbers a variant is known; what is null is gone."""

    sku: Sku
    gtin: (
        Annotated[
            str,
            Field(
                min_length=1,
                max_length=14,
                examples=["8690000000005"],
                description="GTIN-8, -12, -13 or -14; its check digit must be right",
            ),
        ]
        | None
    ) = None
    barcode: (
        Annotated[
            str,
            Field(
                min_length=1,
                max_length=BARCODE_LENGTH_MAX,
                description="Whatever is printed on the package",
            ),
        ]
        | None
    ) = None
    weight_grams: Weight | None = None

    def numbers(self) -> Numbers:
        """Give them as the rules know them."""
        return Numbers(self.sku, self.gtin, self.barcode, self.weight_grams)


class PriceBody(Body):
    """What one unit costs in the standard list; `list_price` is shown crossed out beside it."""

    amount: UnitPrice
    list_price: UnitPrice | None = None
    since: Annotated[
        Moment | None, Field(description="Since when it has held, as another system noted it")
    ] = None

    def price(self) -> Price:
        """Give it as the rules know it."""
        return price_of(self.amount, self.list_price)


class NewVariantBody(NumbersBody):
    """A variant: one value of each option. `variant_id` may be an id of yours."""

    options: Annotated[
        dict[Word, Word],
        Field(
            max_length=OPTIONS_MAX,
            description="One value of each option of the product, by the option's name",
        ),
    ] = Field(default_factory=dict)
    variant_id: VariantId | None = None
    price: PriceBody | None = None

    def variant(self) -> NewVariant:
        """Give it as the rules know it."""
        price = self.price.price() if self.price is not None else None
        since = self.price.since if self.price is not None else None
        return NewVariant(self.numbers(), self.options, self.variant_id, price, since)


NewVariants = Annotated[tuple[NewVariantBody, ...], Field(strict=False, max_length=VARIANTS_MAX)]


class OptionsBody(Body):
    """All options, in order."""

    options: Options


class VariantsBody(Body):
    """Variants to be added, all or none of them."""

    variants: Annotated[
        tuple[NewVariantBody, ...], Field(strict=False, min_length=1, max_length=VARIANTS_MAX)
    ]


class MatrixBody(Body):
    """How the SKUs begin that the values are put behind, and what each variant weighs."""

    sku_prefix: Annotated[str, Field(min_length=1, max_length=40, examples=["SURAHI"])]
    weight_grams: Weight | None = None


def check_may_price(variants: Iterable[NewVariantBody], exchange: Exchange) -> None:
    """Refuse prices from whoever may not set any."""
    needed = Permission.PRICING_MANAGE
    if any(one.price is not None for one in variants) and not exchange.principal.may(needed):
        raise Problem(
            403,
            "auth.permission_missing",
            f"prices need the permission {needed.value}",
            facts={"permission": needed.value},
        )


def _choose(asked: Asked[OptionsBody]) -> ChooseOptions:
    options = tuple(option.option() for option in asked.body.options)
    return ChooseOptions(asked.path["product_id"], options)


def _add(asked: Asked[VariantsBody]) -> AddVariants:
    check_may_price(asked.body.variants, asked.exchange)
    new = tuple(variant.variant() for variant in asked.body.variants)
    return AddVariants(asked.path["product_id"], new)


def _add_matrix(asked: Asked[MatrixBody]) -> AddMatrix:
    body = asked.body
    return AddMatrix(asked.path["product_id"], body.sku_prefix, body.weight_grams)


def _change(asked: Asked[NumbersBody]) -> ChangeVariant:
    path = asked.path
    return ChangeVariant(path["product_id"], path["variant_id"], asked.body.numbers())


def _retire(asked: Asked[NothingBody]) -> RetireVariant:
    return RetireVariant(asked.path["product_id"], asked.path["variant_id"])


OPTIONS = ProductRoute(
    "/options",
    ChooseOptions,
    OptionsBody,
    _choose,
    summary="Say what the variants of a product differ in",
)
ADD = ProductRoute(
    "/variants",
    AddVariants,
    VariantsBody,
    _add,
    method="POST",
    result=VariantsResult,
    summary="Add variants to a product",
)
ADD_MATRIX = ProductRoute(
    "/variants/matrix",
    AddMatrix,
    MatrixBody,
    _add_matrix,
    method="POST",
    result=VariantsResult,
    summary="Add every combination of a product's options that it lacks",
)
CHANGE = ProductRoute(
    ONE_VARIANT, ChangeVariant, NumbersBody, _change, summary="Give a variant other numbers"
)
RETIRE = ProductRoute(
    ONE_VARIANT,
    RetireVariant,
    NothingBody,
    _retire,
    method="DELETE",
    summary="Sell a variant no more",
)
