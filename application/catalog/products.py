"""Create products: with one command, as much of one as is known."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

from application.book import Book, together
from application.catalog.brands import use_brand
from application.catalog.categories import use_categories
from application.catalog.describing import (
    ArrangeMedia,
    ChooseRelated,
    arrange_media,
    choose_related,
)
from application.catalog.finding import known
from application.catalog.product_types import check_attributes
from application.catalog.publishing import PublishProduct, publish_product
from application.catalog.variants import (
    AddedVariant,
    NewVariant,
    add_each,
    claims_of,
    identified,
    prices_of,
)
from domain.catalog.content import AttributeValue, Medium, Option, Related, Restrictions, Text
from domain.catalog.events import ProductEvent
from domain.catalog.languages import in_language
from domain.catalog.products import classifying, describing, media, options, restrictions
from domain.catalog.products.classifying import Classification
from domain.catalog.products.product import Product
from domain.catalog.slugs import apart, numbered, slug_of
from domain.pricing.kdv import tax_class_of


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
    (begun,) = describing.create(
        book.find(Product, product_id),
        product_id=product_id,
        slug=slug,
        holder=book.owner(describing.address(slug)),
        texts=command.texts,
    )
    created = describing.saying(begun, _said(command, book, Product.evolve(None, begun)))
    book.record(created)
    use_categories(book, old=(), new=created.category_ids)
    use_brand(book, old=None, new=created.brand_id)
    added = add_each(book, product_id, variants)
    _show(command, book, product_id)
    product = known(book, product_id)
    return CreatedResult(product_id, slug, product.status.value, product.version, added)


def _said(command: CreateProduct, book: Book, product: Product) -> Iterator[ProductEvent]:
    """Decide what the single commands do, for each part that variants need not be there for."""
    if command.classification is not None:
        yield from classifying.classify(product, command.classification)
    if command.tax_class is not None:
        tax_class = tax_class_of(command.tax_class).value
        yield from classifying.choose_tax_class(product, tax_class)
    if command.type_id is not None or command.attributes:
        attributes = command.attributes or {}
        check_attributes(book, command.type_id, attributes)
        yield from classifying.set_attributes(product, command.type_id, attributes)
    if command.media and not _shows_variants(command.media):
        yield from media.arrange(product, command.media)
    if command.restrictions is not None:
        yield from restrictions.restrict(product, command.restrictions)
    yield from classifying.choose_channels(product, command.channels)
    yield from options.choose(product, command.options)


def _show(command: CreateProduct, book: Book, product_id: str) -> None:
    """Do what the single commands do, for the parts that name variants or need them."""
    if _shows_variants(command.media):
        arrange_media(ArrangeMedia(product_id, command.media), book)
    if command.related:
        choose_related(ChooseRelated(product_id, command.related), book)
    if command.publish:
        publish_product(PublishProduct(product_id), book)


def _shows_variants(media: Iterable[Medium]) -> bool:
    return any(medium.variant_id is not None for medium in media)


def _free(book: Book, slug: str, product_id: str) -> str:
    """Give an address that nobody has: the slug itself, or with a number behind it."""
    if book.owner(describing.address(slug)) is None:
        return slug
    tried = numbered(slug)
    holders = together(book.owner, map(describing.address, tried))
    free = (one for one, holder in zip(tried, holders, strict=True) if holder is None)
    return next(free, apart(slug, product_id))
