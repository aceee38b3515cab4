"""Register customers, and change how they are reached."""

from collections.abc import Callable
from typing import Annotated, Any, TypeVar

from pydantic import Field

from application.identity.logins import EmailAddress
from application.permissions import Permission
from application.users.customers import (
    ChangeContact,
    CustomerResult,
    RegisterCustomer,
)
from domain.users.customer import Locale
from interfaces.http.edge.exchange import Exchange
from interfaces.http.routing.command import Asked, CommandRoute
from interfaces.http.wire.contacts import EmailText, PersonName, email_address
from interfaces.http.wire.fields import Body, CustomerId

LocaleCode = Annotated[
    Locale, Field(strict=False, description="The language of what is sent", examples=["tr"])
]


class ContactBody(Body):
    """How a customer is reached from now on: all of it, so what is null is gone."""

    name: PersonName | None
    email: EmailText | None
    locale: LocaleCode


class RegisterBody(Body):
    """A new customer; what is not known may be left away."""

    name: PersonName | None = None
    email: EmailText | None = None
    locale: LocaleCode = Locale.TURKISH
    customer_id: CustomerId | None = None


C = TypeVar("C", ContactBody, RegisterBody)


class ContactRoute(CommandRoute[C]):
    """A route whose command needs the keyed hash of an e-mail address."""

    def __init__(
        self,
        path: str,
        command: Any,  # noqa: ANN401 - as CommandRoute
        body: type[C],
        build: Callable[[Asked[C], EmailAddress | None], Any],
        **declared: Any,  # noqa: ANN401 - as above
    ) -> None:
        super().__init__(path, command, body, **declared)
        self._build = build

    async def respond(self, exchange: Exchange) -> None:
        """Parse, hash the address, send, answer."""
        asked, fields = await self.parse(exchange)
        email = asked.body.email
        hashed = None if email is None else await email_address(exchange, email)
        command = self._build(asked, hashed)
        outcome = await exchange.services.sender.send(self.envelope(asked, fields, command))
        await self.answer(asked, outcome)


def _register(asked: Asked[RegisterBody], email: EmailAddress | None) -> RegisterCustomer:
    body = asked.body
    return RegisterCustomer(body.name, email, body.locale, body.customer_id)


def _change(asked: Asked[ContactBody], email: EmailAddress | None) -> ChangeContact:
    body = asked.body
    return ChangeContact(asked.path["customer_id"], body.name, email, body.locale)


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
)
