"""Price lists: see them, define one, tell it anew."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated, Any

from pydantic import BaseModel, Field

from application.permissions import Permission
from application.pricing.price_lists import DefinePriceList, PriceListResult
from domain.kernel.ids import ID_PATTERN
from domain.pricing.price_lists import CODE_LENGTH_MAX, PRIORITY_MAX, standard_list
from interfaces.http.ledger.days import CHART, books_of
from interfaces.http.pricing.shapes import PRICES
from interfaces.http.routing.command import Asked, CommandRoute
from interfaces.http.routing.pages import Page, cursor_of, page_of, place_of
from interfaces.http.routing.query import Answer, QueryRoute, Question
from interfaces.http.wire.fields import Body, CurrencyCode, Name
from projections.pricing import prices

FIRST = PRIORITY_MAX + 1, ""

Code = Annotated[str, Field(min_length=1, max_length=CODE_LENGTH_MAX, examples=["web"])]


class PriceListBody(Body):
    """A list of prices; without a channel or customer group it holds for all of them."""

    name: Name
    currency: CurrencyCode
    priority: Annotated[
        int, Field(ge=1, le=PRIORITY_MAX, description="The highest counts", examples=[10])
    ]
    channel: Code | None = None
    customer_group: Annotated[Code | None, Field(examples=["dealers"])] = None
    tax_included: bool = True

    def command(self, price_list_id: str | None) -> DefinePriceList:
        """Build the command."""
        return DefinePriceList(
            self.name,
            self.currency,
            self.priority,
            self.channel,
            self.customer_group,
            self.tax_included,
            price_list_id,
        )


class NewPriceListBody(PriceListBody):
    """A list, under an id of your own if you like."""

    price_list_id: Annotated[
        str | None, Field(pattern=f"^{ID_PATTERN.pattern}$", examples=["plt_dealers"])
    ] = None


class PriceListView(BaseModel):
    """A list of prices."""

    price_list_id: str = Field(examples=["standard"])
    name: str
    currency: str = Field(examples=["TRY"])
    channel: str | None
    customer_group: str | None
    priority: int
    tax_included: bool


class PriceListsView(BaseModel):
    """A page of lists, the highest priority first; the standard one is the last of all."""

    items: list[PriceListView]
    next_cursor: str | None


async def _lists(question: Question[Page]) -> Answer:
    tenant_id, params = question.exchange.principal.tenant_id, question.params
    cursor = params.cursor
    after = FIRST if cursor is None else place_of(cursor, int, str)
    async with question.view(PRICES, CHART) as view:
        rows = await prices.price_lists(
            view.connection, tenant_id, after=after, limit=params.limit + 1
        )
        standard = standard_list((await books_of(view, tenant_id)).base_currency)
    if len(rows) <= params.limit:
        rows.append(asdict(standard))
    page = page_of(rows, params.limit, item=_told, place=_place)
    return Answer(page, view.position)


def _place(row: Mapping[str, Any]) -> str:
    return cursor_of(row["priority"], row["price_list_id"])


def _told(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in PriceListView.model_fields}


def _define(asked: Asked[NewPriceListBody]) -> DefinePriceList:
    return asked.body.command(asked.body.price_list_id)


def _define_anew(asked: Asked[PriceListBody]) -> DefinePriceList:
    return asked.body.command(asked.path["price_list_id"])


LIST = QueryRoute(
    "/api/admin/price-lists",
    Page,
    _lists,
    permission=Permission.PRICING_READ,
    result=PriceListsView,
    summary="See all price lists",
    name="pricing_price_lists",
    staff_only=True,
)

DEFINE = CommandRoute(
    "/api/admin/price-lists",
    DefinePriceList,
    NewPriceListBody,
    _define,
    permission=Permission.PRICING_MANAGE,
    result=PriceListResult,
    summary="Define a price list",
    moves_money=False,
    staff_only=True,
)

DEFINE_ANEW = CommandRoute(
    "/api/admin/price-lists/{price_list_id}",
    DefinePriceList,
    PriceListBody,
    _define_anew,
    permission=Permission.PRICING_MANAGE,
    result=PriceListResult,
    summary="Define a price list under an id, or tell it anew",
    method="PUT",
    name="pricing_define_price_list_anew",
    status=200,
    moves_money=False,
    staff_only=True,
)
