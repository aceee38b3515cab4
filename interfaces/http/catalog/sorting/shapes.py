"""What is said of categories, brands, product types and collections in requests and answers."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from domain.catalog.languages import LOCALE_PATTERN, LOCALES_MAX
from domain.catalog.slugs import SLUG_LENGTH_MAX, SLUG_PATTERN
from domain.catalog.sorting.collections import PRODUCTS_MAX, RULE_VALUES_MAX
from domain.catalog.sorting.events import Attribute
from domain.catalog.sorting.product_types import (
    ATTRIBUTES_MAX,
    CODE_PATTERN,
    UNIT_LENGTH_MAX,
    VALUE_LENGTH_MAX,
    VALUES_MAX,
    Kind,
)
from domain.catalog.sorting.rules import Rule
from domain.kernel.ids import ID_PATTERN
from interfaces.http.wire.fields import Amount, Body, Name, money_or_none

_ID = f"^{ID_PATTERN.pattern}$"

CategoryId = Annotated[str, Field(pattern=_ID, examples=["cat_01k3xq8m5w"])]
BrandId = Annotated[str, Field(pattern=_ID, examples=["brd_01k3xq8m5w"])]
TypeId = Annotated[str, Field(pattern=_ID, examples=["pty_01k3xq8m5w"])]
CollectionId = Annotated[str, Field(pattern=_ID, examples=["col_01k3xq8m5w"])]
ProductId = Annotated[str, Field(pattern=_ID, examples=["prd_01k3xq8m5w"])]
Slug = Annotated[
    str,
    Field(pattern=f"^{SLUG_PATTERN.pattern}$", max_length=SLUG_LENGTH_MAX, examples=["bardak"]),
]
Names = Annotated[
    dict[Annotated[str, Field(pattern=f"^{LOCALE_PATTERN.pattern}$")], Name],
    Field(
        min_length=1,
        max_length=LOCALES_MAX,
        description="Names by language tag (BCP 47)",
        examples=[{"tr": "Bardak", "en": "Mug"}],
    ),
]
Code = Annotated[str, Field(pattern=f"^{CODE_PATTERN.pattern}$", examples=["colour"])]
Value = Annotated[str, Field(min_length=1, max_length=VALUE_LENGTH_MAX)]


class NothingBody(Body):
    """Nothing more to say."""


class CategoryBody(Body):
    """A category's names and its part of the path."""

    slug: Slug
    names: Names


class NewCategoryBody(Body):
    """A category below another one, or at the top; the slug is made of the name if left away."""

    names: Names
    slug: Slug | None = None
    parent_id: CategoryId | None = None
    category_id: CategoryId | None = None


class MoveBody(Body):
    """Below which category; null is the top."""

    parent_id: CategoryId | None


class BrandBody(Body):
    """A brand's name and address."""

    slug: Slug
    name: Name


class NewBrandBody(Body):
    """A brand; the slug is made of the name if left away."""

    name: Name
    slug: Slug | None = None
    brand_id: BrandId | None = None


class AttributeBody(Body):
    """What products of a type tell; `values` are those of a choice, `unit` is a number's."""

    code: Code
    kind: Annotated[Kind, Field(strict=False, examples=["text"])]
    names: Names
    values: Annotated[tuple[Value, ...], Field(strict=False, max_length=VALUES_MAX)] = ()
    unit: Annotated[str, Field(min_length=1, max_length=UNIT_LENGTH_MAX)] | None = None
    facet: bool = False
    of_variants: bool = False
    required: bool = False

    def attribute(self) -> Attribute:
        """Give the attribute as the rules know it."""
        return Attribute(
            self.code,
            self.kind.value,
            self.names,
            self.values,
            self.unit,
            self.facet,
            self.of_variants,
            self.required,
        )


class ProductTypeBody(Body):
    """All that is told of products of a type, in order."""

    names: Names
    attributes: Annotated[
        tuple[AttributeBody, ...], Field(strict=False, max_length=ATTRIBUTES_MAX)
    ] = ()

    def told(self) -> tuple[Attribute, ...]:
        """Give the attributes as the rules know them."""
        return tuple(one.attribute() for one in self.attributes)


class NewProductTypeBody(ProductTypeBody):
    """A product type; `type_id` may be an id of yours."""

    type_id: TypeId | None = None


Ids = Annotated[tuple[CategoryId, ...], Field(strict=False, max_length=RULE_VALUES_MAX)]
Wanted = Annotated[
    tuple[bool | int | Value, ...],
    Field(strict=False, min_length=1, max_length=RULE_VALUES_MAX),
]


class RuleBody(Body):
    """Which products belong: all that is said has to hold, and what is left away is not asked."""

    category_ids: Ids = ()
    brand_ids: Ids = ()
    attributes: Annotated[
        dict[Code, Wanted], Field(default_factory=dict, max_length=RULE_VALUES_MAX)
    ]
    price_from: Amount | None = None
    price_to: Amount | None = None
    in_stock: bool = False

    def rule(self) -> Rule:
        """Give the rule as the domain knows it."""
        return Rule(
            self.category_ids,
            self.brand_ids,
            self.attributes,
            money_or_none(self.price_from),
            money_or_none(self.price_to),
            self.in_stock,
        )


class ShownBody(Body):
    """Products in the order they are shown in, or the rule that says which they are."""

    names: Names
    product_ids: (
        Annotated[tuple[ProductId, ...], Field(strict=False, max_length=PRODUCTS_MAX)] | None
    ) = None
    rule: RuleBody | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> "ShownBody":
        if (self.product_ids is None) == (self.rule is None):
            raise PydanticCustomError(
                "catalog.products_or_rule", "a collection has product_ids or a rule, and not both"
            )
        return self

    def products(self) -> tuple[str, ...] | Rule:
        """Give the products, or the rule."""
        return self.product_ids or () if self.rule is None else self.rule.rule()


class CollectionBody(ShownBody):
    """All of a collection."""

    slug: Slug


class NewCollectionBody(ShownBody):
    """A collection; the slug is made of the name if left away."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"names": {"tr": "Hediyeler"}, "product_ids": ["prd_01k3xq8m5w"]}]
        }
    )

    slug: Slug | None = None
    collection_id: CollectionId | None = None


class CategoryView(BaseModel):
    """A category; `path` are the slugs from the top down."""

    category_id: str
    parent_id: str | None
    slug: str = Field(examples=["bardak"])
    path: str = Field(examples=["ev/mutfak/bardak"])
    names: dict[str, str]


class CategoriesView(BaseModel):
    """The whole tree by path: what is above a category comes before it."""

    items: list[CategoryView]


class PublicBrandView(BaseModel):
    """A brand."""

    brand_id: str
    slug: str
    name: str


class BrandView(PublicBrandView):
    """A brand, and how many products are of it, published or not."""

    products: int


class PublicBrandsView(BaseModel):
    """A page of brands by slug."""

    items: list[PublicBrandView]
    next_cursor: str | None


class BrandsView(BaseModel):
    """A page of brands by slug."""

    items: list[BrandView]
    next_cursor: str | None


class ProductTypeView(BaseModel):
    """A product type; `version` is what If-Match names."""

    type_id: str
    names: dict[str, str]
    attributes: list[AttributeBody]
    version: int


class ProductTypesView(BaseModel):
    """A page of product types."""

    items: list[ProductTypeView]
    next_cursor: str | None


class PublicCollectionView(BaseModel):
    """A collection."""

    collection_id: str
    slug: str
    names: dict[str, str]


class CollectionView(PublicCollectionView):
    """A collection, and what is in it; `version` is what If-Match names."""

    product_ids: list[str] | None
    rule: RuleBody | None
    version: int


class PublicCollectionsView(BaseModel):
    """A page of collections by slug."""

    items: list[PublicCollectionView]
    next_cursor: str | None


class CollectionsView(BaseModel):
    """A page of collections by slug."""

    items: list[CollectionView]
    next_cursor: str | None
