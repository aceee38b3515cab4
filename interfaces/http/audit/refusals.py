"""See what was refused to whom."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from application.permissions import Permission
from infrastructure.audit.kept import refusals
from interfaces.http.audit.trail import Word
from interfaces.http.audit.who import ActorKind, kind_of
from interfaces.http.routing.pages import Page, cursor_of, page_of, place_of
from interfaces.http.routing.query import Answer, QueryRoute, Question
from interfaces.http.wire.fields import Moment

LATEST = (datetime(9999, 1, 1, tzinfo=UTC), UUID(int=2**128 - 1))
FILTERS = ("actor", "on_behalf_of", "route", "code", "status", "since", "until")


class RefusalParams(Page):
    """Which refusals; all that is given must hold."""

    actor: Annotated[Word | None, Field(examples=["stf_01k3xq8m5w"])] = None
    on_behalf_of: Annotated[Word | None, Field(description="The customer acted for")] = None
    route: Annotated[
        str | None, Field(pattern="^[ -~]{1,200}$", examples=["/api/wallet/{wallet_id}"])
    ] = None
    code: Annotated[str | None, Field(pattern="^[a-z_.]{1,100}$")] = None
    status: Annotated[int | None, Field(ge=400, le=499)] = None
    since: Annotated[Moment | None, Field(description="This moment counts")] = None
    until: Annotated[Moment | None, Field(description="This moment counts no more")] = None


class RefusalView(BaseModel):
    """A request that was answered with no.

    Equal `address_hash`es are one network address, equal `tried_hash`es one e-mail address that
    somebody could not log in with; neither can be turned back.
    """

    at: datetime
    refusal_id: UUID
    actor: str
    actor_kind: ActorKind
    key_id: str | None
    on_behalf_of: str | None
    method: str
    route: str
    status: int
    code: str = Field(examples=["auth.permission_missing"])
    request_id: str
    address_hash: str
    tried_hash: str | None


class RefusalsView(BaseModel):
    """A page of refusals, newest first."""

    items: list[RefusalView]
    next_cursor: str | None


async def _refusals(question: Question[RefusalParams]) -> Answer:
    """Newest first, kept for 400 days; one is here about a second after it was answered."""
    params = question.params
    given = {name: getattr(params, name) for name in FILTERS}
    async with question.view() as view:
        rows = await refusals(
            view.connection,
            question.exchange.principal.tenant_id,
            asked={name: value for name, value in given.items() if value is not None},
            before=LATEST if params.cursor is None else place_of(params.cursor, datetime, UUID),  # type: ignore[arg-type] - two of them
            limit=params.limit + 1,
        )
    page = page_of(
        rows,
        params.limit,
        item=_told,
        place=lambda row: cursor_of(row["at"].isoformat(), str(row["refusal_id"])),
    )
    return Answer(page)


def _told(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**row, "actor_kind": kind_of(row["actor"])}


REFUSALS = QueryRoute(
    "/api/audit/refusals",
    RefusalParams,
    _refusals,
    permission=Permission.AUDIT_READ,
    result=RefusalsView,
    summary="See what was refused to whom",
    name="audit_refusals",
    staff_only=True,
)
