"""Erase a person: what is sealed with their key opens for nobody any more, and the books stay."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from application.book import Book, Missing
from application.users.customers import known
from domain.identity import accounts, sessions
from domain.identity.account import Account
from domain.kernel.events import Claim
from domain.users import customer
from domain.users.customer import ErasureReason, MoneyLeft
from domain.wallet import standing
from domain.wallet.events import OWNER_CLAIM
from domain.wallet.requests.stages import Stage
from domain.wallet.requests.topups import TopUpRequest
from domain.wallet.standing import WalletNotEmpty
from domain.wallet.standing_events import WalletClosed
from domain.wallet.wallet import Wallet


@dataclass(frozen=True, slots=True)
class ErasePerson:
    """Forget a customer for good: their account ends, and nobody can read what was kept of them.

    Refused while a wallet of theirs holds anything or a request of theirs is open. The edge says in
    which `currencies` wallets can be, and which `requests` for top-ups it saw open.
    """

    NAME: ClassVar[str] = "users.erase_person"

    customer_id: str
    reason: ErasureReason
    currencies: tuple[str, ...]
    requests: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ErasedResult:
    """Who was forgotten, and when."""

    customer_id: str
    erased_at: datetime


def erase_person(command: ErasePerson, book: Book) -> ErasedResult:
    """Close the wallets and the account, and destroy the key with the last event."""
    found = known(book, command.customer_id)
    account = book.find(Account, found.customer_id)
    _check_proven(book, account)
    _check_requests(book, command.requests)
    wallets = _wallets_of(book, found.customer_id, command.currencies)
    closed = [event for wallet in wallets for event in _closed(wallet)]
    if account is not None and not account.closed:
        book.record(*accounts.close(account))
    login_key = account.login_key if account is not None else None
    book.record(*closed, *customer.erase(found, reason=command.reason, login_key=login_key))
    return ErasedResult(found.customer_id, book.now)


def _check_proven(book: Book, account: Account | None) -> None:
    """Ask whoever erases themselves to have proven lately that it is them."""
    session_id = book.actor.session_id
    if account is not None and session_id is not None and book.actor.actor_id == account.person_id:
        sessions.check_stepped_up(account, session_id=session_id, at=book.now)


def _wallets_of(book: Book, owner: str, currencies: Iterable[str]) -> list[Wallet]:
    """Find the wallets that a person has: one at most in a currency, by its unique key."""
    streams: list[str] = []
    lacking: Missing | None = None
    for currency in currencies:
        try:
            stream = book.owner(Claim(OWNER_CLAIM, f"{owner}/{currency}"))
        except Missing as missing:  # so that all are fetched for together
            lacking = missing
        else:
            streams += [stream] if stream is not None else []
    if lacking is not None:
        raise lacking
    keys = [stream.partition("-")[2] for stream in streams]
    return [wallet for wallet in book.find_all(Wallet, keys) if wallet is not None]


def _closed(wallet: Wallet) -> tuple[WalletClosed, ...]:
    try:
        return standing.close(wallet, reason=None)
    except WalletNotEmpty as left:
        raise MoneyLeft(
            "money is left in a wallet of theirs", wallet_id=wallet.wallet_id, **left.facts
        ) from left


def _check_requests(book: Book, requests: Iterable[str]) -> None:
    for request in book.find_all(TopUpRequest, requests):
        if request is not None and request.stage is Stage.PENDING:
            raise MoneyLeft("a request of theirs is open", request_id=request.request_id)
