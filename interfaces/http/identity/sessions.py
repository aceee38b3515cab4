"""See one's sessions, and end them; and the keys that verify access tokens."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec
from pydantic import BaseModel, Field

from application.identity.sessions import (
    EndSession,
    EndSessions,
    SessionEndedResult,
    SessionsEndedResult,
)
from application.permissions import Permission
from domain.identity.sessions import Reason
from domain.kernel.events import Personal
from infrastructure.identity import refresh_tokens
from interfaces.http.identity.routes import (
    IdentityRoute,
    NoBody,
    OwnSession,
    Reply,
    own_session,
    send,
)
from interfaces.http.routing.command import Asked
from interfaces.http.routing.query import Answer, Params, QueryRoute, Question, Standing
from projections.identity import sessions

READ_MODEL = "identity_sessions"


class SessionView(BaseModel):
    """A session that is under way."""

    session_id: str = Field(examples=["ses_5f0c9a31b2d4"])
    address: str | None = Field(description="Where it began", examples=["203.0.113.7"])
    device: str | None = Field(description="The user agent it began with")
    method: str = Field(examples=["password"])
    begun_at: datetime
    last_seen_at: datetime = Field(description="When it last got a token")
    expires_at: datetime
    current: bool = Field(description="Whether it is the one that asks")


class SessionsView(BaseModel):
    """All sessions of whoever asks, the newest first."""

    items: list[SessionView]


class KeySetView(BaseModel):
    """A JSON Web Key Set (RFC 7517)."""

    keys: list[dict[str, str]]


async def _sessions(question: Question[Standing]) -> Answer:
    """Tell one's own sessions; where they began is told to nobody else."""
    exchange, own = question.exchange, own_session(question.exchange)
    tenant_id = exchange.principal.tenant_id
    async with question.view(READ_MODEL) as view:
        connection: Any = view.connection
        rows = await sessions.of_person(connection, tenant_id, own.person_id)
        rows = [row for row in rows if row["expires_at"] > datetime.now(UTC)]
        seen = await refresh_tokens.last_issued(connection, tenant_id, own.person_id)
        sealed = [_device(row, own) for row in rows]
        texts = await exchange.services.opener.open(connection, tenant_id, sealed)
    items = [_told(row, own, texts[_device(row, own)], seen) for row in rows]
    return Answer({"items": items}, view.position)


async def _end(asked: Asked[NoBody]) -> Reply:
    """End one of one's own sessions; another person's is as absent as none."""
    own = own_session(asked.exchange)
    session_id = asked.path["session_id"]
    reason = Reason.LOGGED_OUT if session_id == own.session_id else Reason.REVOKED
    outcome = await send(asked.exchange, EndSession(own.person_id, session_id, reason))
    return Reply(msgspec.Raw(outcome.body), outcome.position)


async def _end_others(asked: Asked[NoBody]) -> Reply:
    """End all of one's sessions but the one that asks."""
    own = own_session(asked.exchange)
    outcome = await send(asked.exchange, EndSessions(own.person_id, keeping=own.session_id))
    return Reply(msgspec.Raw(outcome.body), outcome.position)


async def _keys(question: Question[Params]) -> Answer:
    """Give the keys that verify access tokens, the newest first."""
    return Answer({"keys": await question.exchange.services.tokens.jwks()})


def _device(row: Mapping[str, Any], own: OwnSession) -> Personal:
    return Personal(own.person_id, sealed=row["device_sealed"])


def _told(
    row: Mapping[str, Any], own: OwnSession, device: str | None, seen: Mapping[str, datetime]
) -> dict[str, Any]:
    address, _, agent = (device or "").partition(" ")
    session_id = row["session_id"]
    return {
        "session_id": session_id,
        "address": address or None,
        "device": agent or None,
        "method": row["method"],
        "begun_at": row["begun_at"],
        "last_seen_at": seen.get(session_id, row["begun_at"]),
        "expires_at": row["expires_at"],
        "current": session_id == own.session_id,
    }


LIST = QueryRoute(
    "/api/auth/sessions",
    Standing,
    _sessions,
    permission=Permission.IDENTITY_SELF,
    result=SessionsView,
    summary="See one's sessions",
    name="identity_sessions",
)

END = IdentityRoute(
    "/api/auth/sessions/{session_id}",
    _end,
    NoBody,
    method="DELETE",
    permission=Permission.IDENTITY_SELF,
    result=SessionEndedResult,
    summary="End one of one's sessions",
    name="identity_end_session",
)

END_OTHERS = IdentityRoute(
    "/api/auth/sessions",
    _end_others,
    NoBody,
    method="DELETE",
    permission=Permission.IDENTITY_SELF,
    result=SessionsEndedResult,
    summary="End all of one's other sessions",
    name="identity_end_sessions",
)

KEY_SET = QueryRoute(
    "/.well-known/jwks.json",
    Params,
    _keys,
    permission=None,
    result=KeySetView,
    summary="See the keys that verify access tokens",
    name="identity_keys",
)
