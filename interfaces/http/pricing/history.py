"""What happened to a variant's prices, and what it cost before it was reduced."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from application.permissions import Permission
from domain.pricing.events import STANDARD_LIST
from domain.pricing.prior import Prior
from interfaces.http.pricing.shapes import HISTORY, PriceListId, amounts
from interfaces.http.routing.pages import Page, cursor_of, page_of, place_of
from interfaces.http.routing.query import POSITION_MAX, Answer, QueryRoute, Question
from interfaces.http.wire.money import MoneyView, money
from projections.pricing import history


class HistoryParams(Page):
    """In which list; in all of them if not said."""

    price_list_id: PriceListId | None = None


class ChangeView(BaseModel):
    """One change. No amount is no price."""

    position: int
    at: datetime
    happened: Literal["set", "scheduled", "began", "ended", "cancelled"]
    price_list_id: str = Field(examples=[STANDARD_LIST])
    minimum_quantity: int = Field(examples=[1])
    amount: MoneyView | None
    list_price: MoneyView | None
    schedule_id: str | None
    begins_at: datetime | None
    ends_at: datetime | None


class ReductionView(BaseModel):
    """Since when the present price is reduced, and what was lowest in the 30 days before."""

    since: datetime
    lowest_30_days: MoneyView | None


class HistoryView(BaseModel):
    """A page of a variant's changes, newest first."""

    variant_id: str
    reduction: ReductionView | None = Field(
        description="Of one unit in the list asked for, else the standard list; null if its price"
        " is not announced as reduced"
    )
    items: list[ChangeView]
    next_cursor: str | None


async def _history(question: Question[HistoryParams]) -> Answer:
    tenant_id, params = question.exchange.principal.tenant_id, question.params
    variant_id, only = question.path["variant_id"], params.price_list_id
    before = POSITION_MAX if params.cursor is None else place_of(params.cursor, int)[0]
    async with question.view(HISTORY) as view:
        rows = await history.history_of(
            view.connection,
            tenant_id,
            variant_id,
            price_list_id=only,
            before=before,
            limit=params.limit + 1,
        )
        reduced = await history.prior_prices(
            view.connection, tenant_id, [variant_id], price_list_id=only or STANDARD_LIST
        )
    page = page_of(rows, params.limit, item=_told, place=lambda row: cursor_of(row["position"]))
    told = {"variant_id": variant_id, "reduction": _reduction(reduced.get(variant_id))}
    return Answer(told | page, view.position)


def _reduction(prior: Prior | None) -> dict[str, Any] | None:
    if prior is None:
        return None
    lowest = prior.lowest_30_days
    told = None if lowest is None else money(lowest.minor, lowest.currency)
    return {"since": prior.reduced_since, "lowest_30_days": told}


def _told(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in ChangeView.model_fields} | amounts(row)


HISTORY_OF = QueryRoute(
    "/api/admin/products/variants/{variant_id}/price-history",
    HistoryParams,
    _history,
    permission=Permission.PRICING_READ,
    result=HistoryView,
    summary="See every change of a variant's prices",
    name="pricing_price_history",
    staff_only=True,
)
