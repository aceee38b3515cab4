"""Create products, and say in words what they are."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from domain.catalog.content import Text
from domain.catalog.events import (
    SLUG_CLAIM,
    ProductCreated,
    ProductDescribed,
    ProductEvent,
    SlugChanged,
)
from domain.catalog.languages import check_locales
from domain.catalog.products.product import Product, ProductExists
from domain.catalog.slugs import check_slug
from domain.kernel.events import Claim
from domain.kernel.refusals import Invalid, RuleBroken

NAME_LENGTH_MAX = 250
DESCRIPTION_LENGTH_MAX = 20_000


class TextInvalid(Invalid):
    """A product has a name in at least one language: one line; the description may have many."""

    code = "catalog.text_invalid"


class SlugTaken(RuleBroken):
    """Another product of this tenant has this address."""

    code = "catalog.slug_taken"


def check_texts(texts: Mapping[str, Text]) -> None:
    """Refuse what has no name, and what can not be shown as a text."""
    check_locales(texts)
    if not texts:
        raise TextInvalid("a product has a name in at least one language")
    for locale, text in texts.items():
        if not text.name.strip() or not text.name.isprintable() or len(text.name) > NAME_LENGTH_MAX:
            raise TextInvalid(f"a name is one line of {NAME_LENGTH_MAX} at most", locale=locale)
        lines = text.description.replace("\n", "").replace("\t", "")
        if not (not lines or lines.isprintable()) or len(lines) > DESCRIPTION_LENGTH_MAX:
            raise TextInvalid(
                f"a description has {DESCRIPTION_LENGTH_MAX} printable letters at most",
                locale=locale,
            )


def create(
    existing: Product | None,
    *,
    product_id: str,
    slug: str,
    holder: str | None,
    texts: Mapping[str, Text],
) -> tuple[ProductCreated, ...]:
    """Begin a draft; `holder` is the stream that has its `address` already."""
    if existing is not None:
        raise ProductExists("a product with this id was created before")
    _check_free(slug, holder)
    check_texts(texts)
    return (ProductCreated(product_id, slug, texts),)


def saying(created: ProductCreated, said: Iterable[ProductEvent]) -> ProductCreated:
    """Let a product begin with what these events would say of it next."""
    told = {
        name: getattr(event, name)
        for event in said
        for name in event.__slots__
        if name != "product_id"
    }
    return replace(created, **told)


def describe(product: Product, texts: Mapping[str, Text]) -> tuple[ProductDescribed, ...]:
    """Tell a product in other words."""
    check_texts(texts)
    return (ProductDescribed(product.product_id, texts),)


def change_slug(product: Product, slug: str, *, holder: str | None) -> tuple[SlugChanged, ...]:
    """Give a product another address; its own changes nothing."""
    if slug == product.slug:
        return ()
    _check_free(slug, holder)
    return (SlugChanged(product.product_id, slug, product.slug),)


def address(slug: str) -> Claim:
    """Name the unique key of an address; refuse what can not be one."""
    check_slug(slug)
    return Claim(SLUG_CLAIM, slug)


def _check_free(slug: str, holder: str | None) -> None:
    if holder is not None:
        raise SlugTaken("another product has this address", slug=slug)
