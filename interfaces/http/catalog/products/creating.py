"""Create products, one or many at a time."""

from application.catalog.products import CreatedResult, CreateProduct
from application.permissions import Permission
from interfaces.http.catalog.products.changing import PATH
from interfaces.http.catalog.products.shapes import (
    Attributes,
    Channels,
    ClassificationBody,
    Media,
    Options,
    ProductId,
    RelatedProducts,
    RestrictionsBody,
    Slug,
    TaxClassCode,
    Texts,
    TypeId,
    texts_of,
)
from interfaces.http.catalog.products.variants import NewVariants, check_may_price
from interfaces.http.edge.exchange import Exchange
from interfaces.http.routing.batch import Batch, BatchAnswer, BatchRoute
from interfaces.http.routing.command import Asked, CommandRoute
from interfaces.http.wire.fields import Body, IdempotencyKey


class NewProductBody(Body):
    """A product, with all that is known of it; `product_id` may be an id of yours."""

    texts: Texts
    product_id: ProductId | None = None
    slug: Slug | None = None
    classification: ClassificationBody | None = None
    tax_class: TaxClassCode | None = None
    type_id: TypeId | None = None
    attributes: Attributes | None = None
    channels: Channels = ()
    restrictions: RestrictionsBody | None = None
    options: Options = ()
    variants: NewVariants = ()
    media: Media = ()
    related: RelatedProducts = ()
    publish: bool = False

    def command(self) -> CreateProduct:
        """Build the command."""
        classification, restrictions = self.classification, self.restrictions
        return CreateProduct(
            texts_of(self.texts),
            self.product_id,
            self.slug,
            classification.classification() if classification is not None else None,
            self.tax_class,
            self.type_id,
            self.attributes,
            self.channels,
            restrictions.restrictions() if restrictions is not None else None,
            tuple(option.option() for option in self.options),
            tuple(variant.variant() for variant in self.variants),
            tuple(medium.medium() for medium in self.media),
            tuple(one.related() for one in self.related),
            self.publish,
        )


class ProductItem(NewProductBody):
    """A product, and under which key."""

    key: IdempotencyKey | None = None


def _create(asked: Asked[NewProductBody]) -> CreateProduct:
    check_may_price(asked.body.variants, asked.exchange)
    return asked.body.command()


def _create_one(item: ProductItem, exchange: Exchange) -> CreateProduct:
    check_may_price(item.variants, exchange)
    return item.command()


CREATE = CommandRoute(
    PATH,
    CreateProduct,
    NewProductBody,
    _create,
    permission=Permission.CATALOG_MANAGE,
    result=CreatedResult,
    summary="Create a product, with everything that is known of it",
    moves_money=False,
    staff_only=True,
)
CREATE_MANY = BatchRoute(
    f"{PATH}/batch",
    CreateProduct,
    Batch[ProductItem],
    _create_one,
    permission=Permission.CATALOG_MANAGE,
    result=BatchAnswer[CreatedResult],
    summary="Create many products",
    staff_only=True,
)
