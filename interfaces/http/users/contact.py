"""Register customers, and change how they are reached."""

from collections.abc import Callable
from typing import Annotated, Any, NamedTuple, TypeVar

from pydantic import Field

from application.identity.logins import EmailAddress
from application.permissions import Permission
from application.users.customers import (
    ChangeContact,
    CustomerResult,
    PhoneNumber,
    RegisterCustomer,
)
from domain.kernel.events import stream_of
from domain.users.customer import Customer, Locale
from interfaces.http.edge.exchange import Exchange
from interfaces.http.routing.command import Asked, CommandRoute
from interfaces.http.users.own import own_customer
from interfaces.http.wire.contacts import EmailText, PersonName, PhoneText, email_address
from interfaces.http.wire.fields import Body, CustomerId

LocaleCode = Annotated[
    Locale, Field(strict=False, description="The language of what is sent", examples=["tr"])
]


class ContactBody(Body):
    """How a customer is reached from now on: all of it, so what is null is gone."""

    name: PersonName | None
    email: EmailText | None
    phone: PhoneText | None
    locale: LocaleCode


class RegisterBody(Body):
    """A new customer; what is not known may be left away."""

    name: PersonName | None = None
    email: EmailText | None = None
    phone: PhoneText | None = None
    locale: LocaleCode = Locale.TURKISH
    customer_id: CustomerId | None = None


C = TypeVar("C", ContactBody, RegisterBody)


class Hashed(NamedTuple):
    """Address and number of a contact, with the keyed hashes by which they are unique."""

    email: EmailAddress | None
    phone: PhoneNumber | None


class ContactRoute(CommandRoute[C]):
    """A route whose command needs the keyed hashes of an e-mail address and a number."""

    def __init__(
        self,
        path: str,
        command: Any,  # noqa: ANN401 - as CommandRoute
        body: type[C],
        build: Callable[[Asked[C], Hashed], Any],
        **declared: Any,  # noqa: ANN401 - as above
    ) -> None:
        super().__init__(path, command, body, **declared)
        self._build = build

    async def respond(self, exchange: Exchange) -> None:
        """Parse, hash address and number, send, answer."""
        asked, fields = await self.parse(exchange)
        command = self._build(asked, await _hashed(exchange, asked.body.email, asked.body.phone))
        outcome = await exchange.services.sender.send(self.envelope(asked, fields, command))
        await self.answer(asked, outcome)


async def _hashed(exchange: Exchange, email: str | None, phone: str | None) -> Hashed:
    keys, tenant_id = exchange.services.claim_keys, exchange.principal.tenant_id
    address = None if email is None else await email_address(exchange, email)
    number = None if phone is None else PhoneNumber(phone, await keys.hash(tenant_id, phone))
    return Hashed(address, number)


def _register(asked: Asked[RegisterBody], to: Hashed) -> RegisterCustomer:
    body = asked.body
    return RegisterCustomer(body.name, to.email, body.locale, body.customer_id, to.phone)


def _change(asked: Asked[ContactBody], to: Hashed) -> ChangeContact:
    body = asked.body
    return ChangeContact(asked.path["customer_id"], body.name, to.email, body.locale, to.phone)


def _change_own(asked: Asked[ContactBody], to: Hashed) -> ChangeContact:
    body, customer_id = asked.body, own_customer(asked.exchange)
    return ChangeContact(customer_id, body.name, to.email, body.locale, to.phone)


def _record_of(asked: Asked[ContactBody]) -> str:
    return stream_of(Customer.CATEGORY, asked.path["customer_id"])


def _own_record(asked: Asked[ContactBody]) -> str:
    return stream_of(Customer.CATEGORY, own_customer(asked.exchange))


REGISTER = ContactRoute(
    "/api/customers",
    RegisterCustomer,
    RegisterBody,
    _register,
    permission=Permission.USERS_MANAGE,
    result=CustomerResult,
    summary="Register a customer, who gets a wallet",
    moves_money=False,
    staff_only=True,
)

CHANGE = ContactRoute(
    "/api/customers/{customer_id}/contact",
    ChangeContact,
    ContactBody,
    _change,
    permission=Permission.USERS_MANAGE,
    result=CustomerResult,
    summary="Change how a customer is reached",
    status=200,
    moves_money=False,
    guards=_record_of,
)

CHANGE_OWN = ContactRoute(
    "/api/users/profile",
    ChangeContact,
    ContactBody,
    _change_own,
    permission=Permission.IDENTITY_SELF,
    result=CustomerResult,
    summary="Change one's own profile",
    method="PUT",
    name="users_change_profile",
    status=200,
    moves_money=False,
    guards=_own_record,
)
