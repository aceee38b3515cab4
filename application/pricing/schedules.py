"""Scheduled prices; timers begin and end them."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from application.book import Book
from application.pricing.price_lists import price_list_of
from application.pricing.prices import prices_of
from domain.kernel.money import Money
from domain.pricing import schedules
from domain.pricing.events import STANDARD_LIST
from domain.pricing.prices import UNPRICED, Price, Prices, Schedule


@dataclass(frozen=True, slots=True)
class SchedulePrice:
    """Let a variant cost something else for a span of time to come; without an end it stays.

    Spans of one list and quantity do not overlap. When one ends, what was set last holds again.
    """

    NAME: ClassVar[str] = "pricing.schedule_price"

    variant_id: str
    amount: Money
    begins_at: datetime
    ends_at: datetime | None = None
    list_price: Money | None = None
    price_list_id: str = STANDARD_LIST
    minimum_quantity: int = 1
    schedule_id: str | None = None


@dataclass(frozen=True, slots=True)
class ScheduleResult:
    """The schedule, and whose prices it is about."""

    variant_id: str
    schedule_id: str


def schedule_price(command: SchedulePrice, book: Book) -> ScheduleResult:
    """Schedule a price."""
    variant_id = command.variant_id
    prices = prices_of(book, variant_id)
    wanted = Schedule(
        command.schedule_id or book.new_id("sch"),
        command.price_list_id,
        command.minimum_quantity,
        Price(command.amount, command.list_price),
        command.begins_at,
        command.ends_at,
    )
    price_list = price_list_of(book, command.price_list_id)
    book.record(*schedules.schedule(prices, price_list, wanted, variant_id=variant_id, at=book.now))
    return ScheduleResult(variant_id, wanted.schedule_id)


@dataclass(frozen=True, slots=True)
class CancelSchedule:
    """Take a scheduled price back; one that holds already ends now."""

    NAME: ClassVar[str] = "pricing.cancel_schedule"

    variant_id: str
    schedule_id: str


def cancel_schedule(command: CancelSchedule, book: Book) -> ScheduleResult:
    """Take it back."""
    variant_id, schedule_id = command.variant_id, command.schedule_id
    book.record(*schedules.cancel(_prices(book, variant_id), schedule_id, variant_id=variant_id))
    return ScheduleResult(variant_id, schedule_id)


@dataclass(frozen=True, slots=True)
class BeginPrice:
    """Let a scheduled price hold; the timer that was set for it sends this."""

    NAME: ClassVar[str] = "pricing.begin_price"

    variant_id: str
    schedule_id: str


@dataclass(frozen=True, slots=True)
class EndPrice:
    """Let a scheduled price hold no longer; the timer that was set for it sends this."""

    NAME: ClassVar[str] = "pricing.end_price"

    variant_id: str
    schedule_id: str


def begin_price(command: BeginPrice, book: Book) -> ScheduleResult:
    """Begin it."""
    variant_id, schedule_id = command.variant_id, command.schedule_id
    prices = _prices(book, variant_id)
    book.record(*schedules.begin(prices, schedule_id, variant_id=variant_id, at=book.now))
    return ScheduleResult(variant_id, schedule_id)


def end_price(command: EndPrice, book: Book) -> ScheduleResult:
    """End it."""
    variant_id, schedule_id = command.variant_id, command.schedule_id
    prices = _prices(book, variant_id)
    book.record(*schedules.end(prices, schedule_id, variant_id=variant_id, at=book.now))
    return ScheduleResult(variant_id, schedule_id)


def _prices(book: Book, variant_id: str) -> Prices:
    return book.find(Prices, variant_id) or UNPRICED
