"""Open wallets, and choose the scheme they run under."""

from dataclasses import dataclass
from typing import ClassVar

from application.book import Book
from domain.kernel.events import Claim
from domain.kernel.refusals import Forbidden
from domain.users.customer import Customer, check_remembered
from domain.wallet import scheme, wallet
from domain.wallet.events import OWNER_CLAIM, SCHEME_KEY
from domain.wallet.scheme import Scheme, SchemeMode
from domain.wallet.wallet import Wallet


class OwnerNotYours(Forbidden):
    """A customer opens wallets for themselves only."""

    code = "wallet.owner_not_yours"


@dataclass(frozen=True, slots=True)
class OpenWallet:
    """Open a wallet of `currency` for a customer (`owner`)."""

    NAME: ClassVar[str] = "wallet.open_wallet"

    owner: str
    currency: str
    wallet_id: str | None = None


@dataclass(frozen=True, slots=True)
class WalletOpenedResult:
    """The wallet that was opened."""

    wallet_id: str


def open_wallet(command: OpenWallet, book: Book) -> WalletOpenedResult:
    """Open one wallet per owner and currency."""
    if book.actor.on_behalf_of not in {None, command.owner}:
        raise OwnerNotYours("a customer opens wallets for themselves only")
    book.books()
    wallet_id = command.wallet_id or book.new_id("wal")
    book.need((Wallet, wallet_id), (Customer, command.owner))
    check_remembered(book.find(Customer, command.owner))
    owned = book.owner(Claim(OWNER_CLAIM, f"{command.owner}/{command.currency}"))
    book.record(
        *wallet.open_wallet(
            book.find(Wallet, wallet_id),
            owned,
            wallet_id=wallet_id,
            owner=command.owner,
            currency=command.currency,
        )
    )
    return WalletOpenedResult(wallet_id)


@dataclass(frozen=True, slots=True)
class OpenFirstWallet:
    """Open the wallet that a customer has from the beginning, in the books' base currency."""

    NAME: ClassVar[str] = "wallet.open_first_wallet"

    owner: str


def open_first_wallet(command: OpenFirstWallet, book: Book) -> WalletOpenedResult:
    """Open it; who has one is refused another."""
    return open_wallet(OpenWallet(command.owner, book.books().base_currency), book)


@dataclass(frozen=True, slots=True)
class ChooseScheme:
    """Choose whether this tenant's wallets are closed-loop or licensed."""

    NAME: ClassVar[str] = "wallet.choose_scheme"

    mode: SchemeMode


def choose_scheme(command: ChooseScheme, book: Book) -> None:
    """Choose the scheme; only the platform's operators send this."""
    book.record(*scheme.choose(book.find(Scheme, SCHEME_KEY), command.mode))
