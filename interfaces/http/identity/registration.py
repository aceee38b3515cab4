"""Register oneself."""

import secrets
from datetime import UTC, datetime

from pydantic import BaseModel, Field

from application.identity.accounts import Register
from application.identity.logins import EmailAddress
from domain.kernel.ids import sortable_id
from domain.users.customer import Locale
from infrastructure.identity import credentials
from interfaces.http.identity.proving import PasswordText, check_strength, login_key_of
from interfaces.http.identity.routes import IdentityRoute, Reply, send
from interfaces.http.routing.command import Asked
from interfaces.http.users.contact import LocaleCode
from interfaces.http.wire.contacts import EmailText, PersonName
from interfaces.http.wire.fields import Body
from interfaces.http.wire.problems import Problem


class RegistrationBody(Body):
    """Who registers; a link to verify the address is mailed."""

    name: PersonName
    email: EmailText
    password: PasswordText
    locale: LocaleCode = Locale.TURKISH


class RegisteredView(BaseModel):
    """The new customer, who can log in at once."""

    person_id: str = Field(examples=["cus_01k3xq8m5wf2v9c7d4h6jt0b1n"])


async def _register(asked: Asked[RegistrationBody]) -> Reply:
    """Make a customer's record, an account that is not verified yet, and by event a wallet.

    The password is kept first, under an id that nobody has yet: whatever breaks afterwards, no
    account stands without its password, and the hash of one that came to nothing leads to nobody.
    """
    exchange, body = asked.exchange, asked.body
    services, tenant_id = exchange.services, exchange.principal.tenant_id
    await check_strength(exchange, body.password, (body.name, body.email))
    email = EmailAddress(body.email, await login_key_of(exchange, body.email))
    hashed = await services.passwords.hash(body.password.get_secret_value())
    person_id = sortable_id("cus", datetime.now(UTC), secrets.token_bytes(16))
    async with services.vault.tenant(tenant_id) as connection:
        await credentials.keep(connection, tenant_id, person_id, hashed)
    try:
        outcome = await send(exchange, Register(person_id, body.name, email, body.locale))
    except Problem:  # it was refused, and only then is it sure that the id stays nobody's
        async with services.vault.tenant(tenant_id) as connection:
            await credentials.remove(connection, tenant_id, person_id)
        raise
    return Reply({"person_id": person_id}, outcome.position)


def _at(path: str, name: str) -> IdentityRoute[RegistrationBody]:
    return IdentityRoute(
        path,
        _register,
        RegistrationBody,
        result=RegisteredView,
        summary="Register",
        name=name,
        status=201,
    )


USERS = _at("/api/users", "identity_register_user")
AUTH = _at("/api/auth/register", "identity_register")
