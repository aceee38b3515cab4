"""Customer records: register, change the contact, note that an address takes no mail."""

from dataclasses import dataclass
from typing import ClassVar

from application.book import Book
from application.identity.logins import EmailAddress, move_login
from domain.kernel.events import Claim, Personal
from domain.notifications import mailing
from domain.notifications.events import MAILING_KEY
from domain.notifications.mailing import Mailing
from domain.users import customer
from domain.users.customer import (
    Contact,
    Customer,
    CustomerNotFound,
    Email,
    Holders,
    Locale,
    Phone,
)
from domain.users.events import EMAIL_CLAIM, PHONE_CLAIM


@dataclass(frozen=True, slots=True)
class PhoneNumber:
    """A number in clear (ITU-T E.164) and its keyed hash, which the edge makes."""

    number: str
    key: str


@dataclass(frozen=True, slots=True)
class RegisterCustomer:
    """Register a customer; a wallet in the base currency of the books follows by itself."""

    NAME: ClassVar[str] = "users.register_customer"

    name: str | None
    email: EmailAddress | None
    locale: Locale
    customer_id: str | None = None
    phone: PhoneNumber | None = None


@dataclass(frozen=True, slots=True)
class CustomerResult:
    """The customer's id, as Defter-Act-For names it."""

    customer_id: str


def register_customer(command: RegisterCustomer, book: Book) -> CustomerResult:
    """Register a customer, once the books are open: the wallet that follows needs them."""
    book.books()
    customer_id = command.customer_id or book.new_id("cus")
    book.record(
        *customer.register(
            book.find(Customer, customer_id),
            _contact(command, customer_id),
            customer_id=customer_id,
            holders=_holders(command, book),
        )
    )
    _begin_mailing(command.email, book)
    return CustomerResult(customer_id)


@dataclass(frozen=True, slots=True)
class ChangeContact:
    """Say how a customer is reached from now on: all of it, so what is null is gone."""

    NAME: ClassVar[str] = "users.change_contact"

    customer_id: str
    name: str | None
    email: EmailAddress | None
    locale: Locale
    phone: PhoneNumber | None = None


def change_contact(command: ChangeContact, book: Book) -> CustomerResult:
    """Change the contact; a customer changes only their own."""
    found = known(book, command.customer_id)
    contact = _contact(command, found.customer_id)
    book.record(*customer.change_contact(found, contact, holders=_holders(command, book)))
    move_login(book, found.customer_id, command.email)
    _begin_mailing(command.email, book)
    return CustomerResult(found.customer_id)


@dataclass(frozen=True, slots=True)
class MarkUndeliverable:
    """Note that a mail server refused an address for good: no mail goes there any more."""

    NAME: ClassVar[str] = "users.mark_undeliverable"

    customer_id: str
    email_key: str
    reply: str


def mark_undeliverable(command: MarkUndeliverable, book: Book) -> None:
    """Note it, if it is still the customer's address."""
    found = known(book, command.customer_id)
    book.record(*customer.bounce(found, email_key=command.email_key, reply=command.reply))


def known(book: Book, customer_id: str) -> Customer:
    """Load a customer that the caller may act on; another's record is as absent as none.

    Whoever was erased is absent for everybody.
    """
    found = book.find(Customer, customer_id)
    if found is None or found.erased or book.actor.on_behalf_of not in {None, customer_id}:
        raise CustomerNotFound("there is no such customer")
    return found


def _contact(command: RegisterCustomer | ChangeContact, customer_id: str) -> Contact:
    name, email, phone = command.name, command.email, command.phone
    return Contact(
        Personal(customer_id, name) if name is not None else None,
        Email(Personal(customer_id, email.address), email.key) if email is not None else None,
        command.locale,
        Phone(Personal(customer_id, phone.number), phone.key) if phone is not None else None,
    )


def _holders(command: RegisterCustomer | ChangeContact, book: Book) -> Holders:
    email, phone = command.email, command.phone
    return Holders(
        book.owner(Claim(EMAIL_CLAIM, email.key)) if email is not None else None,
        book.owner(Claim(PHONE_CLAIM, phone.key)) if phone is not None else None,
    )


def _begin_mailing(email: EmailAddress | None, book: Book) -> None:
    if email is not None:
        book.record(*mailing.begin(book.find(Mailing, MAILING_KEY)))
