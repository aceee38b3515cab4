"""Say what products are, in words and pictures."""

from application.catalog.describing import (
    ArrangeMedia,
    ChangeSlug,
    ChooseRelated,
    DescribeProduct,
)
from interfaces.http.catalog.products.changing import ProductRoute
from interfaces.http.catalog.products.shapes import (
    Media,
    RelatedProducts,
    Slug,
    Texts,
    texts_of,
)
from interfaces.http.routing.command import Asked
from interfaces.http.wire.fields import Body


class TextsBody(Body):
    """All texts; a language that is left away is gone."""

    texts: Texts


class SlugBody(Body):
    """Another address."""

    slug: Slug


class MediaBody(Body):
    """All media, in order."""

    media: Media


class RelatedProductsBody(Body):
    """All other products that are shown with it, in order."""

    related: RelatedProducts


def _describe(asked: Asked[TextsBody]) -> DescribeProduct:
    return DescribeProduct(asked.path["product_id"], texts_of(asked.body.texts))


def _change_slug(asked: Asked[SlugBody]) -> ChangeSlug:
    return ChangeSlug(asked.path["product_id"], asked.body.slug)


def _arrange(asked: Asked[MediaBody]) -> ArrangeMedia:
    media = tuple(medium.medium() for medium in asked.body.media)
    return ArrangeMedia(asked.path["product_id"], media)


def _choose_related(asked: Asked[RelatedProductsBody]) -> ChooseRelated:
    related = tuple(one.related() for one in asked.body.related)
    return ChooseRelated(asked.path["product_id"], related)


DESCRIBE = ProductRoute(
    "/texts", DescribeProduct, TextsBody, _describe, summary="Tell a product in other words"
)
CHANGE_SLUG = ProductRoute(
    "/slug", ChangeSlug, SlugBody, _change_slug, summary="Give a product another address"
)
ARRANGE = ProductRoute(
    "/media", ArrangeMedia, MediaBody, _arrange, summary="Arrange what is shown of a product"
)
RELATED = ProductRoute(
    "/related",
    ChooseRelated,
    RelatedProductsBody,
    _choose_related,
    summary="Choose which other products are shown with a product",
)
