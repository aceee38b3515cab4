"""See what happened, event by event, newest first."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.errors import QueryCanceled
from pydantic import BaseModel, Field

from application.permissions import Permission
from domain.kernel.refusals import Invalid
from infrastructure.event_log.reader import last_before
from interfaces.http.audit.shown import Texts
from interfaces.http.audit.trail import READ_MODELS, TrailParams, moved
from interfaces.http.audit.who import WhoView, meta_of, origin_of, who
from interfaces.http.parts import View
from interfaces.http.routing.pages import cursor_of, page_of, place_of
from interfaces.http.routing.query import POSITION_MAX, Answer, QueryRoute, Question
from interfaces.http.wire.money import MoneyView
from interfaces.http.wire.personal import opened
from projections.audit.events import events

OF_THE_SPAN = ("since", "until", "from_position", "to_position")


class SearchTooWide(Invalid):
    """Too many events would have to be looked through for so few that are wanted."""

    code = "audit.search_too_wide"


class LogParams(TrailParams):
    """Which events, and which part of the list."""

    def asked(self) -> dict[str, Any]:
        """Give what was asked for of each event: where it stands is asked for apart."""
        return {name: value for name, value in super().asked().items() if name not in OF_THE_SPAN}

    async def span(self, view: View, tenant_id: UUID) -> tuple[int, int]:
        """Give the positions between which the page lies, neither of which counts."""
        after = (self.from_position or 1) - 1
        before = (self.to_position or POSITION_MAX) + 1
        if self.cursor is not None:
            before = min(before, place_of(self.cursor, int)[0])
        if self.since is not None:
            after = max(after, await last_before(view.connection, tenant_id, None, self.since))
        if self.until is not None:
            last = await last_before(view.connection, tenant_id, None, self.until)
            before = min(before, last + 1)
        return after, before


class LoggedView(WhoView):
    """An event, and who recorded it with which command."""

    position: int
    event_id: UUID
    type: str = Field(examples=["wallet.transfer_sent"])
    stream: str
    version: int
    recorded_at: datetime
    moved: list[MoneyView] = Field(description="The debits of its entry, by currency")


class LogView(BaseModel):
    """A page of events, newest first."""

    items: list[LoggedView]
    next_cursor: str | None


async def _log(question: Question[LogParams]) -> Answer:
    """Filter by who, what, when, where and how much; the next page goes on further back."""
    exchange, params = question.exchange, question.params
    tenant_id = exchange.principal.tenant_id
    async with question.view(*READ_MODELS) as view:
        after, before = await params.span(view, tenant_id)
        try:
            rows = await events(
                view.connection,
                tenant_id,
                asked=params.asked(),
                after=after,
                before=before,
                limit=params.limit + 1,
                reached=view.position,
            )
        except QueryCanceled as slow:
            raise SearchTooWide("that takes too long; narrow it by time or position") from slow
        origins = [origin_of(meta_of(row["meta"])) for row in rows[: params.limit]]
        texts = await opened(exchange, view, filter(None, origins))
    page = page_of(
        rows,
        params.limit,
        item=lambda row: _told(row, texts),
        place=lambda row: cursor_of(row["position"]),
    )
    return Answer(page, view.position)


def _told(row: Mapping[str, Any], texts: Texts) -> dict[str, Any]:
    kept = ("position", "event_id", "type", "stream", "version", "recorded_at")
    return {
        **{name: row[name] for name in kept},
        **who(meta_of(row["meta"]), texts),
        "moved": [moved(text) for text in row["moved"]],
    }


LOG = QueryRoute(
    "/api/audit/log",
    LogParams,
    _log,
    permission=Permission.AUDIT_READ,
    result=LogView,
    summary="See what happened, event by event",
    name="audit_log",
    staff_only=True,
)
