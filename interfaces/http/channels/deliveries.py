"""What was sent to a webhook endpoint, and sending it again."""

from collections.abc import Mapping
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from application.channels.endpoints import ReplayDelivery, ReplayEvents, ReplayResult
from application.permissions import Permission
from domain.channels.endpoints import EndpointNotFound
from infrastructure.channels import deliveries
from interfaces.http.channels.endpoints import ONE_PATH, READ_MODEL
from interfaces.http.channels.shapes import DeliveriesView, NothingBody, ReplayBody
from interfaces.http.edge.exchange import Exchange
from interfaces.http.routing.command import Asked, CommandRoute
from interfaces.http.routing.pages import Page, cursor_of, page_of, place_of
from interfaces.http.routing.query import POSITION_MAX, Answer, QueryRoute, Question
from interfaces.http.wire.problems import Problem
from projections.channels import endpoints


class DeliveriesParams(Page):
    """Which deliveries."""

    state: Annotated[
        Literal["waiting", "done", "dead", "discarded"] | None,
        Field(description="Only deliveries that stand like this"),
    ] = None


async def _deliveries(question: Question[DeliveriesParams]) -> Answer:
    """Deliveries are written as they are made, so this list is never behind."""
    params, endpoint_id = question.params, question.path["endpoint_id"]
    before = POSITION_MAX if params.cursor is None else place_of(params.cursor, int)[0]
    tenant_id = question.exchange.principal.tenant_id
    async with question.view(READ_MODEL) as view:
        if await endpoints.endpoint(view.connection, tenant_id, endpoint_id) is None:
            raise EndpointNotFound("this tenant has no such endpoint")
        rows = await deliveries.deliveries(
            view.connection,
            tenant_id,
            endpoint_id,
            before=before,
            state=params.state,
            limit=params.limit + 1,
        )
    return Answer(
        page_of(rows, params.limit, item=dict, place=lambda row: cursor_of(row["position"])),
        view.position,
    )


def _replay(asked: Asked[ReplayBody]) -> ReplayEvents:
    body = asked.body
    return ReplayEvents(asked.path["endpoint_id"], body.from_position, body.to_position)


class ReplayOneRoute(CommandRoute[NothingBody]):
    """Replays the one position that a delivery is of."""

    async def respond(self, exchange: Exchange) -> None:
        """Parse, look the delivery up, send, answer."""
        asked, fields = await self.parse(exchange)
        position = await _position(exchange, asked.path)
        command = ReplayDelivery(asked.path["endpoint_id"], position)
        outcome = await exchange.services.sender.send(self.envelope(asked, fields, command))
        await self.answer(asked, outcome)


async def _position(exchange: Exchange, path: Mapping[str, str]) -> int:
    tenant_id, delivery_id = exchange.principal.tenant_id, UUID(path["delivery_id"])
    async with exchange.services.reads.tenant(tenant_id, projections=()) as view:
        position = await deliveries.position_of(
            view.connection, tenant_id, path["endpoint_id"], delivery_id
        )
    if position is None:
        raise Problem(404, "channels.delivery_not_found", "this endpoint has no such delivery")
    return position


LIST = QueryRoute(
    f"{ONE_PATH}/deliveries",
    DeliveriesParams,
    _deliveries,
    permission=Permission.CHANNELS_WEBHOOKS,
    result=DeliveriesView,
    summary="List what was sent to a webhook endpoint, with every attempt",
    name="channels_deliveries",
    staff_only=True,
)

REPLAY = CommandRoute(
    f"{ONE_PATH}/replay",
    ReplayEvents,
    ReplayBody,
    _replay,
    permission=Permission.CHANNELS_WEBHOOKS,
    result=ReplayResult,
    summary="Send the events of some positions to a webhook endpoint again",
    moves_money=False,
    staff_only=True,
)

REPLAY_ONE = ReplayOneRoute(
    ONE_PATH + "/deliveries/{delivery_id}/replay",
    ReplayDelivery,
    NothingBody,
    permission=Permission.CHANNELS_WEBHOOKS,
    result=ReplayResult,
    summary="Make a delivery once more",
    moves_money=False,
    staff_only=True,
)
