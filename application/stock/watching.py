"""Hear of a variant when it is there again: customers at once, guests once they confirmed."""

from dataclasses import dataclass
from typing import ClassVar

from application.book import Book
from application.catalog.finding import VariantNotFound, product_of
from application.identity.logins import EmailAddress
from application.stock.places import available_anywhere
from domain.stock import watches
from domain.stock.watch_events import WATCHING_KEY
from domain.stock.watches import Ending, Watch, Watching

GUEST = "eml_"
GUEST_KEY_LENGTH = 40
"""Of the keyed hash of an address so many characters tell guests apart."""


@dataclass(frozen=True, slots=True)
class WatchVariant:
    """Mail a customer once when a variant can be bought again."""

    NAME: ClassVar[str] = "stock.watch"

    product_id: str
    variant_id: str
    customer_id: str


@dataclass(frozen=True, slots=True)
class WatchResult:
    """That it was noted; never who else waits."""

    requested: bool = True


def watch_variant(command: WatchVariant, book: Book) -> WatchResult:
    """Let a customer wait."""
    _check_product(book, command.product_id, command.variant_id)
    events = watches.begin(
        _watch(book, command.variant_id, command.customer_id),
        variant_id=command.variant_id,
        watcher_id=command.customer_id,
        product_id=command.product_id,
        available=available_anywhere(book, command.variant_id),
    )
    _note_watching(book)
    book.record(*events)
    return WatchResult()


@dataclass(frozen=True, slots=True)
class AskToWatch:
    """Mail a link to an address; whoever confirms it is mailed once when it can be bought again."""

    NAME: ClassVar[str] = "stock.ask_to_watch"

    product_id: str
    variant_id: str
    email: EmailAddress
    locale: str


def ask_to_watch(command: AskToWatch, book: Book) -> WatchResult:
    """Let a guest ask. Nobody learns from the answer whether the address waits already."""
    _check_product(book, command.product_id, command.variant_id)
    watcher_id = GUEST + command.email.key[:GUEST_KEY_LENGTH]
    events = watches.ask(
        _watch(book, command.variant_id, watcher_id),
        variant_id=command.variant_id,
        watcher_id=watcher_id,
        product_id=command.product_id,
        subject_id=book.new_id("gst"),
        email=command.email.address,
        locale=command.locale,
        available=available_anywhere(book, command.variant_id),
        at=book.now,
    )
    _note_watching(book)
    book.record(*events)
    return WatchResult()


@dataclass(frozen=True, slots=True)
class ConfirmWatch:
    """Let a guest wait, who has shown that the address is theirs."""

    NAME: ClassVar[str] = "stock.confirm_watch"

    variant_id: str
    watcher_id: str


def confirm_watch(command: ConfirmWatch, book: Book) -> WatchResult:
    """Confirm it."""
    watch = _watch(book, command.variant_id, command.watcher_id)
    available = available_anywhere(book, command.variant_id)
    book.record(*watches.confirm(watch, at=book.now, available=available))
    return WatchResult()


@dataclass(frozen=True, slots=True)
class NotifyWatcher:
    """Let the one notice of a watch go out."""

    NAME: ClassVar[str] = "stock.notify_watcher"

    variant_id: str
    watcher_id: str


def notify_watcher(command: NotifyWatcher, book: Book) -> WatchResult:
    """Notify whoever waits, if the variant can still be bought."""
    watch = _watch(book, command.variant_id, command.watcher_id)
    available = available_anywhere(book, command.variant_id)
    book.record(*watches.notify(watch, available=available))
    return WatchResult()


@dataclass(frozen=True, slots=True)
class EndWatch:
    """Let somebody wait no more; a guest's address is forgotten."""

    NAME: ClassVar[str] = "stock.end_watch"

    variant_id: str
    watcher_id: str
    reason: Ending = Ending.UNSUBSCRIBED


def end_watch(command: EndWatch, book: Book) -> WatchResult:
    """End it; who never waited waits no more, either."""
    watch = _watch(book, command.variant_id, command.watcher_id)
    book.record(*watches.end(watch, command.reason))
    return WatchResult()


@dataclass(frozen=True, slots=True)
class LapseWatch:
    """Forget an address that nobody confirmed; the timer that was set for it sends this."""

    NAME: ClassVar[str] = "stock.lapse_watch"

    variant_id: str
    watcher_id: str


def lapse_watch(command: LapseWatch, book: Book) -> WatchResult:
    """Let it lapse."""
    watch = _watch(book, command.variant_id, command.watcher_id)
    book.record(*watches.lapse(watch, at=book.now))
    return WatchResult()


def _check_product(book: Book, product_id: str, variant_id: str) -> None:
    if product_of(book, variant_id) != product_id:
        raise VariantNotFound("there is no such variant")


def _watch(book: Book, variant_id: str, watcher_id: str) -> Watch | None:
    return book.find(Watch, f"{variant_id}.{watcher_id}")


def _note_watching(book: Book) -> None:
    book.record(*watches.begin_watching(book.find(Watching, WATCHING_KEY)))
