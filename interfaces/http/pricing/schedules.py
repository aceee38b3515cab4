"""Scheduled prices: schedule one, take it back."""

from application.permissions import Permission
from application.pricing.schedules import CancelSchedule, SchedulePrice, ScheduleResult
from domain.pricing.events import STANDARD_LIST
from interfaces.http.pricing.shapes import (
    MinimumQuantity,
    PriceListId,
    ScheduleId,
    UnitPrice,
    price_of,
)
from interfaces.http.routing.command import Asked, CommandRoute
from interfaces.http.wire.fields import Body, Moment


class ScheduleBody(Body):
    """What one unit costs for a span of time to come; without an end it stays."""

    amount: UnitPrice
    begins_at: Moment
    ends_at: Moment | None = None
    list_price: UnitPrice | None = None
    price_list_id: PriceListId = STANDARD_LIST
    minimum_quantity: MinimumQuantity = 1
    schedule_id: ScheduleId | None = None


class NothingMore(Body):
    """The path says everything."""


def _schedule(asked: Asked[ScheduleBody]) -> SchedulePrice:
    body = asked.body
    price = price_of(body.amount, body.list_price)
    return SchedulePrice(
        asked.path["variant_id"],
        price.amount,
        body.begins_at,
        body.ends_at,
        price.list_price,
        body.price_list_id,
        body.minimum_quantity,
        body.schedule_id,
    )


def _cancel(asked: Asked[NothingMore]) -> CancelSchedule:
    return CancelSchedule(asked.path["variant_id"], asked.path["schedule_id"])


SCHEDULE = CommandRoute(
    "/api/admin/products/variants/{variant_id}/price-schedules",
    SchedulePrice,
    ScheduleBody,
    _schedule,
    permission=Permission.PRICING_MANAGE,
    result=ScheduleResult,
    summary="Schedule a price",
    moves_money=False,
    staff_only=True,
)

CANCEL = CommandRoute(
    "/api/admin/products/variants/{variant_id}/price-schedules/{schedule_id}",
    CancelSchedule,
    NothingMore,
    _cancel,
    permission=Permission.PRICING_MANAGE,
    result=ScheduleResult,
    summary="Take a scheduled price back, or end it",
    method="DELETE",
    status=200,
    moves_money=False,
    staff_only=True,
)
