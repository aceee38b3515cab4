"""See the months: which are sealed, and what stands in the way of sealing one."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from typing import Any

from pydantic import BaseModel, Field

from application.permissions import Permission
from domain.kernel.refusals import Refusal
from domain.ledger import closing
from domain.ledger.books import Books, BooksNotOpen
from domain.ledger.closing import TrialBalanceUnbalanced
from domain.ledger.periods import Closing, last_day
from infrastructure.event_log.reader import log_end
from interfaces.http.edge.exchange import Exchange
from interfaces.http.ledger.reports import CHART, JOURNAL
from interfaces.http.parts import View
from interfaces.http.routing.pages import Page, cursor_of, page_of, place_of
from interfaces.http.routing.query import Answer, Params, QueryRoute, Question
from projections.ledger.balances import imbalances, trial_balance
from projections.ledger.chart import books
from projections.ledger.periods import BEFORE_ALL, SEALED, period, periods, standing

PERIODS = "ledger_periods"


class PeriodView(BaseModel):
    """A month. `entries` count on its days, `adjustments` belong to it and count later.

    `digest` and `up_to` (a position) tell what was sealed; a month that was sealed along with a
    later one has none.
    """

    period: str = Field(examples=["2026-02"])
    state: str = Field(examples=["sealed"], description="open, closing or sealed")
    entries: int
    adjustments: int
    digest: str | None
    up_to: int | None
    changed_at: datetime | None
    changed_by: str | None = Field(examples=["stf_01k3xq8m5w"])
    reopening_requested_by: str | None


class PeriodsView(BaseModel):
    """The months in which something happened, the newest first."""

    items: list[PeriodView]
    next_cursor: str | None


class ObstacleView(BaseModel):
    """What the command would be refused with."""

    code: str = Field(examples=["ledger.period_not_over"])
    detail: str


class ClosableView(PeriodView):
    """A month, and what stands in the way of closing and sealing it now, if anything does."""

    in_the_way: list[ObstacleView]


@asynccontextmanager
async def at_log_end(
    exchange: Exchange, *read_models: str
) -> AsyncGenerator[tuple[View, datetime]]:
    """Look at everything that is in the log now; raises `NotCaughtUp` where that is not read yet.

    Also gives the tenant's time, which a test tenant may have moved.
    """
    services, tenant_id = exchange.services, exchange.principal.tenant_id
    async with services.reads.tenant(tenant_id, projections=()) as look:
        position, recorded_at = await log_end(look.connection, tenant_id)
    now = datetime.now(UTC)
    async with services.reads.tenant(
        tenant_id,
        projections=read_models,
        min_position=position,
        deadline_seconds=services.settings.read_deadline_seconds,
    ) as view:
        yield view, max(recorded_at or now, now)


async def _periods(question: Question[Page]) -> Answer:
    params = question.params
    async with question.view(PERIODS) as view:
        rows = await periods(
            view.connection,
            question.exchange.principal.tenant_id,
            before=BEFORE_ALL if params.cursor is None else place_of(params.cursor, str)[0],
            limit=params.limit + 1,
        )
    page = page_of(rows, params.limit, item=_told, place=lambda row: cursor_of(row["period"]))
    return Answer(page, view.position)


async def _period(question: Question[Params]) -> Answer:
    """Answered from everything that is in the log now, or with a 503."""
    name, tenant_id = question.path["period"], question.exchange.principal.tenant_id
    async with at_log_end(question.exchange, PERIODS, JOURNAL, CHART) as (view, now):
        row = await period(view.connection, tenant_id, name)
        found = [
            *await _rule_in_the_way(view, tenant_id, name, now),
            *await _imbalance_in_the_way(view, tenant_id, last_day(name)),
        ]
    obstacles = [{"code": one.code, "detail": one.detail} for one in found]
    return Answer({**_told(row), "in_the_way": obstacles}, view.position)


async def _rule_in_the_way(
    view: View, tenant_id: object, name: str, now: datetime
) -> list[Refusal]:
    """Ask the rule itself, of books as the read models know them."""
    kept = await books(view.connection, tenant_id)
    if kept is None:
        return [BooksNotOpen("this tenant has no books yet")]
    stands = await standing(view.connection, tenant_id)
    if stands.closing == name:
        return []
    known = Books(
        kept["base_currency"],
        kept["time_zone"],
        {},
        sealed_until=last_day(stands.sealed_until) if stands.sealed_until else None,
        closing=Closing(last_day(stands.closing), "") if stands.closing else None,
    )
    try:
        closing.start(known, period=name, closing_id="", by="", at=now)
    except Refusal as refusal:
        return [refusal]
    return []


async def _imbalance_in_the_way(view: View, tenant_id: object, until: date) -> list[Refusal]:
    sums = imbalances(await trial_balance(view.connection, tenant_id, as_of=until))
    off = {currency: minor for currency, minor in sorted(sums.items()) if minor}
    return [TrialBalanceUnbalanced(f"debits and credits differ by {off}")] if off else []


def _told(row: Mapping[str, Any]) -> dict[str, Any]:
    kept = ("period", "state", "entries", "adjustments", "changed_at", "changed_by")
    sealed = row["state"] == SEALED
    return {
        **{name: row[name] for name in kept},
        "digest": row["digest"] if sealed else None,
        "up_to": row["up_to"] if sealed else None,
        "reopening_requested_by": row["reopening_by"] or None,
    }


LIST = QueryRoute(
    "/api/ledger/periods",
    Page,
    _periods,
    permission=Permission.LEDGER_READ,
    result=PeriodsView,
    summary="See which months are open, closing or sealed",
    name="ledger_periods",
    staff_only=True,
)

ONE = QueryRoute(
    "/api/ledger/periods/{period}",
    Params,
    _period,
    permission=Permission.LEDGER_READ,
    result=ClosableView,
    summary="See a month, and what stands in the way of sealing it",
    name="ledger_period",
    staff_only=True,
)
