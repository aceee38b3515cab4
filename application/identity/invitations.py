"""Open accounts for people who did not register themselves.

They choose their password by a link that is mailed to them; until then nobody can log in as them.
"""

from dataclasses import dataclass
from typing import ClassVar

from application.book import Book
from application.identity.accounts import AccountResult, OpenAccount, open_account
from application.identity.logins import EmailAddress
from application.users.customers import known
from domain.identity.account import Kind
from domain.identity.roles import BuiltIn
from domain.kernel.refusals import RuleBroken


class LoginDiffers(RuleBroken):
    """A customer logs in with the address that they are reached at."""

    code = "identity.login_differs"


@dataclass(frozen=True, slots=True)
class OpenStaffAccount:
    """Let somebody new log in as staff; the platform's log then gets their name."""

    NAME: ClassVar[str] = "identity.open_staff_account"

    email: EmailAddress
    roles: tuple[str, ...]


def open_staff_account(command: OpenStaffAccount, book: Book) -> AccountResult:
    """Open an account for a new staff member, whose id is made here."""
    staff_id = book.new_id("stf")
    return open_account(OpenAccount(staff_id, Kind.STAFF, command.email, command.roles), book)


@dataclass(frozen=True, slots=True)
class OpenCustomerAccount:
    """Let a customer who has a record log in with the address that the edge found there."""

    NAME: ClassVar[str] = "identity.open_customer_account"

    customer_id: str
    email: EmailAddress


def open_customer_account(command: OpenCustomerAccount, book: Book) -> AccountResult:
    """Open an account unless the customer's address has changed meanwhile."""
    customer = known(book, command.customer_id)
    if customer.email_key != command.email.key:
        raise LoginDiffers("the customer's address has changed; try again")
    roles: tuple[str, ...] = (BuiltIn.CUSTOMER.value,)
    return open_account(
        OpenAccount(customer.customer_id, Kind.CUSTOMER, command.email, roles), book
    )
