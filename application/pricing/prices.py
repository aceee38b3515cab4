"""Prices of variants: set one, set all of a list, and ask which one a customer gets."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from application.book import Book
from application.catalog.finding import product_of
from application.pricing.price_lists import price_list_of
from domain.catalog.variant_events import VARIANT_CLAIM
from domain.kernel.events import Claim
from domain.kernel.money import Money
from domain.pricing import choosing, setting
from domain.pricing.choosing import Buyer, Choice
from domain.pricing.events import STANDARD_LIST
from domain.pricing.prices import UNPRICED, Price, Prices
from domain.pricing.setting import TierPrice


@dataclass(frozen=True, slots=True)
class SetPrice:
    """Say what one unit costs from now on, for whoever buys so many; no amount is no price.

    A schedule that runs is overruled, and what is set here also holds when it ends.
    """

    NAME: ClassVar[str] = "pricing.set_price"

    variant_id: str
    amount: Money | None
    list_price: Money | None = None
    price_list_id: str = STANDARD_LIST
    minimum_quantity: int = 1
    since: datetime | None = None
    """Since when it has held, where that was noted elsewhere; such prices are told oldest first."""


@dataclass(frozen=True, slots=True)
class SetTiers:
    """Say what a variant costs in a list from now on, by quantity: all of it."""

    NAME: ClassVar[str] = "pricing.set_tiers"

    variant_id: str
    price_list_id: str
    tiers: tuple[TierPrice, ...]


@dataclass(frozen=True, slots=True)
class PricesResult:
    """Whose prices they are, in which list, and how many of them changed."""

    variant_id: str
    price_list_id: str
    changed: int


def set_price(command: SetPrice, book: Book) -> PricesResult:
    """Set one price."""
    price = None if command.amount is None else Price(command.amount, command.list_price)
    tier = TierPrice(command.minimum_quantity, price, command.since)
    prices = prices_of(book, command.variant_id)
    price_list = price_list_of(book, command.price_list_id)
    variant_id = command.variant_id
    events = setting.set_price(prices, price_list, tier, variant_id=variant_id, at=book.now)
    book.record(*events)
    return PricesResult(variant_id, command.price_list_id, len(events))


def set_tiers(command: SetTiers, book: Book) -> PricesResult:
    """Take away what is left out, then set what is there."""
    variant_id = command.variant_id
    price_list = price_list_of(book, command.price_list_id)
    missing = setting.missing_tiers(prices_of(book, variant_id), price_list, command.tiers)
    changed = 0
    for tier in (*missing, *command.tiers):
        prices = book.find(Prices, variant_id) or UNPRICED
        events = setting.set_price(prices, price_list, tier, variant_id=variant_id, at=book.now)
        book.record(*events)
        changed += len(events)
    return PricesResult(variant_id, command.price_list_id, changed)


def prices_of(book: Book, variant_id: str) -> Prices:
    """Give the prices of a variant; refuse what is none."""
    book.need((Prices, variant_id), claims=(Claim(VARIANT_CLAIM, variant_id),))
    product_of(book, variant_id)
    return book.find(Prices, variant_id) or UNPRICED


def is_priced(book: Book, variant_id: str) -> bool:
    """Say whether a variant has a price in the standard list now."""
    prices = book.find(Prices, variant_id)
    return prices is not None and bool(prices.of_list(STANDARD_LIST))


def price_for(book: Book, variant_id: str, buyer: Buyer, *, quantity: int) -> Choice | None:
    """Give the price at which somebody buys so many of a variant, or None where it has none."""
    prices = prices_of(book, variant_id)
    names = sorted({tier.price_list_id for tier in prices.tiers})
    lists = [price_list_of(book, name) for name in names]
    return choosing.choose(prices, lists, buyer, quantity=quantity)
