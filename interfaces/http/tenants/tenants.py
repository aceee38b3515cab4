"""All tenants, for the platform's own staff. They stand in the platform's log."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec

from application.permissions import EVERYTHING, Permission
from application.tenants.standing import ReactivateTenant, SuspendTenant, TenantResult
from application.tenants.tenants import PLATFORM, CreateTenant
from domain.identity.roles import BuiltIn
from domain.tenants.tenant import KeyKind, TenantNotFound
from infrastructure.onboarding import (
    CommandRefused,
    NewStaff,
    NewTenant,
    Onboarded,
    Request,
    onboard,
    tenant_id_of,
)
from infrastructure.tenants.api_keys import NewApiKey, new_key
from interfaces.http.edge.exchange import Exchange
from interfaces.http.routing.command import JSON, REPLAYED, Asked, CommandRoute
from interfaces.http.routing.pages import Page, cursor_of, page_of, place_of
from interfaces.http.routing.query import Answer, Params, QueryRoute, Question
from interfaces.http.tenants.platform_log import DIRECTORY, DirectoryRoute, until_known
from interfaces.http.tenants.tenant_shapes import (
    NewTenantBody,
    NewTenantView,
    ReactivationBody,
    SuspensionBody,
    TenantsView,
    TenantView,
)
from interfaces.http.wire.contacts import email_address
from interfaces.http.wire.problems import STATUS_OF_KIND, Problem
from projections.tenants import directory

PATH = "/api/platform/tenants"
ONE_PATH = PATH + "/{tenant_id}"
NAMES = ("slug", "name", "test", "suspended", "created_at")

ADMIN_SCOPES = (EVERYTHING,)
ADMIN_ROLES = (BuiltIn.TENANT_ADMIN.value,)


class CreateRoute(CommandRoute[NewTenantBody]):
    """Makes a tenant, its first admin and its keys, whose secrets nothing else ever shows."""

    async def respond(self, exchange: Exchange) -> None:
        """Make it under the caller's Idempotency-Key, and show the secrets once they work."""
        asked, fields = await self.parse(exchange)
        test, sent = asked.body.test, self.envelope(asked, fields, None)
        secret, publishable = (
            new_key(kind, test=test) for kind in (KeyKind.SECRET, KeyKind.PUBLISHABLE)
        )
        request = Request(sent.command_id, sent.actor, sent.correlation_id)
        new = await _new_tenant(asked, secret, publishable)
        try:
            made = await onboard(exchange.services.sender, new, request)
        except CommandRefused as refused:
            status = STATUS_OF_KIND[refused.kind]
            raise Problem(status, refused.code, refused.detail) from refused
        await until_known(exchange, made.position)
        again = (REPLAYED,) if made.replayed else ()
        body = _made(new, made, secret, publishable)
        await exchange.answer(201, msgspec.json.encode(body), JSON, again)


async def _new_tenant(
    asked: Asked[NewTenantBody], secret: NewApiKey, publishable: NewApiKey
) -> NewTenant:
    body, tenant_id = asked.body, tenant_id_of(asked.body.slug)
    email = await email_address(asked.exchange, body.admin.email, tenant_id=tenant_id)
    return NewTenant(
        body.slug,
        body.name,
        body.base_currency,
        body.time_zone,
        body.mode,
        body.test,
        (NewStaff(body.admin.name, ADMIN_SCOPES, secret, email, ADMIN_ROLES),),
        publishable,
    )


def _made(
    new: NewTenant, made: Onboarded, secret: NewApiKey, publishable: NewApiKey
) -> dict[str, Any]:
    return {
        "tenant_id": str(made.tenant_id),
        "slug": new.slug,
        "admin_id": made.staff_ids[0],
        # A repeated request meets the keys of the first one, whose secrets nobody has any more.
        "secret_key": None if made.replayed else secret.secret,
        "publishable_key": None if made.replayed else publishable.secret,
    }


def _suspend(asked: Asked[SuspensionBody]) -> SuspendTenant:
    return SuspendTenant(asked.path["tenant_id"], asked.body.reason)


def _reactivate(asked: Asked[ReactivationBody]) -> ReactivateTenant:
    return ReactivateTenant(asked.path["tenant_id"])


async def _tenants(question: Question[Page]) -> Answer:
    params = question.params
    after = "" if params.cursor is None else place_of(params.cursor, str)[0]
    async with question.view(DIRECTORY) as view:
        rows = await directory.tenants(
            view.connection, PLATFORM, after=after, limit=params.limit + 1
        )
    page = page_of(rows, params.limit, item=_told, place=lambda row: cursor_of(row["slug"]))
    return Answer(page, view.position)


async def _tenant(question: Question[Params]) -> Answer:
    tenant_id = UUID(question.path["tenant_id"])
    async with question.view(DIRECTORY) as view:
        row = await directory.tenant(view.connection, PLATFORM, tenant_id)
    if row is None:
        raise TenantNotFound("there is no such tenant")
    return Answer(_told(row), view.position)


def _told(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"tenant_id": str(row["tenant"])} | {name: row[name] for name in NAMES}


CREATE = CreateRoute(
    PATH,
    CreateTenant,
    NewTenantBody,
    permission=Permission.TENANTS_MANAGE,
    result=NewTenantView,
    summary="Create a tenant with its books, first admin and keys",
    moves_money=False,
    staff_only=True,
)

SUSPEND = DirectoryRoute(
    f"{ONE_PATH}/suspension",
    SuspendTenant,
    SuspensionBody,
    _suspend,
    permission=Permission.TENANTS_MANAGE,
    result=TenantResult,
    summary="Let nobody use a tenant; its timers and processes go on",
    status=200,
    moves_money=False,
    staff_only=True,
)

REACTIVATE = DirectoryRoute(
    f"{ONE_PATH}/reactivation",
    ReactivateTenant,
    ReactivationBody,
    _reactivate,
    permission=Permission.TENANTS_MANAGE,
    result=TenantResult,
    summary="Let a suspended tenant be used again",
    status=200,
    moves_money=False,
    staff_only=True,
)

LIST = QueryRoute(
    PATH,
    Page,
    _tenants,
    permission=Permission.TENANTS_MANAGE,
    result=TenantsView,
    summary="List all tenants",
    name="tenants_tenants",
    staff_only=True,
)

ONE = QueryRoute(
    ONE_PATH,
    Params,
    _tenant,
    permission=Permission.TENANTS_MANAGE,
    result=TenantView,
    summary="See a tenant",
    name="tenants_tenant",
    staff_only=True,
)
