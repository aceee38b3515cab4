"""How somebody logs in: the address, in clear and hashed, and what it means for an account."""

from dataclasses import dataclass

from application.book import Book
from domain.identity import accounts
from domain.identity.account import Account, AccountNotFound, Login
from domain.identity.events import LOGIN_CLAIM
from domain.kernel.events import Claim, Personal
from domain.kernel.refusals import Invalid


class LoginNeeded(Invalid):
    """Whoever has an account has an e-mail address."""

    code = "identity.login_needed"


@dataclass(frozen=True, slots=True)
class EmailAddress:
    """An address in clear and its keyed hash, which the edge makes."""

    address: str
    key: str


def login_of(email: EmailAddress, person_id: str) -> Login:
    """Make of an address what an account keeps of it."""
    return Login(Personal(person_id, email.address), email.key)


def holder_of(email: EmailAddress, book: Book) -> str | None:
    """Give the stream of the account that logs in with an address."""
    return book.owner(Claim(LOGIN_CLAIM, email.key))


def known_account(book: Book, person_id: str) -> Account:
    """Load an account that the caller may act on; another's is as absent as none."""
    account = book.find(Account, person_id)
    foreign = book.actor.on_behalf_of not in {None, person_id}
    if account is None or account.closed or foreign:
        raise AccountNotFound("there is no such account")
    return account


def move_login(book: Book, person_id: str, email: EmailAddress | None) -> None:
    """Let an account, if the person has one, follow the address that they are reached at."""
    account = book.find(Account, person_id)
    if account is None or account.closed:
        return
    if email is None:
        raise LoginNeeded("whoever logs in needs an e-mail address; close the account first")
    login = login_of(email, person_id)
    book.record(*accounts.change_login(account, login, holder=holder_of(email, book)))
