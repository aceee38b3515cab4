"""Prove that an e-mail address is one's own."""

from pydantic import BaseModel

from application.identity.accounts import VerifyEmail
from application.identity.links import RequestLink
from application.permissions import Permission
from domain.identity.accounts import LinkPurpose
from infrastructure.identity import attempts, mailed_links
from interfaces.http.identity.passwords import LinkToken, PasswordView, link_wrong
from interfaces.http.identity.proving import too_many_attempts
from interfaces.http.identity.routes import (
    IdentityRoute,
    NoBody,
    Reply,
    as_person,
    own_account,
    send,
)
from interfaces.http.routing.command import Asked
from interfaces.http.wire.fields import Body


class VerifyBody(Body):
    """The secret of a mailed link."""

    token: LinkToken


class RequestedView(BaseModel):
    """That a link is mailed, unless the address is verified."""

    requested: bool


async def _resend(asked: Asked[NoBody]) -> Reply:
    """Mail the link once more, to whoever needs it still."""
    exchange = asked.exchange
    tenant_id = exchange.principal.tenant_id
    account = await own_account(exchange)
    async with exchange.services.vault.tenant(tenant_id) as connection:
        tallies = attempts.of_mail(account.login_key)
        seconds = await attempts.spend(connection, tenant_id, tallies)
    if seconds:
        raise too_many_attempts(seconds)
    outcome = await send(exchange, RequestLink(account.login_key, LinkPurpose.VERIFICATION))
    return Reply({"requested": True}, outcome.position)


async def _verify(asked: Asked[VerifyBody]) -> Reply:
    """Note that whoever has the link reads what is sent to the address."""
    exchange = asked.exchange
    tenant_id = exchange.principal.tenant_id
    async with exchange.services.vault.tenant(tenant_id) as connection:
        link = await mailed_links.use(
            connection, tenant_id, asked.body.token, (LinkPurpose.VERIFICATION,)
        )
        if link is None:
            raise link_wrong()
        outcome = await send(exchange, VerifyEmail(*link), as_person(exchange, link.person_id))
    return Reply({"person_id": link.person_id}, outcome.position)


RESEND = IdentityRoute(
    "/api/auth/email/verification",
    _resend,
    NoBody,
    permission=Permission.IDENTITY_SELF,
    result=RequestedView,
    summary="Have the link to verify one's address mailed again",
    name="identity_request_verification",
    status=202,
)

VERIFY = IdentityRoute(
    "/api/auth/email/verify",
    _verify,
    VerifyBody,
    result=PasswordView,
    summary="Verify an address by a mailed link",
    name="identity_verify_email",
)
