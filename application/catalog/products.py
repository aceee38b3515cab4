"""Create products: with one command, as much of one as is known."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from application.book import Book, together
from application.catalog.classifying import (
    ChooseChannels,
    ChooseTaxClass,
    ClassifyProduct,
    SetAttributes,
    SetRestrictions,
    choose_channels,
    choose_tax_class,
    classify_product,
    set_attributes,
    set_restrictions,
)
from application.catalog.describing import (
    ArrangeMedia,
    ChooseRelated,
    arrange_media,
    choose_related,
)
from application.catalog.finding import known
from application.catalog.publishing import PublishProduct, publish_product
from application.catalog.variants import (
    AddedVariant,
    ChooseOptions,
    NewVariant,
    add_each,
    choose_options,
    claims_of,
    identified,
    prices_of,
)
from domain.catalog.content import AttributeValue, Medium, Option, Related, Restrictions, Text
from domain.catalog.languages import in_language
from domain.catalog.products import describing
from domain.catalog.products.classifying import Classification
from domain.catalog.products.product import Product
from domain.catalog.slugs import apart, numbered, slug_of


@dataclass(frozen=True, slots=True)
class CreateProduct:
    """Begin a product, with everything that is known of it; what is null is left for later.

    Without a slug it gets one of its name, with a number behind it where others have that.
    """

    NAME: ClassVar[str] = "catalog.create_product"

    texts: Mapping[str, Text]
    product_id: str | None = None
    slug: str | None = None
    classification: Classification | None = None
    tax_class: str | None = None
    type_id: str | None = None
    attributes: Mapping[str, AttributeValue] | None = None
    channels: tuple[str, ...] = ()
    restrictions: Restrictions | None = None
    options: tuple[Option, ...] = ()
    variants: tuple[NewVariant, ...] = ()
    media: tuple[Medium, ...] = ()
    related: tuple[Related, ...] = ()
    publish: bool = False


@dataclass(frozen=True, slots=True)
class CreatedResult:
    """A new product, its variants in order, and its version, which If-Match names."""

    product_id: str
    slug: str
    status: str
    version: int
    variants: tuple[AddedVariant, ...]


def create_product(command: CreateProduct, book: Book) -> CreatedResult:
    """Create a product by the rules of each of its parts."""
    describing.check_texts(command.texts)
    product_id = command.product_id or book.new_id("prd")
    wanted = command.slug or slug_of(in_language(command.texts).name)
    variants = identified(book, command.variants)
    claims = describing.address(wanted), *claims_of(variants)
    book.need((Product, product_id), *prices_of(variants), claims=claims)
    slug = wanted if command.slug is not None else _free(book, wanted, product_id)
    book.record(
        *describing.create(
            book.find(Product, product_id),
            product_id=product_id,
            slug=slug,
            holder=book.owner(describing.address(slug)),
            texts=command.texts,
        )
    )
    _classify(command, book, product_id)
    added = add_each(book, product_id, variants)
    _show(command, book, product_id)
    product = known(book, product_id)
    return CreatedResult(product_id, slug, product.status.value, product.version, added)


def _classify(command: CreateProduct, book: Book, product_id: str) -> None:
    """Do what the single commands do, for each part that variants do not need to be there for."""
    if command.classification is not None:
        classify_product(ClassifyProduct(product_id, command.classification), book)
    if command.tax_class is not None:
        choose_tax_class(ChooseTaxClass(product_id, command.tax_class), book)
    if command.type_id is not None or command.attributes:
        given = command.attributes or {}
        set_attributes(SetAttributes(product_id, command.type_id, given), book)
    if command.channels:
        choose_channels(ChooseChannels(product_id, command.channels), book)
    if command.restrictions is not None:
        set_restrictions(SetRestrictions(product_id, command.restrictions), book)
    if command.options:
        choose_options(ChooseOptions(product_id, command.options), book)


def _show(command: CreateProduct, book: Book, product_id: str) -> None:
    """Do what the single commands do, for the parts that name variants or need them."""
    if command.media:
        arrange_media(ArrangeMedia(product_id, command.media), book)
    if command.related:
        choose_related(ChooseRelated(product_id, command.related), book)
    if command.publish:
        publish_product(PublishProduct(product_id), book)


def _free(book: Book, slug: str, product_id: str) -> str:
    """Give an address that nobody has: the slug itself, or with a number behind it."""
    if book.owner(describing.address(slug)) is None:
        return slug
    tried = numbered(slug)
    holders = together(book.owner, map(describing.address, tried))
    free = (one for one, holder in zip(tried, holders, strict=True) if holder is None)
    return next(free, apart(slug, product_id))
