"""Let a product and its variant be told as a row says, where they are not told so already."""

from collections.abc import Mapping
from typing import Any

from application.book import Book
from application.catalog.brands import AddBrand, add_brand
from application.catalog.categories import AddCategory, add_category, all_categories
from application.catalog.classifying import (
    ChooseChannels,
    ChooseTaxClass,
    ClassifyProduct,
    SetAttributes,
    choose_channels,
    choose_tax_class,
    classify_product,
    set_attributes,
)
from application.catalog.describing import (
    ArrangeMedia,
    DescribeProduct,
    arrange_media,
    describe_product,
)
from application.catalog.finding import known
from application.catalog.importing.shapes import Branch, ImportRow, PartOfText
from application.catalog.products import CreateProduct, create_product
from application.catalog.variants import ChangeVariant, change_variant
from domain.catalog.content import AttributeValue, Medium, Text
from domain.catalog.products.classifying import Classification
from domain.catalog.products.options import CombinationInvalid
from domain.catalog.products.product import IMAGE, Product
from domain.catalog.products.variants import Numbers
from domain.catalog.sorting.brands import Brand
from domain.kernel.events import stream_of
from domain.kernel.refusals import Invalid


class NameMissing(Invalid):
    """A row that creates a product has to name it."""

    code = "catalog.import_name_missing"


def tell(command: ImportRow, book: Book, product_id: str) -> None:
    """Let texts, attributes and images be as a row says."""
    product = known(book, product_id)
    if command.texts:
        texts: Mapping[str, Text] = _told(book, product, product.described_at, "texts", {})
        wanted = texts_with(command.texts, texts)
        if wanted != texts:
            describe_product(DescribeProduct(product_id, wanted), book)
    if command.attributes or command.type_id is not None:
        at = product.attributed_at
        attributes: Mapping[str, AttributeValue] = _told(book, product, at, "attributes", {})
        of_type: str | None = _told(book, product, at, "type_id", None)
        type_id = command.type_id or of_type
        merged = {**(attributes if type_id == of_type else {}), **command.attributes}
        if (type_id, merged) != (of_type, attributes):
            set_attributes(SetAttributes(product_id, type_id, merged), book)
    if command.images:
        media: tuple[Medium, ...] = _told(book, product, product.pictured_at, "media", ())
        if command.images != tuple(one.url for one in media if one.kind == IMAGE):
            arrange_media(ArrangeMedia(product_id, _arranged(command.images, media)), book)


def _arranged(images: tuple[str, ...], media: tuple[Medium, ...]) -> tuple[Medium, ...]:
    """Put images in order; those that are there keep what is told of them, as do other media."""
    by_url = {one.url: one for one in media if one.kind == IMAGE}
    others = (one for one in media if one.kind != IMAGE)
    return (*(by_url.get(url) or Medium(url) for url in images), *others)


def _told(book: Book, product: Product, version: int, name: str, otherwise: Any) -> Any:  # noqa: ANN401 - of any event
    """Give what the event of a version says, or something else where there is none."""
    if not version:
        return otherwise
    event = book.event(stream_of(Product.CATEGORY, product.product_id), version)
    return getattr(event, name)


def texts_with(parts: Mapping[str, PartOfText], texts: Mapping[str, Text]) -> dict[str, Text]:
    """Put what a row says over what is told; what has no name in the end is no text."""
    merged = dict(texts)
    for locale, part in parts.items():
        before = texts.get(locale, Text(""))
        name = before.name if part.name is None else part.name
        said = before.description if part.description is None else part.description
        if name:
            merged[locale] = Text(name, said)
    return merged


def begin(command: ImportRow, book: Book, product_id: str) -> None:
    """Create a product that is told as a row says."""
    texts = texts_with(command.texts, {})
    if not texts:
        raise NameMissing("a new product needs a name", field="name")
    told = CreateProduct(
        texts,
        product_id,
        classification=_sorted(command, book, Classification()),
        tax_class=command.tax_class,
        type_id=command.type_id,
        attributes=command.attributes,
        channels=command.channels,
        media=_arranged(command.images, ()),
    )
    create_product(told, book)


def sort(command: ImportRow, book: Book, product_id: str) -> None:
    """Let a product stand where a row says."""
    product = known(book, product_id)
    now = Classification(product.category_ids, product.primary_category_id, product.brand_id)
    wanted = _sorted(command, book, now)
    if wanted != now:
        classify_product(ClassifyProduct(product_id, wanted), book)
    if command.tax_class is not None:
        choose_tax_class(ChooseTaxClass(product_id, command.tax_class), book)
    if command.channels:
        choose_channels(ChooseChannels(product_id, command.channels), book)


def _sorted(command: ImportRow, book: Book, now: Classification) -> Classification:
    """Say where a product that stands somewhere now is to stand."""
    ids, primary, brand_id = now.category_ids, now.primary_category_id, now.brand_id
    if command.categories:
        named = tuple(dict.fromkeys(_category(book, path) for path in command.categories))
        if set(named) != set(ids) or named[0] != primary:
            ids, primary = named, named[0]
    if command.brand is not None:
        brand_id = command.brand.brand_id
        if command.brand.name is not None and book.find(Brand, brand_id) is None:
            add_brand(AddBrand(command.brand.name, None, brand_id), book)
    return Classification(ids, primary, brand_id)


def _category(book: Book, path: tuple[Branch, ...]) -> str:
    """Give the category at the end of a path, whose parts are added where they may be."""
    for branch in path:
        if branch.name is not None and branch.category_id not in all_categories(book).by_id:
            names = {"tr": branch.name}
            add_category(AddCategory(names, None, branch.parent_id, branch.category_id), book)
    return path[-1].category_id


def renumber(command: ImportRow, book: Book, product_id: str, variant_id: str) -> None:
    """Let a variant have the numbers that a row says; its options are not changed."""
    product = known(book, product_id)
    variant = product.variants[variant_id]
    if command.options and command.options != variant.options:
        raise CombinationInvalid("a variant keeps its options; add another one", field="option")
    at = variant.told_at
    before = Numbers(
        variant.sku,
        variant.gtin,
        _told(book, product, at, "barcode", None),
        _told(book, product, at, "weight_grams", None),
    )
    wanted = Numbers(
        variant.sku,
        before.gtin if command.gtin is None else command.gtin,
        before.barcode if command.barcode is None else command.barcode,
        before.weight_grams if command.weight_grams is None else command.weight_grams,
    ).checked()
    if wanted != before:
        change_variant(ChangeVariant(product_id, variant_id, wanted), book)
