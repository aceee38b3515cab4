"""Who works for the tenant: names are in the platform's log, accounts in the tenant's."""

from collections.abc import Mapping
from typing import Any

from application.permissions import Permission
from application.tenants.tenants import PLATFORM
from domain.kernel.events import Personal
from interfaces.http.identity.staff_shapes import StaffPageView
from interfaces.http.routing.pages import Page, cursor_of, page_of, place_of
from interfaces.http.routing.query import Answer, QueryRoute, Question
from interfaces.http.tenants.platform_log import DIRECTORY
from interfaces.http.wire.personal import opened
from projections.identity import accounts
from projections.tenants import directory

PATH = "/api/admin/staff"
READ_MODEL = "identity_accounts"

Texts = Mapping[Personal, str | None]


async def _staff(question: Question[Page]) -> Answer:
    """Names are as new as the platform's directory, accounts as the position asked for."""
    exchange, params = question.exchange, question.params
    tenant_id = exchange.principal.tenant_id
    after = "" if params.cursor is None else place_of(params.cursor, str)[0]
    texts: dict[Personal, str | None] = {}
    async with exchange.services.reads.tenant(PLATFORM, projections=(DIRECTORY,)) as view:
        rows = await directory.staff(
            view.connection, PLATFORM, tenant_id, after=after, limit=params.limit + 1
        )
        names = map(_name, rows[: params.limit])
        texts.update(await opened(exchange, view, names, tenant_id=PLATFORM))
    async with question.view(READ_MODEL) as view:
        persons = [row["staff_id"] for row in rows]
        known = await accounts.accounts(view.connection, tenant_id, persons)
        texts.update(await opened(exchange, view, map(_email, known.values())))
    page = page_of(
        rows,
        params.limit,
        item=lambda row: _told(row, known.get(row["staff_id"]), texts),
        place=lambda row: cursor_of(row["staff_id"]),
    )
    return Answer(page, view.position)


def _name(row: Mapping[str, Any]) -> Personal:
    return Personal(row["name_subject"], sealed=row["name_sealed"])


def _email(account: Mapping[str, Any]) -> Personal:
    return Personal(account["person_id"], sealed=account["email_sealed"])


def _told(
    row: Mapping[str, Any], account: Mapping[str, Any] | None, texts: Texts
) -> dict[str, Any]:
    return {
        "staff_id": row["staff_id"],
        "name": texts.get(_name(row)),
        "email": texts.get(_email(account)) if account is not None else None,
        "roles": account["roles"] if account is not None else [],
        "account": account is not None,
        "verified": account is not None and account["verified"],
        "suspended": row["suspended"] or (account is not None and account["suspended"]),
        "added_at": row["added_at"],
    }


LIST = QueryRoute(
    PATH,
    Page,
    _staff,
    permission=Permission.IDENTITY_READ,
    result=StaffPageView,
    summary="List who works for the tenant",
    name="identity_staff",
    staff_only=True,
)
