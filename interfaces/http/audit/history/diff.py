"""See what changed between two positions or times: states, and balances."""

from collections.abc import Iterator
from typing import Annotated, Any
from uuid import UUID

from psycopg.errors import QueryCanceled
from pydantic import BaseModel, Field

from application.permissions import Permission
from domain.kernel.events import Personal
from infrastructure.audit.changed import (
    ChangedStream,
    SpanTooWide,
    changed_streams,
    check_span,
)
from infrastructure.audit.places import Place, place_of
from infrastructure.postgres.reads import NotCaughtUp
from interfaces.http.audit.event import FieldChangeView
from interfaces.http.audit.history.places import LATEST, PlaceText, PlaceView, StreamName
from interfaces.http.audit.shown import Texts, changes, plain, sealed_parts, worded
from interfaces.http.parts import View
from interfaces.http.routing.pages import PAGE_ITEMS, Page, cursor_of
from interfaces.http.routing.pages import place_of as place_in_list
from interfaces.http.routing.query import Answer, QueryRoute, Question
from interfaces.http.wire.money import MoneyView, money
from interfaces.http.wire.personal import opened
from projections.ledger.changed import BalanceChange, changed_balances

JOURNAL = "ledger_journal"
STREAMS_MAX = 100
"""So many streams stand on a page: each is folded twice."""


class DiffParams(Page):
    """From where to where, and of what."""

    limit: Annotated[int, Field(ge=1, le=500)] = PAGE_ITEMS
    first: Annotated[PlaceText, Field(alias="from")]
    last: Annotated[PlaceText, Field(alias="to")] = LATEST
    stream: StreamName | None = None

    async def places(
        self, view: View, tenant_id: UUID, *, reached: int | None = None
    ) -> tuple[Place, Place]:
        """Find both; refuses a second that lies before the first."""
        first = await place_of(view.connection, tenant_id, self.first, reached=reached)
        last = await place_of(view.connection, tenant_id, self.last, reached=reached)
        check_span(first.position, last.position)
        return first, last


class SpanView(BaseModel):
    """After which event, and up to which."""

    first: PlaceView = Field(alias="from")
    last: PlaceView = Field(alias="to")


class StreamChangeView(BaseModel):
    """A stream that changed; `from_version` is 0 where it came into being."""

    stream: str
    from_version: int
    to_version: int
    changes: list[FieldChangeView]


class DiffView(SpanView):
    """A page of the streams that changed, by name."""

    items: list[StreamChangeView]
    next_cursor: str | None


class BalanceChangeView(BaseModel):
    """What stood on an account before and after; a debit is positive."""

    account: str = Field(examples=["wallet.cash:wal_01k3xq8m5w"])
    before: MoneyView
    after: MoneyView


class BalancesView(SpanView):
    """A page of the accounts to which was posted, by account and currency."""

    items: list[BalanceChangeView]
    next_cursor: str | None


async def _diff(question: Question[DiffParams]) -> Answer:
    """Each stream with its changed fields, before and after.

    All streams are told where 100,000 events or less lie between; one stream however far apart.
    A page may be shorter than asked for, where its streams are long; the next one goes on.
    """
    exchange, params = question.exchange, question.params
    tenant_id = exchange.principal.tenant_id
    limit = min(params.limit, STREAMS_MAX)
    async with question.view() as view:
        first, last = await params.places(view, tenant_id)
        found, more = await changed_streams(
            view.connection,
            tenant_id,
            first=first.position,
            last=last.position,
            stream=params.stream,
            after="" if params.cursor is None else place_in_list(params.cursor, str)[0],
            limit=limit,
        )
        told = [_changed(one) for one in found]
        texts = await opened(exchange, view, _sealed(told))
    cursor = cursor_of(found[-1].stream) if more else None
    return Answer(_page(first, last, [_worded(one, texts) for one in told], cursor), last.position)


async def _balances(question: Question[DiffParams]) -> Answer:
    """See all accounts to which was posted; with `stream`, those that it owns."""
    params, tenant_id = question.params, question.exchange.principal.tenant_id
    async with question.view(JOURNAL) as view:
        first, last = await params.places(view, tenant_id, reached=view.position)
        if last.position > view.position:
            raise NotCaughtUp(reached=view.position, asked=last.position)
        account, currency = (
            ("", "") if params.cursor is None else place_in_list(params.cursor, str, str)
        )
        try:
            found = await changed_balances(
                view.connection,
                tenant_id,
                first=first.position,
                last=last.position,
                stream=params.stream,
                after=(account, currency),
                limit=params.limit + 1,
            )
        except QueryCanceled as slow:
            raise SpanTooWide("that takes too long; take nearer places, or a stream") from slow
    shown = found[: params.limit]
    more = len(found) > params.limit
    cursor = cursor_of(shown[-1].account, shown[-1].currency) if more else None
    return Answer(_page(first, last, [_balance(one) for one in shown], cursor), last.position)


def _page(first: Place, last: Place, items: list[Any], cursor: str | None) -> dict[str, Any]:
    return {"from": first.told(), "to": last.told(), "items": items, "next_cursor": cursor}


def _changed(one: ChangedStream) -> dict[str, Any]:
    states = (plain(standing.state) for standing in (one.before, one.after))
    return {
        "stream": one.stream,
        "from_version": one.before.version,
        "to_version": one.after.version,
        "changes": changes(*states),
    }


def _sealed(told: list[dict[str, Any]]) -> Iterator[Personal]:
    return sealed_parts([one["changes"] for one in told])


def _worded(one: dict[str, Any], texts: Texts) -> dict[str, Any]:
    return {**one, "changes": worded(one["changes"], texts)}


def _balance(one: BalanceChange) -> dict[str, Any]:
    return {
        "account": one.account,
        "before": money(one.before, one.currency),
        "after": money(one.after, one.currency),
    }


DIFF = QueryRoute(
    "/api/audit/diff",
    DiffParams,
    _diff,
    permission=Permission.AUDIT_READ,
    result=DiffView,
    summary="See what changed between two positions or times",
    name="audit_diff",
    staff_only=True,
)

BALANCES = QueryRoute(
    "/api/audit/diff/balances",
    DiffParams,
    _balances,
    permission=Permission.AUDIT_READ,
    result=BalancesView,
    summary="See how balances changed between two positions or times",
    name="audit_diff_balances",
    staff_only=True,
)
