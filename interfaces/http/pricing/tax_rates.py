"""KDV rates: those of a day with their sources, and setting one."""

from datetime import date
from typing import Annotated

from pydantic import BaseModel, Field

from application.permissions import Permission
from application.pricing.tax_rates import KdvRateResult, SetKdvRate
from domain.pricing.kdv import SOURCE_LENGTH_MAX, TaxClass, rates_on
from domain.pricing.lines import BASIS_POINTS
from interfaces.http.ledger.days import CHART, today
from interfaces.http.pricing.shapes import TAX_RATES
from interfaces.http.routing.command import Asked, CommandRoute
from interfaces.http.routing.query import Answer, QueryRoute, Question, Standing
from interfaces.http.wire.fields import Body, Day, WrittenOut
from projections.pricing import tax_rates


class RateBody(Body):
    """The rate of a tax class from a day on, and the law that it comes from."""

    tax_class: Annotated[TaxClass, Field(strict=False)]
    rate_basis_points: Annotated[
        int, Field(ge=0, le=BASIS_POINTS, description="2000 is 20 %", examples=[2_000])
    ]
    effective_from: Annotated[Day, Field(description="The first day", examples=["2027-01-01"])]
    source: Annotated[
        str, Field(min_length=1, max_length=SOURCE_LENGTH_MAX, examples=["CK 7346, RG 32241"])
    ]


class RateView(BaseModel):
    """The rate of a class from a day on; `own` says that the tenant set it."""

    tax_class: TaxClass
    rate_basis_points: int = Field(examples=[2_000])
    effective_from: date
    source: str
    own: bool


class RatesView(BaseModel):
    """The rates of a day, and all that the tenant set for any day."""

    on: date
    items: list[RateView]
    own: list[RateView]


class RatesParams(Standing):
    """Of which day; of today in the tenant's time zone if not said."""

    on: Annotated[date | None, WrittenOut, Field(examples=["2026-11-01"])] = None


async def _rates(question: Question[RatesParams]) -> Answer:
    tenant_id = question.exchange.principal.tenant_id
    async with question.view(TAX_RATES, CHART) as view:
        day = question.params.on or await today(view, tenant_id)
        own = await tax_rates.own_rates(view.connection, tenant_id)
    answer = {"on": day, "items": rates_on(day, own), "own": own}
    return Answer(answer, view.position)


def _set(asked: Asked[RateBody]) -> SetKdvRate:
    body = asked.body
    return SetKdvRate(body.tax_class, body.rate_basis_points, body.effective_from, body.source)


SEE = QueryRoute(
    "/api/admin/tax-rates",
    RatesParams,
    _rates,
    permission=Permission.PRICING_READ,
    result=RatesView,
    summary="See the KDV rates of a day",
    name="pricing_tax_rates",
    staff_only=True,
)

SET = CommandRoute(
    "/api/admin/tax-rates",
    SetKdvRate,
    RateBody,
    _set,
    permission=Permission.PRICING_MANAGE,
    result=KdvRateResult,
    summary="Set a KDV rate from a day on",
    method="PUT",
    status=200,
    moves_money=False,
    staff_only=True,
)
