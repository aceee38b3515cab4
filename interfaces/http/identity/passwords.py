"""Change a password, or reset a forgotten one by a link that is mailed.

The new hash, the used link and the unlocked attempts are one transaction, and the command that ends
the sessions is sent while it is open: whatever breaks, either all of it holds, or the old password
and the link still do while the sessions are over, so that the same request can be sent again. A
login with the old password that is under way meanwhile waits for the transaction, and fails.
"""

from typing import Annotated

from pydantic import BaseModel, Field

from application.identity.accounts import CHANGED, RESET, SetPassword
from application.identity.links import RequestLink
from application.permissions import Permission
from domain.identity.accounts import LinkPurpose
from infrastructure.identity import attempts, credentials, mailed_links
from infrastructure.identity.persons import person
from interfaces.http.identity.logins import TOKEN_LENGTH_MAX, TOKEN_PATTERN
from interfaces.http.identity.proving import (
    PasswordText,
    check_strength,
    login_key_of,
    password_wrong,
    prove,
)
from interfaces.http.identity.routes import (
    IdentityRoute,
    Reply,
    as_person,
    own_session,
    send,
    session_ended,
)
from interfaces.http.routing.command import Asked
from interfaces.http.wire.contacts import EmailText
from interfaces.http.wire.fields import Body
from interfaces.http.wire.problems import Problem

BY_LINK = (LinkPurpose.RESET, LinkPurpose.INVITATION)

LinkToken = Annotated[
    str,
    Field(
        min_length=1,
        max_length=TOKEN_LENGTH_MAX,
        pattern=TOKEN_PATTERN,
        description="What stands after #token= in the link; it is used once",
        examples=["dml_hF2nq0cW9b7Jt3xVYkM5uZ1aLrGdPsE8oQiTwRyC4Xs"],
    ),
]


class ChangeBody(Body):
    """The password so far, and the new one."""

    current_password: PasswordText
    password: PasswordText


class ResetRequestBody(Body):
    """The address that a link is mailed to, if somebody logs in with it."""

    email: EmailText


class ResetBody(Body):
    """The secret of a mailed link, and the new password."""

    token: LinkToken
    password: PasswordText


class PasswordView(BaseModel):
    """Whose password was set."""

    person_id: str = Field(examples=["cus_01k3xq8m5wf2v9c7d4h6jt0b1n"])


class RequestedView(BaseModel):
    """That a link is mailed, if there is anybody to mail it to."""

    requested: bool


async def _change(asked: Asked[ChangeBody]) -> Reply:
    """Change one's password; all other sessions are over."""
    exchange, body, own = asked.exchange, asked.body, own_session(asked.exchange)
    services, tenant_id = exchange.services, exchange.principal.tenant_id
    async with services.vault.tenant(tenant_id) as connection:
        who = await person(connection, services.opener, tenant_id, own.person_id)
    if who is None:  # closed and forgotten in this very moment
        raise session_ended()
    proven = await prove(exchange, who.login_key, body.current_password)
    if proven is None or proven.person_id != own.person_id:
        raise password_wrong()
    await check_strength(exchange, body.password, who.own_words)
    hashed = await services.passwords.hash(body.password.get_secret_value())
    async with services.vault.tenant(tenant_id) as connection:
        await credentials.keep(connection, tenant_id, own.person_id, hashed)
        await mailed_links.void(connection, tenant_id, own.person_id, BY_LINK)
        command = SetPassword(own.person_id, CHANGED, keeping=own.session_id)
        outcome = await send(exchange, command)
    return Reply({"person_id": own.person_id}, outcome.position)


async def _request(asked: Asked[ResetRequestBody]) -> Reply:
    """Ask for a link. The answer is the same, and takes as long, whoever has the address."""
    exchange = asked.exchange
    tenant_id = exchange.principal.tenant_id
    login_key = await login_key_of(exchange, asked.body.email)
    async with exchange.services.vault.tenant(tenant_id) as connection:
        seconds = await attempts.spend(connection, tenant_id, attempts.of_mail(login_key))
    if not seconds:
        await send(exchange, RequestLink(login_key, LinkPurpose.RESET))
    return Reply({"requested": True})


async def _reset(asked: Asked[ResetBody]) -> Reply:
    """Set a new password; all sessions are over, and whoever was locked out is no longer.

    Whoever followed the link reads what is sent to the address, so it counts as verified.
    """
    exchange, body = asked.exchange, asked.body
    services, tenant_id = exchange.services, exchange.principal.tenant_id
    async with services.vault.tenant(tenant_id) as connection:
        link = await mailed_links.find(connection, tenant_id, body.token, BY_LINK)
        if link is None:
            raise link_wrong()
        who = await person(connection, services.opener, tenant_id, link.person_id)
    if who is None or who.login_key != link.login_key:  # they log in with another address now
        raise link_wrong()
    await check_strength(exchange, body.password, who.own_words)
    hashed = await services.passwords.hash(body.password.get_secret_value())
    async with services.vault.tenant(tenant_id) as connection:
        if await mailed_links.use(connection, tenant_id, body.token, BY_LINK) is None:
            raise link_wrong()
        await credentials.keep(connection, tenant_id, link.person_id, hashed)
        await mailed_links.void(connection, tenant_id, link.person_id, BY_LINK)
        await attempts.unlock(connection, tenant_id, link.login_key)
        command = SetPassword(link.person_id, RESET, verified_key=link.login_key)
        outcome = await send(exchange, command, as_person(exchange, link.person_id))
    return Reply({"person_id": link.person_id}, outcome.position)


def link_wrong() -> Problem:
    """Say the same of a link that is unknown, used, expired or for something else."""
    return Problem(422, "auth.link_wrong", "this link is not good any more; ask for a new one")


CHANGE = IdentityRoute(
    "/api/auth/password",
    _change,
    ChangeBody,
    method="PUT",
    permission=Permission.IDENTITY_SELF,
    result=PasswordView,
    summary="Change one's password",
    name="identity_change_password",
    tries_password=True,
)

RESET_REQUEST = IdentityRoute(
    "/api/auth/password/reset-request",
    _request,
    ResetRequestBody,
    result=RequestedView,
    summary="Ask for a link to reset a forgotten password",
    name="identity_request_reset",
    status=202,
)

RESET_BY_LINK = IdentityRoute(
    "/api/auth/password/reset",
    _reset,
    ResetBody,
    result=PasswordView,
    summary="Reset a password by a mailed link",
    name="identity_reset_password",
)
