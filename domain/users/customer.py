"""The customer: a person or firm that a tenant knows, and how they are reached."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import ClassVar

from domain.kernel.events import Personal, stream_of
from domain.kernel.refusals import NotFound, RuleBroken
from domain.users.events import (
    AddressBounced,
    ContactChanged,
    CustomerEvent,
    CustomerRegistered,
    PersonErased,
)


class CustomerNotFound(NotFound):
    """There is no such customer for this caller."""

    code = "users.customer_not_found"


class CustomerExists(RuleBroken):
    """A customer with this id was registered before."""

    code = "users.customer_exists"


class EmailTaken(RuleBroken):
    """Another customer of this tenant has this e-mail address."""

    code = "users.email_taken"


class PersonForgotten(NotFound):
    """This person was erased, and nothing more is kept about them."""

    code = "users.person_erased"


class MoneyLeft(RuleBroken):
    """Money of theirs, or a request for it, is open: it would become unreachable."""

    code = "users.money_left"


class PhoneTaken(RuleBroken):
    """Another customer of this tenant has this telephone number."""

    code = "users.phone_taken"


class Locale(StrEnum):
    """The language that a customer is written to in."""

    TURKISH = "tr"
    ENGLISH = "en"


class ErasureReason(StrEnum):
    """Why a person is forgotten."""

    ASKED = "asked"
    """They asked for it (GDPR 17, KVKK 7)."""

    RETENTION_OVER = "retention_over"
    ORDERED = "ordered"
    """A court or an authority ordered it."""


@dataclass(frozen=True, slots=True)
class Email:
    """An e-mail address, and the keyed hash by which it is unique."""

    address: Personal
    key: str


@dataclass(frozen=True, slots=True)
class Phone:
    """A telephone number (ITU-T E.164), and the keyed hash by which it is unique."""

    number: Personal
    key: str


@dataclass(frozen=True, slots=True)
class Contact:
    """How a customer is reached."""

    name: Personal | None
    email: Email | None
    locale: Locale
    phone: Phone | None = None


@dataclass(frozen=True, slots=True)
class Holders:
    """The streams of whoever has the address and the number already."""

    email: str | None
    phone: str | None = None


@dataclass(frozen=True, slots=True)
class Customer:
    """What decisions about a customer read; `bounced` says that the address takes no mail.

    One who was `erased` stays, so that nobody else ever becomes known under the id.
    """

    CATEGORY: ClassVar[str] = "customer"
    FOLD_VERSION: ClassVar[int] = 2

    customer_id: str
    email_key: str | None
    bounced: bool
    erased: bool = False
    phone_key: str | None = None

    @classmethod
    def evolve(cls, state: "Customer | None", event: CustomerEvent) -> "Customer":
        match event:
            case CustomerRegistered() | ContactChanged():
                return cls(
                    event.customer_id, event.email_key, bounced=False, phone_key=event.phone_key
                )
            case AddressBounced():
                assert state is not None
                return replace(state, bounced=True)
            case PersonErased():
                return cls(event.customer_id, None, bounced=False, erased=True)
            case _:
                raise AssertionError(event)


def register(
    existing: Customer | None, contact: Contact, *, customer_id: str, holders: Holders
) -> tuple[CustomerRegistered, ...]:
    """Register a customer."""
    if existing is not None:
        raise CustomerExists("a customer with this id was registered before")
    _check_free(holders, customer_id)
    email, email_key, phone, phone_key = _told(contact)
    return (
        CustomerRegistered(
            customer_id, contact.name, email, email_key, contact.locale.value, phone, phone_key
        ),
    )


def change_contact(
    customer: Customer, contact: Contact, *, holders: Holders
) -> tuple[ContactChanged, ...]:
    """Reach a customer in another way from now on; an address that bounced gets a new chance."""
    _check_free(holders, customer.customer_id)
    email, email_key, phone, phone_key = _told(contact)
    return (
        ContactChanged(
            customer.customer_id,
            contact.name,
            email,
            email_key,
            customer.email_key,
            contact.locale.value,
            phone,
            phone_key,
            customer.phone_key,
        ),
    )


def bounce(customer: Customer, *, email_key: str, reply: str) -> tuple[AddressBounced, ...]:
    """Note that an address takes no mail, unless it is known or no longer the customer's."""
    if customer.bounced or customer.email_key != email_key:
        return ()
    return (AddressBounced(customer.customer_id, email_key, reply),)


def erase(
    customer: Customer, *, reason: ErasureReason, login_key: str | None
) -> tuple[PersonErased, ...]:
    """Forget a customer: whatever is sealed with their key opens for nobody any more."""
    check_remembered(customer)
    return (
        PersonErased(
            customer.customer_id, reason.value, customer.email_key, login_key, customer.phone_key
        ),
    )


def check_remembered(customer: Customer | None) -> None:
    """Refuse what would begin anew for somebody who was erased."""
    if customer is not None and customer.erased:
        raise PersonForgotten("this person was erased: nothing more is kept about them")


def _check_free(holders: Holders, customer_id: str) -> None:
    own = {None, stream_of(Customer.CATEGORY, customer_id)}
    if holders.email not in own:
        raise EmailTaken("another customer has this e-mail address")
    if holders.phone not in own:
        raise PhoneTaken("another customer has this telephone number")


def _told(
    contact: Contact,
) -> tuple[Personal | None, str | None, Personal | None, str | None]:
    email, phone = contact.email, contact.phone
    return (
        email.address if email is not None else None,
        email.key if email is not None else None,
        phone.number if phone is not None else None,
        phone.key if phone is not None else None,
    )
