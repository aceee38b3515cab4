"""Log in, refresh, prove again that it is you, log out."""

import secrets
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from typing import Annotated, Any

import msgspec
import structlog
from pydantic import BaseModel, Field

from application.identity.sessions import (
    BeginSession,
    EndSession,
    SessionEndedResult,
    SessionResult,
    StepUp,
    StepUpResult,
)
from application.permissions import Permission
from domain.identity.account import AccountNotFound
from domain.identity.sessions import Reason, SessionNotFound
from domain.tenants.settings import Security
from infrastructure.identity import refresh_tokens
from infrastructure.identity.refresh_tokens import Use, Used
from interfaces.http.edge.addresses import is_within
from interfaces.http.edge.exchange import Exchange
from interfaces.http.identity.proving import (
    PasswordText,
    credentials_wrong,
    login_key_of,
    password_wrong,
    prove,
)
from interfaces.http.identity.routes import (
    IdentityRoute,
    NoBody,
    Reply,
    as_person,
    own_account,
    own_session,
    send,
    session_ended,
)
from interfaces.http.routing.command import Asked
from interfaces.http.wire.contacts import EmailText
from interfaces.http.wire.fields import Body, is_customer_id
from interfaces.http.wire.problems import Problem, unauthenticated

TOKEN_LENGTH_MAX = 200
TOKEN_PATTERN = "^[!-~]+$"  # noqa: S105 - what a token is written in

FOLLOWS = "refresh token after "
"""Stands before a token where the next one is made of it, so that no claim is ever the same."""

_LOG = structlog.get_logger("identity")


class LoginBody(Body):
    """Address and password."""

    email: EmailText
    password: PasswordText


class RefreshBody(Body):
    """The last refresh token of a session."""

    refresh_token: Annotated[
        str,
        Field(
            min_length=1,
            max_length=TOKEN_LENGTH_MAX,
            pattern=TOKEN_PATTERN,
            description="Used once; used again later than within seconds it ends the session",
            examples=["drt_hF2nq0cW9b7Jt3xVYkM5uZ1aLrGdPsE8oQiTwRyC4Xs"],
        ),
    ]


class StepUpBody(Body):
    """The password of whoever has the session."""

    password: PasswordText


class TokensView(BaseModel):
    """What to send as `Authorization: Bearer`, and what to get the next one with."""

    access_token: str
    token_type: str = Field(examples=["Bearer"])
    expires_at: datetime
    refresh_token: str
    refresh_expires_at: datetime
    session_id: str = Field(examples=["ses_5f0c9a31b2d4"])
    person_id: str = Field(examples=["cus_01k3xq8m5wf2v9c7d4h6jt0b1n"])


async def _login(asked: Asked[LoginBody]) -> Reply:
    """Begin a session. The session stands in the log before any token of it exists."""
    exchange, body = asked.exchange, asked.body
    login_key = await login_key_of(exchange, body.email)
    proven = await prove(exchange, login_key, body.password)
    if proven is None:
        raise credentials_wrong()
    person_id, kept = proven
    policy = await exchange.services.tenant_settings.of(exchange.principal.tenant_id, Security)
    _check_place(exchange, person_id, policy)
    session_id = f"ses_{secrets.token_hex(16)}"
    actor = as_person(exchange, person_id)
    lasts = timedelta(days=policy.session_days)
    command = BeginSession(person_id, session_id, "password", actor.origin or "", lasts)
    try:
        outcome = await send(exchange, command, actor)
    except Problem as refused:
        closed = refused.code == AccountNotFound.code
        raise (credentials_wrong() if closed else refused) from None
    ends = msgspec.json.decode(outcome.body, type=SessionResult).expires_at
    services, tenant_id = exchange.services, exchange.principal.tenant_id
    async with services.vault.tenant(tenant_id) as connection:
        token = await refresh_tokens.begin(
            connection, tenant_id, person_id, session_id, expires_at=ends, proven_by=kept
        )
    if token is None:  # the password was changed while we looked at it
        await send(exchange, EndSession(person_id, session_id, Reason.PASSWORD_SET), actor)
        raise credentials_wrong()
    used = Used(Use.ROTATED, person_id, session_id, ends, token)
    return Reply(await _tokens(exchange, used), outcome.position)


def _check_place(exchange: Exchange, person_id: str, policy: Security) -> None:
    """Let staff log in from the tenant's networks alone, where it has named any."""
    if is_customer_id(person_id) or not policy.staff_networks:
        return
    if not is_within(exchange.peer, map(ip_network, policy.staff_networks)):
        raise Problem(403, "auth.network_refused", "staff of this tenant do not log in from here")


async def _refresh(asked: Asked[RefreshBody]) -> Reply:
    """Give new tokens for the last refresh token. Leave Authorization away: it may have expired.

    A token that was used before ends the session: one of the two who had it has stolen it. Only
    within seconds, and while the next one was not used, the same answer is given again.
    """
    exchange, token = asked.exchange, asked.body.refresh_token
    services, tenant_id = exchange.services, exchange.principal.tenant_id
    following = await services.claim_keys.hash(tenant_id, f"{FOLLOWS}{token}")
    async with services.vault.tenant(tenant_id) as connection:
        used = await refresh_tokens.use(connection, tenant_id, token, following=following)
    if used.use is Use.WRONG:
        raise unauthenticated("auth.refresh_token_wrong", "this token is not good; log in again")
    if used.use is Use.REUSED:
        await _end_stolen(exchange, used)
        raise unauthenticated(
            "auth.refresh_token_reused", "this token was used before; log in again"
        )
    if used.use is Use.TOLD_AGAIN:
        _LOG.info("refresh_token_told_again", session_id=used.session_id)
    account = (await services.accounts.rights(tenant_id, used.person_id)).account
    session = None if account is None else account.sessions.get(used.session_id)
    if session is None or not session.live(datetime.now(UTC)):
        raise session_ended()
    return Reply(await _tokens(exchange, used))


async def _step_up(asked: Asked[StepUpBody]) -> Reply:
    """Note for some minutes that the person said their password again."""
    exchange, own = asked.exchange, own_session(asked.exchange)
    account = await own_account(exchange)
    proven = await prove(exchange, account.login_key, asked.body.password)
    if proven is None or proven.person_id != own.person_id:
        raise password_wrong()
    outcome = await send(exchange, StepUp(own.person_id, own.session_id))
    return Reply(msgspec.Raw(outcome.body), outcome.position)


async def _logout(asked: Asked[NoBody]) -> Reply:
    """End the session: its tokens are refused from the next request on."""
    exchange, own = asked.exchange, own_session(asked.exchange)
    command = EndSession(own.person_id, own.session_id, Reason.LOGGED_OUT)
    outcome = await send(exchange, command)
    return Reply(msgspec.Raw(outcome.body), outcome.position)


async def _end_stolen(exchange: Exchange, used: Used) -> None:
    _LOG.error(
        "refresh_token_reused",
        tenant=exchange.principal.slug,
        person_id=used.person_id,
        session_id=used.session_id,
    )
    try:
        command = EndSession(used.person_id, used.session_id, Reason.REUSED)
        await send(exchange, command, as_person(exchange, used.person_id))
    except Problem as refused:  # it may be over already
        if refused.code not in {SessionNotFound.code, AccountNotFound.code}:
            raise


async def _tokens(exchange: Exchange, used: Used) -> dict[str, Any]:
    tenant_id = exchange.principal.tenant_id
    issued = await exchange.services.tokens.issue(tenant_id, used.person_id, used.session_id)
    return {
        "access_token": issued[0],
        "token_type": "Bearer",
        "expires_at": issued[1],
        "refresh_token": used.following,
        "refresh_expires_at": used.expires_at,
        "session_id": used.session_id,
        "person_id": used.person_id,
    }


def _login_at(path: str, name: str) -> IdentityRoute[LoginBody]:
    return IdentityRoute(path, _login, LoginBody, result=TokensView, summary="Log in", name=name)


USERS_LOGIN = _login_at("/api/users/login", "identity_login_user")
LOGIN = _login_at("/api/auth/login", "identity_login")

REFRESH = IdentityRoute(
    "/api/auth/refresh",
    _refresh,
    RefreshBody,
    result=TokensView,
    summary="Get new tokens",
    name="identity_refresh",
)

STEP_UP = IdentityRoute(
    "/api/auth/step-up",
    _step_up,
    StepUpBody,
    permission=Permission.IDENTITY_SELF,
    result=StepUpResult,
    summary="Say the password again, for what needs more than a session",
    name="identity_step_up",
    tries_password=True,
)

LOGOUT = IdentityRoute(
    "/api/auth/logout",
    _logout,
    NoBody,
    permission=Permission.IDENTITY_SELF,
    result=SessionEndedResult,
    summary="Log out",
    name="identity_logout",
)
