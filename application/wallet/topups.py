"""Money into a wallet, entered by staff."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from application.book import Book
from application.wallet.access import staff_only, wallet_of
from domain.kernel.events import Personal
from domain.kernel.money import Money
from domain.wallet import topups


@dataclass(frozen=True, slots=True)
class TopUp:
    """Enter money that reached the tenant on `source` (an account, such as `bank`)."""

    NAME: ClassVar[str] = "wallet.top_up"

    wallet_id: str
    amount: Money
    source: str = "bank"
    effective_on: date | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class TopUpResult:
    """The top-up, and the entry that moved the money."""

    top_up_id: str
    entry_id: str


def top_up(command: TopUp, book: Book) -> TopUpResult:
    """Enter a top-up."""
    staff_only(book)
    wallet = wallet_of(book, command.wallet_id)
    result = TopUpResult(book.new_id("top"), wallet.next_entry)
    book.books().account(command.source)
    book.record(
        *topups.top_up(
            wallet,
            command.amount,
            top_up_id=result.top_up_id,
            source=command.source,
            effective_on=book.day(command.effective_on),
            note=Personal(wallet.owner, command.note) if command.note else None,
        )
    )
    return result


@dataclass(frozen=True, slots=True)
class CreditFunds:
    """Give a wallet money out of an account of the shop, such as `sales.returns`."""

    NAME: ClassVar[str] = "wallet.credit_funds"

    wallet_id: str
    amount: Money
    source: str = "sales.returns"
    effective_on: date | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class CreditResult:
    """The credit, and the entry that moved the money."""

    credit_id: str
    entry_id: str


def credit_funds(command: CreditFunds, book: Book) -> CreditResult:
    """Enter a credit."""
    staff_only(book)
    wallet = wallet_of(book, command.wallet_id)
    result = CreditResult(book.new_id("crd"), wallet.next_entry)
    book.books().account(command.source)
    book.record(
        *topups.credit(
            wallet,
            command.amount,
            credit_id=result.credit_id,
            source=command.source,
            effective_on=book.day(command.effective_on),
            note=Personal(wallet.owner, command.note) if command.note else None,
        )
    )
    return result
