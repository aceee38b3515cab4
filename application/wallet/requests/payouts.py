"""What the bank did with an approved withdrawal."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from application.book import Book
from application.wallet.access import staff_only
from application.wallet.requests.finding import RequestResult, withdrawal_of
from domain.kernel.events import Personal
from domain.wallet.requests import withdrawals
from domain.wallet.requests.stages import Stage


@dataclass(frozen=True, slots=True)
class PayWithdrawal:
    """Note that the bank has sent the money of an approved withdrawal, out of `account`."""

    NAME: ClassVar[str] = "wallet.pay_withdrawal"

    request_id: str
    account: str = "bank"
    bank_reference: str | None = None
    effective_on: date | None = None


def pay_withdrawal(command: PayWithdrawal, book: Book) -> RequestResult:
    """Take the held money out of the wallet."""
    staff_only(book)
    asked, wallet = withdrawal_of(book, command.request_id)
    book.books().account(command.account)
    said = command.bank_reference
    entry_id = wallet.next_entry
    book.record(
        *withdrawals.pay(
            asked,
            wallet,
            account=command.account,
            bank_reference=Personal(wallet.owner, said) if said else None,
            effective_on=book.day(command.effective_on),
        )
    )
    return RequestResult(asked.request_id, Stage.PAID, entry_id)


@dataclass(frozen=True, slots=True)
class BounceWithdrawal:
    """Note that the bank did not take an approved withdrawal, or sent a paid one back."""

    NAME: ClassVar[str] = "wallet.bounce_withdrawal"

    request_id: str
    reason: str | None = None
    effective_on: date | None = None


def bounce_withdrawal(command: BounceWithdrawal, book: Book) -> RequestResult:
    """Make the money available again, from where it is."""
    staff_only(book)
    asked, wallet = withdrawal_of(book, command.request_id)
    entry_id = wallet.next_entry
    book.record(
        *withdrawals.bounce(
            asked,
            wallet,
            reason=Personal(wallet.owner, command.reason) if command.reason else None,
            effective_on=book.day(command.effective_on),
        )
    )
    return RequestResult(asked.request_id, Stage.BOUNCED, entry_id)
