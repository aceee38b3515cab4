"""Look ahead: all that a row is going to ask for is fetched in few rounds, not one by one."""

from collections.abc import Iterator
from functools import partial

from application.book import Book, together
from application.catalog.importing.shapes import ImportRow
from domain.catalog import gtin
from domain.catalog.events import GTIN_CLAIM, SKU_CLAIM
from domain.catalog.languages import in_language
from domain.catalog.products import describing
from domain.catalog.products.product import Product
from domain.catalog.slugs import slug_of
from domain.catalog.sorting.brands import Brand
from domain.catalog.sorting.categories import Categories
from domain.catalog.sorting.events import CATEGORIES_KEY
from domain.catalog.sorting.product_types import ProductType
from domain.catalog.sorting.uses import Kind, Use
from domain.catalog.variant_events import VARIANT_CLAIM
from domain.kernel.events import Aggregate, Claim, stream_of
from domain.ledger.books import Books
from domain.ledger.events import BOOKS_KEY
from domain.pricing.prices import Prices
from domain.stock.events import RANKING_KEY
from domain.stock.locations import Ranking
from domain.stock.stock import Place, Stock


def look_at_new(command: ImportRow, book: Book, product_id: str, variant_id: str) -> None:
    """Fetch what a row asks for whose SKU may be new; `product_id` may be of no product yet."""
    claims = [Claim(SKU_CLAIM, command.sku), Claim(VARIANT_CLAIM, variant_id)]
    if command.gtin is not None:
        claims.append(Claim(GTIN_CLAIM, gtin.checked(command.gtin)))
    named = {locale: part.name for locale, part in command.texts.items() if part.name}
    if named:
        claims.append(describing.address(slug_of(in_language(named))))
    streams = [(Product, product_id), *_of_variant(command, variant_id), *_around(command)]
    book.need(*streams, claims=claims)


def look_at_known(command: ImportRow, book: Book, product: Product, variant_id: str) -> None:
    """Fetch what a row asks for whose variant is there."""
    stream = stream_of(Product.CATEGORY, product.product_id)
    versions = {
        product.described_at: bool(command.texts),
        product.attributed_at: bool(command.attributes) or command.type_id is not None,
        product.pictured_at: bool(command.images),
        product.variants[variant_id].told_at: True,
    }
    events = [version for version, asked in versions.items() if asked and version]
    before = [(Use, Kind.CATEGORY.key(one)) for one in product.category_ids]
    if product.brand_id is not None:
        before.append((Use, Kind.BRAND.key(product.brand_id)))
    streams = [*_of_variant(command, variant_id), *_around(command), *before]
    asks = (
        partial(book.need, *streams),
        *(partial(book.event, stream, version) for version in events),
    )
    together(lambda ask: ask(), asks)


def _of_variant(command: ImportRow, variant_id: str) -> Iterator[tuple[type[Aggregate], str]]:
    yield Prices, variant_id
    if command.stock is not None:
        yield Stock, Place(variant_id, command.location_id).key


def _around(command: ImportRow) -> Iterator[tuple[type[Aggregate], str]]:
    """Name what a row refers to."""
    yield Books, BOOKS_KEY
    yield Categories, CATEGORIES_KEY
    for path in command.categories:
        yield Use, Kind.CATEGORY.key(path[-1].category_id)
    if command.brand is not None:
        yield Brand, command.brand.brand_id
        yield Use, Kind.BRAND.key(command.brand.brand_id)
    if command.type_id is not None:
        yield ProductType, command.type_id
    if command.stock is not None:
        yield Ranking, RANKING_KEY
