"""Accounts: register, open for somebody who is known, verify, assign roles, suspend."""

from dataclasses import dataclass
from typing import ClassVar

from application.book import Book
from application.identity.logins import EmailAddress, holder_of, known_account, login_of
from application.tenants.tenants import PLATFORM
from application.users.customers import RegisterCustomer, register_customer
from domain.identity import accounts, admins, roles
from domain.identity.account import Account, Kind
from domain.identity.admins import OwnAccount
from domain.identity.events import ROLES_KEY, PasswordSet
from domain.identity.roles import BuiltIn, Roles
from domain.kernel.events import Personal
from domain.users.customer import Locale

REGISTERED = "registered"
CHANGED = "changed"
RESET = "reset"


@dataclass(frozen=True, slots=True)
class Register:
    """Register oneself: a customer's record, an account, and a wallet that follows by itself.

    The edge chose `person_id` and keeps the password under it.
    """

    NAME: ClassVar[str] = "identity.register"

    person_id: str
    name: str
    email: EmailAddress
    locale: Locale


@dataclass(frozen=True, slots=True)
class AccountResult:
    """Whose account it is: a customer's or a staff member's id."""

    person_id: str


def register(command: Register, book: Book) -> AccountResult:
    """Register a person who had no record in this tenant."""
    person_id = command.person_id
    register_customer(
        RegisterCustomer(command.name, command.email, command.locale, person_id), book
    )
    _open(book, person_id, Kind.CUSTOMER, command.email, (BuiltIn.CUSTOMER,))
    book.record(PasswordSet(person_id, REGISTERED))
    return AccountResult(person_id)


@dataclass(frozen=True, slots=True)
class OpenAccount:
    """Let somebody who is known log in; they choose their password by a link that is mailed."""

    NAME: ClassVar[str] = "identity.open_account"

    person_id: str
    kind: Kind
    email: EmailAddress
    roles: tuple[str, ...]


def open_account(command: OpenAccount, book: Book) -> AccountResult:
    """Open an account for a customer or a staff member, whom the edge has looked up."""
    _check_roles(book, command.roles, command.kind)
    _open(book, command.person_id, command.kind, command.email, command.roles)
    return AccountResult(command.person_id)


@dataclass(frozen=True, slots=True)
class VerifyEmail:
    """Note that a person reads what is sent to an address; the edge has checked the link."""

    NAME: ClassVar[str] = "identity.verify_email"

    person_id: str
    login_key: str


def verify_email(command: VerifyEmail, book: Book) -> AccountResult:
    """Note it, if it is still the address they log in with."""
    account = known_account(book, command.person_id)
    book.record(*accounts.verify_email(account, login_key=command.login_key))
    return AccountResult(command.person_id)


@dataclass(frozen=True, slots=True)
class SetPassword:
    """Note that a password was changed or reset; all sessions but `keeping` are over.

    Whoever followed a mailed link reads what is sent to `verified_key`, the hash of the address.
    """

    NAME: ClassVar[str] = "identity.set_password"

    person_id: str
    how: str
    keeping: str | None = None
    verified_key: str | None = None


def set_password(command: SetPassword, book: Book) -> AccountResult:
    """Note it; the password itself stands in no event."""
    account = known_account(book, command.person_id)
    book.record(*accounts.set_password(account, how=command.how, keeping=command.keeping))
    if command.verified_key is not None:
        book.record(*accounts.verify_email(account, login_key=command.verified_key))
    return AccountResult(command.person_id)


@dataclass(frozen=True, slots=True)
class AssignRoles:
    """Give an account these roles and no others, from the next request on.

    `admins` are other admins whom the edge has looked up: one of them must still be one.
    """

    NAME: ClassVar[str] = "identity.assign_roles"

    person_id: str
    roles: tuple[str, ...]
    admins: tuple[str, ...] = ()


def assign_roles(command: AssignRoles, book: Book) -> AccountResult:
    """Assign roles that fit the kind of account."""
    account = known_account(book, command.person_id)
    _check_roles(book, command.roles, account.kind)
    _check_admin_left(book, account, command.admins, after=command.roles)
    book.record(*accounts.assign_roles(account, command.roles))
    return AccountResult(command.person_id)


@dataclass(frozen=True, slots=True)
class SuspendAccount:
    """Let nobody use an account for the time being; its sessions are over at once.

    `admins` are as in `AssignRoles`.
    """

    NAME: ClassVar[str] = "identity.suspend_account"

    person_id: str
    reason: str
    admins: tuple[str, ...] = ()


def suspend_account(command: SuspendAccount, book: Book) -> AccountResult:
    """Suspend an account; what its person has ordered or owns stays."""
    account = known_account(book, command.person_id)
    if command.person_id == book.actor.actor_id:
        raise OwnAccount("nobody suspends themselves; ask a colleague")
    _check_admin_left(book, account, command.admins)
    book.record(*accounts.suspend(account, Personal(command.person_id, command.reason)))
    return AccountResult(command.person_id)


@dataclass(frozen=True, slots=True)
class ReactivateAccount:
    """Let a suspended account be used again."""

    NAME: ClassVar[str] = "identity.reactivate_account"

    person_id: str


def reactivate_account(command: ReactivateAccount, book: Book) -> AccountResult:
    """Reactivate an account."""
    account = known_account(book, command.person_id)
    book.record(*accounts.reactivate(account))
    return AccountResult(command.person_id)


def _open(
    book: Book, person_id: str, kind: Kind, email: EmailAddress, given: tuple[str, ...]
) -> None:
    book.record(
        *accounts.open_account(
            book.find(Account, person_id),
            login_of(email, person_id),
            person_id=person_id,
            kind=kind,
            roles=given,
            holder=holder_of(email, book),
        )
    )


def _check_roles(book: Book, asked: tuple[str, ...], kind: Kind) -> None:
    known = book.find(Roles, ROLES_KEY)
    roles.check_roles(known, asked, kind=kind, platform=_in_platform(book))


def _check_admin_left(
    book: Book, account: Account, others: tuple[str, ...], *, after: tuple[str, ...] = ()
) -> None:
    role = BuiltIn.PLATFORM_ADMIN if _in_platform(book) else BuiltIn.TENANT_ADMIN
    admins.check_left(account, book.find_all(Account, others), role=role, after=after)


def _in_platform(book: Book) -> bool:
    return book.envelope.tenant_id == PLATFORM
