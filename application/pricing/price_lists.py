"""Price lists: define one, or tell it anew."""

from dataclasses import dataclass
from typing import ClassVar

from application.book import Book
from domain.pricing import price_lists
from domain.pricing.events import STANDARD_LIST
from domain.pricing.price_lists import PriceList, PriceListNotFound, standard_list


@dataclass(frozen=True, slots=True)
class DefinePriceList:
    """Define a list of prices in one currency; under an id that is known, tell it anew.

    Without a channel or customer group it holds for all of them. Of several lists that hold for a
    customer the one with the highest priority counts.
    """

    NAME: ClassVar[str] = "pricing.define_price_list"

    name: str
    currency: str
    priority: int
    channel: str | None = None
    customer_group: str | None = None
    tax_included: bool = True
    price_list_id: str | None = None


@dataclass(frozen=True, slots=True)
class PriceListResult:
    """The list that it happened to."""

    price_list_id: str


def define_price_list(command: DefinePriceList, book: Book) -> PriceListResult:
    """Define the list."""
    price_list_id = command.price_list_id or book.new_id("plt")
    wanted = PriceList(
        price_list_id,
        command.name,
        command.currency,
        command.channel,
        command.customer_group,
        command.priority,
        command.tax_included,
    )
    book.record(*price_lists.define(book.find(PriceList, price_list_id), wanted))
    return PriceListResult(price_list_id)


def price_list_of(book: Book, price_list_id: str) -> PriceList:
    """Give a price list, the standard one too; refuse what is none."""
    if price_list_id == STANDARD_LIST:
        return standard_list(book.books().base_currency)
    found = book.find(PriceList, price_list_id)
    if found is None:
        raise PriceListNotFound("there is no such price list")
    return found
