"""Whose wallets a caller reaches: a customer only their own, staff all of the tenant's."""

from application.book import Book
from domain.kernel.refusals import Forbidden
from domain.wallet.wallet import Wallet, WalletNotFound


class StaffOnly(Forbidden):
    """Only staff acting as themselves enter money and decide about it."""

    code = "wallet.staff_only"


def staff_only(book: Book) -> None:
    """Refuse a caller who acts for a customer."""
    if book.actor.on_behalf_of is not None:
        raise StaffOnly("only staff acting as themselves do this; leave Defter-Act-For away")


def reach(book: Book, wallet: Wallet | None) -> Wallet:
    """Give the wallet if the caller may act on it; another person's is as absent as none."""
    customer = book.actor.on_behalf_of
    if wallet is None or (customer is not None and wallet.owner != customer):
        raise WalletNotFound("there is no such wallet")
    return wallet


def wallet_of(book: Book, wallet_id: str) -> Wallet:
    """Load a wallet that the caller may act on."""
    return reach(book, book.find(Wallet, wallet_id))
