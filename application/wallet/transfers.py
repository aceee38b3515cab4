"""Money from one customer's wallet to another's."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from application.book import Book
from application.wallet import limits
from application.wallet.access import reach
from domain.kernel.money import Money
from domain.wallet import transfers
from domain.wallet.events import SCHEME_KEY
from domain.wallet.limits.limits import LimitKind
from domain.wallet.scheme import Scheme, check_transfers_licensed
from domain.wallet.wallet import Wallet, WalletNotFound


@dataclass(frozen=True, slots=True)
class TransferFunds:
    """Send money from `source` to `target`, both wallets of this tenant and one currency."""

    NAME: ClassVar[str] = "wallet.transfer_funds"

    source: str
    target: str
    amount: Money
    effective_on: date | None = None


@dataclass(frozen=True, slots=True)
class TransferResult:
    """The transfer, and the entry that moved the money."""

    transfer_id: str
    entry_id: str


def transfer_funds(command: TransferFunds, book: Book) -> TransferResult:
    """Send money; a customer sends only from their own wallet, to anyone's."""
    check_transfers_licensed(book.find(Scheme, SCHEME_KEY))
    found, target = book.find_all(Wallet, (command.source, command.target))
    source = reach(book, found)
    if target is None:
        raise WalletNotFound("there is no such wallet to send to")
    result = TransferResult(book.new_id("trf"), source.next_entry)
    day = book.day(command.effective_on)
    book.record(
        *transfers.send(
            source, target, command.amount, transfer_id=result.transfer_id, effective_on=day
        )
    )
    limits.count(book, source, LimitKind.TRANSFER, command.amount)
    return result
