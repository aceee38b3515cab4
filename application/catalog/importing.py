"""Import a row of a file: a variant, its product and all that the row says of them, or nothing.

What a row leaves open stays as it is, and what it says already holds changes nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

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
from application.catalog.finding import known, look_up
from application.catalog.products import CreateProduct, create_product
from application.catalog.publishing import (
    ArchiveProduct,
    CancelScheduling,
    PublishProduct,
    RestoreProduct,
    UnpublishProduct,
    archive_product,
    cancel_scheduling,
    publish_product,
    restore_product,
    unpublish_product,
)
from application.catalog.variants import (
    AddVariants,
    ChangeVariant,
    ChooseOptions,
    NewVariant,
    add_variants,
    change_variant,
    choose_options,
)
from application.pricing.prices import SetPrice, set_price
from application.stock.moving import MoveStock, move_stock
from application.stock.places import place_of, stock_at
from domain.catalog.content import AttributeValue, Medium, Option, Text
from domain.catalog.events import SKU_CLAIM
from domain.catalog.imports.imports import Mode
from domain.catalog.products.classifying import Classification
from domain.catalog.products.options import CombinationInvalid
from domain.catalog.products.product import IMAGE, Product, Status
from domain.catalog.products.variants import Numbers, SkuTaken
from domain.catalog.sorting.brands import Brand
from domain.kernel.events import Claim, stream_of
from domain.kernel.money import Money
from domain.kernel.refusals import Invalid, NotFound, RuleBroken
from domain.pricing.events import STANDARD_LIST
from domain.pricing.prices import UNPRICED, Prices
from domain.pricing.setting import PriceInvalid
from domain.stock.events import MAIN_LOCATION
from domain.stock.movements import Reason


class SkuExists(RuleBroken):
    """A row that may only create names a SKU that is there."""

    code = "catalog.import_sku_exists"


class SkuUnknown(NotFound):
    """A row that may only update names a SKU that is not there."""

    code = "catalog.import_sku_unknown"


class NameMissing(Invalid):
    """A row that creates a product has to name it."""

    code = "catalog.import_name_missing"


class Rehearsed(RuleBroken):
    """What a dry run ends with, so that nothing of it is recorded; `outcome` says the result."""

    code = "catalog.import_rehearsed"


@dataclass(frozen=True, slots=True)
class PartOfText:
    """What a row says of a product in one language; None is left as it is."""

    name: str | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Branch:
    """A category on a row's path. With a `name` it is added where it is not there yet."""

    category_id: str
    parent_id: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class ImportedBrand:
    """The brand of a row. With a `name` it is added where it is not there yet."""

    brand_id: str
    name: str | None = None


@dataclass(frozen=True, slots=True)
class ImportRow:
    """One row of a file; what is None, or empty, stays as it is.

    `categories` are paths from the top, the first of them the primary one. `product_id` groups
    variants; a row without it belongs to the product that its SKU is of, or to a new one. `stock`
    is what is on hand at the location after the row.
    """

    NAME: ClassVar[str] = "catalog.import_row"

    sku: str
    mode: Mode = Mode.UPSERT
    dry_run: bool = False
    reference: str | None = None
    product_id: str | None = None
    texts: Mapping[str, PartOfText] = field(default_factory=dict[str, PartOfText])
    categories: tuple[tuple[Branch, ...], ...] = ()
    brand: ImportedBrand | None = None
    tax_class: str | None = None
    type_id: str | None = None
    attributes: Mapping[str, AttributeValue] = field(default_factory=dict[str, AttributeValue])
    options: Mapping[str, str] = field(default_factory=dict[str, str])
    gtin: str | None = None
    barcode: str | None = None
    weight_grams: int | None = None
    price: Money | None = None
    list_price: Money | None = None
    stock: int | None = None
    location_id: str = MAIN_LOCATION
    images: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    status: Status | None = None


@dataclass(frozen=True, slots=True)
class ImportedResult:
    """What became of a row: created, updated or unchanged."""

    outcome: str
    product_id: str
    variant_id: str


def import_row(command: ImportRow, book: Book) -> ImportedResult:
    """Carry out a row: all of it or nothing."""
    claim = Claim(SKU_CLAIM, command.sku)
    asked = [] if command.product_id is None else [(Product, command.product_id)]
    look_up(book, (claim,), *asked)
    holder = book.owner(claim)
    product_id = _product_of(command, holder)
    if holder is not None:
        created = False
        variant_id = _variant_of(book, holder, command.sku)
    else:
        created = True
        product_id, variant_id = _begin(command, book, product_id)
    _tell(command, book, product_id)
    _sort(command, book, product_id)
    if not created:
        _renumber(command, book, product_id, variant_id)
    _price(command, book, variant_id)
    _stock(command, book, variant_id)
    _stand(command, book, product_id)
    changed = "updated" if book.events else "unchanged"
    result = ImportedResult("created" if created else changed, product_id, variant_id)
    if command.dry_run:
        raise Rehearsed("a dry run records nothing", outcome=result.outcome)
    return result


def _product_of(command: ImportRow, holder: str | None) -> str | None:
    """Give the product that a row is of, as far as it is known; refuse what the mode forbids."""
    if holder is None:
        if command.mode is Mode.UPDATE:
            raise SkuUnknown("there is no such SKU", field="sku")
        return command.product_id
    if command.mode is Mode.CREATE:
        raise SkuExists("this SKU is there already", field="sku")
    product_id = holder.partition("-")[2]
    if command.product_id not in {None, product_id}:
        raise SkuTaken("a variant of another product has this SKU", sku=command.sku)
    return product_id


def _variant_of(book: Book, holder: str, sku: str) -> str:
    product = known(book, holder.partition("-")[2])
    return next(one for one, variant in product.variants.items() if variant.sku == sku)


def _begin(command: ImportRow, book: Book, product_id: str | None) -> tuple[str, str]:
    """Add a variant, to its product or to a new one."""
    product = None if product_id is None else book.find(Product, product_id)
    if product is None or product_id is None:
        texts = _merged(command.texts, {})
        if not texts:
            raise NameMissing("a new product needs a name", field="name")
        product_id = create_product(CreateProduct(texts, product_id), book).product_id
    if command.options:
        _widen(command, book, product_id)
    numbers = Numbers(command.sku, command.gtin, command.barcode, command.weight_grams)
    added = add_variants(AddVariants(product_id, (NewVariant(numbers, command.options),)), book)
    return product_id, added.variants[0].variant_id


def _widen(command: ImportRow, book: Book, product_id: str) -> None:
    """Let the product's options have the values that a row brings."""
    known_options = known(book, product_id).options
    wider = tuple(
        option
        if command.options.get(option.name, option.values[0]) in option.values
        else Option(option.name, (*option.values, command.options[option.name]))
        for option in known_options
    )
    if not known_options:
        wider = tuple(Option(name, (value,)) for name, value in command.options.items())
    choose_options(ChooseOptions(product_id, wider), book)


def _tell(command: ImportRow, book: Book, product_id: str) -> None:
    """Let texts, attributes and images be as a row says, where they are not."""
    product = known(book, product_id)
    if command.texts:
        texts: Mapping[str, Text] = _told(book, product, product.described_at, "texts", {})
        wanted = _merged(command.texts, texts)
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


def _merged(parts: Mapping[str, PartOfText], texts: Mapping[str, Text]) -> dict[str, Text]:
    """Put what a row says over what is told; what has no name in the end is no text."""
    merged = dict(texts)
    for locale, part in parts.items():
        before = texts.get(locale, Text(""))
        name = before.name if part.name is None else part.name
        said = before.description if part.description is None else part.description
        if name:
            merged[locale] = Text(name, said)
    return merged


def _sort(command: ImportRow, book: Book, product_id: str) -> None:
    """Let a product stand where a row says."""
    product = known(book, product_id)
    ids, primary, brand_id = product.category_ids, product.primary_category_id, product.brand_id
    if command.categories:
        named = tuple(dict.fromkeys(_category(book, path) for path in command.categories))
        if set(named) != set(ids) or named[0] != primary:
            ids, primary = named, named[0]
    if command.brand is not None:
        brand_id = command.brand.brand_id
        if command.brand.name is not None and book.find(Brand, brand_id) is None:
            add_brand(AddBrand(command.brand.name, None, brand_id), book)
    if (ids, primary, brand_id) != (
        product.category_ids,
        product.primary_category_id,
        product.brand_id,
    ):
        classify_product(ClassifyProduct(product_id, Classification(ids, primary, brand_id)), book)
    if command.tax_class is not None:
        choose_tax_class(ChooseTaxClass(product_id, command.tax_class), book)
    if command.channels:
        choose_channels(ChooseChannels(product_id, command.channels), book)


def _category(book: Book, path: tuple[Branch, ...]) -> str:
    """Give the category at the end of a path, whose parts are added where they may be."""
    for branch in path:
        if branch.name is not None and branch.category_id not in all_categories(book).by_id:
            names = {"tr": branch.name}
            add_category(AddCategory(names, None, branch.parent_id, branch.category_id), book)
    return path[-1].category_id


def _renumber(command: ImportRow, book: Book, product_id: str, variant_id: str) -> None:
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


def _price(command: ImportRow, book: Book, variant_id: str) -> None:
    """Set a variant's price, unless it holds now."""
    if command.price is None and command.list_price is None:
        return
    prices = book.find(Prices, variant_id) or UNPRICED
    now = prices.tier(STANDARD_LIST, 1).now
    amount = command.price or (now and now.amount)
    list_price = command.list_price or (now and now.list_price)
    if amount is None:
        raise PriceInvalid("what is crossed out stands beside a price", field="price")
    if now is None or (amount, list_price) != (now.amount, now.list_price):
        set_price(SetPrice(variant_id, amount, list_price), book)


def _stock(command: ImportRow, book: Book, variant_id: str) -> None:
    """Let so many units be on hand as a row says."""
    if command.stock is None:
        return
    place = place_of(book, variant_id=variant_id, location_id=command.location_id)
    here = stock_at(book, place)
    more = command.stock - here.on_hand
    if more:
        reason = Reason.CORRECTED if here.on_hand else Reason.RECEIVED
        move = MoveStock(variant_id, command.location_id, more, reason, command.reference)
        move_stock(move, book)


def _stand(command: ImportRow, book: Book, product_id: str) -> None:
    """Let a product reach the status that a row says."""
    wanted, now = command.status, known(book, product_id).status
    if wanted is None or wanted is now:
        return
    if now is Status.ARCHIVED:
        restore_product(RestoreProduct(product_id), book)
    if wanted is Status.PUBLISHED:
        publish_product(PublishProduct(product_id), book)
    elif wanted is Status.ARCHIVED:
        archive_product(ArchiveProduct(product_id), book)
    elif now is Status.PUBLISHED:
        unpublish_product(UnpublishProduct(product_id), book)
    elif now is Status.SCHEDULED:
        cancel_scheduling(CancelScheduling(product_id), book)
