"""Import a row of a file: a variant, its product and all that the row says of them, or nothing.

What a row leaves open stays as it is, and what it says already holds changes nothing.
"""

from dataclasses import dataclass

from application.book import Book
from application.catalog.finding import known
from application.catalog.importing.looking import look_at_known, look_at_new
from application.catalog.importing.shapes import ImportRow
from application.catalog.importing.telling import begin, renumber, sort, tell
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
    ChooseOptions,
    NewVariant,
    add_variants,
    choose_options,
)
from application.pricing.prices import SetPrice, set_price
from application.stock.moving import MoveStock, move_stock
from application.stock.places import place_of, stock_at
from domain.catalog.content import Option
from domain.catalog.events import SKU_CLAIM
from domain.catalog.imports.imports import Mode
from domain.catalog.products.product import Product, Status
from domain.catalog.products.variants import Numbers, SkuTaken
from domain.kernel.events import Claim
from domain.kernel.refusals import NotFound, RuleBroken
from domain.pricing.events import STANDARD_LIST
from domain.pricing.prices import UNPRICED, Prices
from domain.pricing.setting import PriceInvalid
from domain.stock.movements import Reason


class SkuExists(RuleBroken):
    """A row that may only create names a SKU that is there."""

    code = "catalog.import_sku_exists"


class SkuUnknown(NotFound):
    """A row that may only update names a SKU that is not there."""

    code = "catalog.import_sku_unknown"


class Rehearsed(RuleBroken):
    """What a dry run ends with, so that nothing of it is recorded; `outcome` says the result."""

    code = "catalog.import_rehearsed"


@dataclass(frozen=True, slots=True)
class ImportedResult:
    """What became of a row: created, updated or unchanged."""

    outcome: str
    product_id: str
    variant_id: str


def import_row(command: ImportRow, book: Book) -> ImportedResult:
    """Carry out a row: all of it or nothing."""
    # Both ids are made whether they are needed or not, so that all can be looked up at once.
    made, variant_id = command.new_ids or (book.new_id("prd"), book.new_id("var"))
    look_at_new(command, book, command.product_id or made, variant_id)
    holder, begins = book.owner(Claim(SKU_CLAIM, command.sku)), False
    if holder is None:
        product_id = command.product_id or made
        if command.mode is Mode.UPDATE:
            raise SkuUnknown("there is no such SKU", field="sku")
        begins = book.find(Product, product_id) is None
        if begins:
            begin(command, book, product_id)
        _add(command, book, product_id, variant_id)
    else:
        product_id = _product_of(command, holder)
        product = known(book, product_id)
        variant_id = next(one for one, of in product.variants.items() if of.sku == command.sku)
        look_at_known(command, book, product, variant_id)
        renumber(command, book, product_id, variant_id)
    if not begins:
        tell(command, book, product_id)
        sort(command, book, product_id)
    _price(command, book, variant_id)
    _stock(command, book, variant_id)
    _stand(command, book, product_id)
    changed = "updated" if book.events else "unchanged"
    result = ImportedResult("created" if holder is None else changed, product_id, variant_id)
    if command.dry_run:
        raise Rehearsed("a dry run records nothing", outcome=result.outcome)
    return result


def _product_of(command: ImportRow, holder: str) -> str:
    """Give the product that a row changes; refuse what the row may not do."""
    if command.mode is Mode.CREATE:
        raise SkuExists("this SKU is there already", field="sku")
    product_id = holder.partition("-")[2]
    if command.product_id not in {None, product_id}:
        raise SkuTaken("a variant of another product has this SKU", sku=command.sku)
    return product_id


def _add(command: ImportRow, book: Book, product_id: str, variant_id: str) -> None:
    """Add a variant to its product."""
    if command.options:
        _widen(command, book, product_id)
    numbers = Numbers(command.sku, command.gtin, command.barcode, command.weight_grams)
    variant = NewVariant(numbers, command.options, variant_id)
    add_variants(AddVariants(product_id, (variant,)), book)


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
