"""Open a tenant's books and extend its chart of accounts."""

from dataclasses import dataclass
from typing import ClassVar

from application.book import Book
from application.ledger.access import staff_only
from domain.ledger import books
from domain.ledger.accounts import AccountType
from domain.ledger.books import Books
from domain.ledger.events import BOOKS_KEY


@dataclass(frozen=True, slots=True)
class OpenBooks:
    """Open the books, with the currency and the IANA time zone that decide amounts and days."""

    NAME: ClassVar[str] = "ledger.open_books"

    base_currency: str
    time_zone: str


def open_books(command: OpenBooks, book: Book) -> None:
    """Open the books, once."""
    book.record(
        *books.open_books(
            book.find(Books, BOOKS_KEY),
            base_currency=command.base_currency,
            time_zone=command.time_zone,
        )
    )


@dataclass(frozen=True, slots=True)
class OpenAccount:
    """Add an account to the tenant's chart."""

    NAME: ClassVar[str] = "ledger.open_account"

    code: str
    type: AccountType
    name: str


def open_account(command: OpenAccount, book: Book) -> None:
    """Add the account."""
    staff_only(book)
    book.record(
        *books.open_account(book.books(), code=command.code, type=command.type, name=command.name)
    )
