"""API keys of the caller's tenant. They stand in the platform's log."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from application.permissions import Permission
from application.tenants.keys import IssueKey, KeyResult, RevokeKey, RotateKey
from application.tenants.tenants import PLATFORM
from domain.tenants.tenant import KeyKind, KeyNotFound
from infrastructure.tenants.api_keys import NewApiKey, new_key
from interfaces.http.edge.exchange import Exchange
from interfaces.http.edge.scopes import check_scopes
from interfaces.http.routing.command import Asked, CommandRoute
from interfaces.http.routing.pages import Page, cursor_of, page_of, place_of
from interfaces.http.routing.query import Answer, QueryRoute, Question
from interfaces.http.tenants.key_shapes import (
    KeyBody,
    KeyRevokedView,
    KeysView,
    NewKeyView,
    RevocationBody,
    RotationBody,
)
from interfaces.http.tenants.platform_log import DIRECTORY, DirectoryRoute, until_known
from interfaces.http.wire.fields import Body
from projections.tenants import directory

LOOKED_THROUGH = 500

B = TypeVar("B", bound=Body)


class NewKeyRoute(CommandRoute[B]):
    """A route whose answer holds a secret that nothing else ever does."""

    async def respond(self, exchange: Exchange) -> None:
        """Make a key, let its hash be recorded, and show it once it works."""
        asked, fields = await self.parse(exchange)
        made = new_key(await self.kind(asked), test=exchange.principal.test)
        envelope = self.envelope(asked, fields, self.command(asked, made))
        outcome = await exchange.services.sender.send(envelope)
        if not outcome.refused:
            await until_known(exchange, outcome.position)
        await self.answer(
            asked, outcome, lambda _, body: _shown(body, made, again=outcome.replayed)
        )

    @abstractmethod
    async def kind(self, asked: Asked[B]) -> KeyKind:
        """Say which kind of key; raises a problem where the caller may not have it."""

    @abstractmethod
    def command(self, asked: Asked[B], made: NewApiKey) -> object:
        """Build the command."""


class IssueRoute(NewKeyRoute[KeyBody]):
    """Issue a key."""

    async def kind(self, asked: Asked[KeyBody]) -> KeyKind:
        """Give the kind asked for."""
        check_scopes(asked.exchange.principal, asked.body.scopes)
        return asked.body.kind

    def command(self, asked: Asked[KeyBody], made: NewApiKey) -> IssueKey:
        """Build the command."""
        body, principal = asked.body, asked.exchange.principal
        return IssueKey(
            str(principal.tenant_id),
            body.kind,
            made.key_hash,
            made.hint,
            body.staff_id or principal.actor_id,
            body.scopes,
            body.networks,
            body.expires_at,
        )


class RotateRoute(NewKeyRoute[RotationBody]):
    """Rotate a key."""

    async def kind(self, asked: Asked[RotationBody]) -> KeyKind:
        """Give the old key's kind; who rotates a key holds it, so no more than their own."""
        old = await _find(asked.exchange, asked.path["key_id"])
        check_scopes(asked.exchange.principal, old["scopes"])
        return KeyKind(old["kind"])

    def command(self, asked: Asked[RotationBody], made: NewApiKey) -> RotateKey:
        """Build the command."""
        return RotateKey(
            str(asked.exchange.principal.tenant_id),
            asked.path["key_id"],
            made.key_hash,
            made.hint,
            asked.body.overlap_hours,
        )


def _revoke(asked: Asked[RevocationBody]) -> RevokeKey:
    return RevokeKey(str(asked.exchange.principal.tenant_id), asked.path["key_id"])


async def _keys(question: Question[Page]) -> Answer:
    params = question.params
    after = "" if params.cursor is None else place_of(params.cursor, str)[0]
    rows = await _rows(question.exchange, after, params.limit + 1)
    page = page_of(rows, params.limit, item=_told, place=lambda row: cursor_of(row["key_id"]))
    return Answer(page)


async def _rows(exchange: Exchange, after: str, limit: int) -> list[dict[str, Any]]:
    tenant = exchange.principal.tenant_id
    async with exchange.services.reads.tenant(PLATFORM, projections=(DIRECTORY,)) as view:
        return await directory.keys(view.connection, PLATFORM, tenant, after=after, limit=limit)


async def _find(exchange: Exchange, key_id: str) -> dict[str, Any]:
    after = ""
    while rows := await _rows(exchange, after, LOOKED_THROUGH):
        for row in rows:
            if row["key_id"] == key_id:
                return row
        after = rows[-1]["key_id"]
    raise KeyNotFound("this tenant has no such key")


def _shown(body: bytes, made: NewApiKey, *, again: bool) -> bytes:
    told = msgspec.json.decode(body, type=KeyResult)
    # A repeated request meets the key of the first one, whose secret nobody has any more.
    secret, hint = (None, None) if again else (made.secret, made.hint)
    return msgspec.json.encode({"key_id": told.key_id, "secret": secret, "hint": hint})


def _told(row: Mapping[str, Any]) -> dict[str, Any]:
    names = ("key_id", "kind", "hint", "staff_id", "scopes", "networks")
    times = ("created_at", "expires_at", "revoked_at")
    return {name: row[name] for name in (*names, *times)}


ISSUE = IssueRoute(
    "/api/keys",
    IssueKey,
    KeyBody,
    permission=Permission.KEYS_MANAGE,
    result=NewKeyView,
    summary="Issue an API key; its secret is shown once",
    moves_money=False,
    staff_only=True,
    tenant=PLATFORM,
)

ROTATE = RotateRoute(
    "/api/keys/{key_id}/rotation",
    RotateKey,
    RotationBody,
    permission=Permission.KEYS_MANAGE,
    result=NewKeyView,
    summary="Issue a successor of a key",
    moves_money=False,
    staff_only=True,
    tenant=PLATFORM,
)

REVOKE = DirectoryRoute(
    "/api/keys/{key_id}/revocation",
    RevokeKey,
    RevocationBody,
    _revoke,
    permission=Permission.KEYS_MANAGE,
    result=KeyRevokedView,
    summary="End a key at once",
    moves_money=False,
    staff_only=True,
    tenant=PLATFORM,
)

LIST = QueryRoute(
    "/api/keys",
    Page,
    _keys,
    permission=Permission.KEYS_MANAGE,
    result=KeysView,
    summary="List API keys",
    name="tenants_keys",
    staff_only=True,
)
