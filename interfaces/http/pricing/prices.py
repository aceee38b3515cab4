"""Prices of variants: see what holds and what is scheduled, set one, many, a whole table."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, Field

from application.permissions import Permission
from application.pricing.prices import PricesResult, SetPrice, SetTiers
from domain.pricing.events import STANDARD_LIST
from domain.pricing.prices import TIERS_MAX
from domain.pricing.setting import TierPrice
from interfaces.http.edge.exchange import Exchange
from interfaces.http.pricing.shapes import (
    PRICES,
    MinimumQuantity,
    PriceListId,
    PriceView,
    ScheduleView,
    UnitPrice,
    VariantId,
    amounts,
    price_of,
)
from interfaces.http.routing.batch import Batch, BatchAnswer, BatchRoute
from interfaces.http.routing.command import Asked, CommandRoute
from interfaces.http.routing.query import Answer, QueryRoute, Question, Standing
from interfaces.http.wire.fields import Body, IdempotencyKey, Moment
from projections.pricing import prices


class PriceBody(Body):
    """What one unit costs from now on; null is no price."""

    variant_id: VariantId
    amount: UnitPrice | None
    list_price: UnitPrice | None = None
    price_list_id: PriceListId = STANDARD_LIST
    minimum_quantity: MinimumQuantity = 1
    since: Annotated[
        Moment | None,
        Field(
            description="Since when it has held, as another system noted it; told oldest first",
            examples=["2025-12-01T00:00:00Z"],
        ),
    ] = None

    def command(self) -> SetPrice:
        """Build the command."""
        price = None if self.amount is None else price_of(self.amount, self.list_price)
        return SetPrice(
            self.variant_id,
            price and price.amount,
            price and price.list_price,
            self.price_list_id,
            self.minimum_quantity,
            self.since,
        )


class PriceItem(PriceBody):
    """A price, and under which key."""

    key: IdempotencyKey | None = None


class TierBody(Body):
    """What one unit costs whoever buys so many."""

    minimum_quantity: MinimumQuantity
    amount: UnitPrice
    list_price: UnitPrice | None = None


class TiersBody(Body):
    """All prices of a list; what is not named is taken away."""

    tiers: Annotated[tuple[TierBody, ...], Field(strict=False, max_length=TIERS_MAX)]


class PricesView(BaseModel):
    """What a variant costs now, and what is scheduled."""

    variant_id: str
    items: list[PriceView]
    scheduled: list[ScheduleView]


class PricesParams(Standing):
    """Of which variant, and in which list; in all of them if not said."""

    variant_id: VariantId
    price_list_id: PriceListId | None = None


async def _prices(question: Question[PricesParams]) -> Answer:
    tenant_id, params = question.exchange.principal.tenant_id, question.params
    variant_id, asked = params.variant_id, {"price_list_id": params.price_list_id}
    async with question.view(PRICES) as view:
        now = await prices.prices_of(view.connection, tenant_id, variant_id, **asked)
        to_come = await prices.schedules_of(view.connection, tenant_id, variant_id, **asked)
    answer = {
        "variant_id": variant_id,
        "items": [_told(row, PriceView) for row in now],
        "scheduled": [_told(row, ScheduleView) for row in to_come],
    }
    return Answer(answer, view.position)


def _told(row: Mapping[str, Any], view: type[BaseModel]) -> dict[str, Any]:
    return {name: row[name] for name in view.model_fields} | amounts(row)


def _set(asked: Asked[PriceBody]) -> SetPrice:
    return asked.body.command()


def _set_one(item: PriceItem, _exchange: Exchange) -> SetPrice:
    return item.command()


def _set_tiers(asked: Asked[TiersBody]) -> SetTiers:
    tiers = tuple(
        TierPrice(tier.minimum_quantity, price_of(tier.amount, tier.list_price))
        for tier in asked.body.tiers
    )
    return SetTiers(asked.path["variant_id"], asked.path["price_list_id"], tiers)


SEE = QueryRoute(
    "/api/admin/prices",
    PricesParams,
    _prices,
    permission=Permission.PRICING_READ,
    result=PricesView,
    summary="See what a variant costs now, and what is scheduled",
    name="pricing_prices",
    staff_only=True,
)

SET = CommandRoute(
    "/api/admin/prices",
    SetPrice,
    PriceBody,
    _set,
    permission=Permission.PRICING_MANAGE,
    result=PricesResult,
    summary="Set one price of a variant, or take it away",
    status=200,
    moves_money=False,
    staff_only=True,
)

SET_MANY = BatchRoute(
    "/api/admin/prices/batch",
    SetPrice,
    Batch[PriceItem],
    _set_one,
    permission=Permission.PRICING_MANAGE,
    result=BatchAnswer[PricesResult],
    summary="Set many prices",
    staff_only=True,
)

SET_TIERS = CommandRoute(
    "/api/admin/products/variants/{variant_id}/prices/{price_list_id}",
    SetTiers,
    TiersBody,
    _set_tiers,
    permission=Permission.PRICING_MANAGE,
    result=PricesResult,
    summary="Set all prices of a variant in a list",
    method="PUT",
    status=200,
    moves_money=False,
    staff_only=True,
)
