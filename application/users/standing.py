"""Suspend customers, and let them in again. What they ordered or own stays."""

from dataclasses import dataclass
from typing import ClassVar

from application.book import Book
from application.users.customers import known
from domain.identity import accounts
from domain.identity.account import Account
from domain.kernel.events import Personal
from domain.kernel.refusals import RuleBroken
from domain.wallet import standing
from domain.wallet.wallet import Status, Wallet


class NoAccount(RuleBroken):
    """Nobody logs in as this customer, so there is nothing to suspend."""

    code = "users.customer_has_no_account"


class CustomerSuspended(RuleBroken):
    """The customer is suspended already."""

    code = "users.customer_suspended"


@dataclass(frozen=True, slots=True)
class SuspendCustomer:
    """Let a customer log in no more for the time being; their sessions are over at once.

    The `wallets`, which the edge has looked up, are frozen with it as far as they can be used.
    """

    NAME: ClassVar[str] = "users.suspend_customer"

    customer_id: str
    reason: str
    wallets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CustomerStandingResult:
    """Whether a customer may log in now, and the wallets that were frozen."""

    customer_id: str
    suspended: bool
    frozen: tuple[str, ...] = ()


def suspend_customer(command: SuspendCustomer, book: Book) -> CustomerStandingResult:
    """Suspend a customer's account, and freeze their wallets, all or nothing."""
    account = _account(book, command.customer_id)
    if account.suspended:
        raise CustomerSuspended("the customer is suspended already")
    reason = Personal(account.person_id, command.reason)
    usable = [
        wallet
        for wallet in book.find_all(Wallet, command.wallets)
        if wallet is not None and wallet.owner == account.person_id and wallet.status is Status.OPEN
    ]
    book.record(*accounts.suspend(account, reason))
    for wallet in usable:
        book.record(*standing.freeze(wallet, reason=reason))
    frozen = tuple(wallet.wallet_id for wallet in usable)
    return CustomerStandingResult(account.person_id, suspended=True, frozen=frozen)


@dataclass(frozen=True, slots=True)
class ReactivateCustomer:
    """Let a suspended customer log in again. Frozen wallets are unfrozen one by one."""

    NAME: ClassVar[str] = "users.reactivate_customer"

    customer_id: str


def reactivate_customer(command: ReactivateCustomer, book: Book) -> CustomerStandingResult:
    """Reactivate a customer's account."""
    account = _account(book, command.customer_id)
    book.record(*accounts.reactivate(account))
    return CustomerStandingResult(account.person_id, suspended=False)


def _account(book: Book, customer_id: str) -> Account:
    account = book.find(Account, known(book, customer_id).customer_id)
    if account is None or account.closed:
        raise NoAccount("nobody logs in as this customer; freeze their wallets instead")
    return account
