"""Webhook endpoints of the caller's tenant."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from application.channels.endpoints import (
    ActivateEndpoint,
    ChangeEndpoint,
    DeactivateEndpoint,
    EndpointResult,
    PingEndpoint,
    RegisterEndpoint,
    RemoveEndpoint,
    RotateSecret,
)
from application.permissions import Permission
from domain.channels.endpoints import EndpointNotFound
from domain.kernel.events import Personal
from infrastructure.channels.signing import new_secret
from interfaces.http.channels.shapes import (
    EndpointBody,
    EndpointsView,
    EndpointView,
    NewEndpointBody,
    NewEndpointView,
    NothingBody,
    RotatedView,
    SecretRotationBody,
)
from interfaces.http.edge.exchange import Exchange
from interfaces.http.routing.command import Asked, CommandRoute
from interfaces.http.routing.query import Answer, QueryRoute, Question, Standing
from interfaces.http.wire.fields import Body
from interfaces.http.wire.personal import opened
from projections.channels import endpoints

READ_MODEL = "channels_endpoints"
PATH = "/api/webhooks/endpoints"
ONE_PATH = PATH + "/{endpoint_id}"

B = TypeVar("B", bound=Body)


class NewSecretRoute(CommandRoute[B]):
    """A route whose answer holds a secret that nothing else ever shows."""

    async def respond(self, exchange: Exchange) -> None:
        """Make a secret, let it be recorded, sealed, and show it."""
        asked, fields = await self.parse(exchange)
        secret = new_secret()
        envelope = self.envelope(asked, fields, self.command(asked, secret))
        outcome = await exchange.services.sender.send(envelope)
        # A repeated request meets the secret of the first one, which nobody has any more.
        shown = None if outcome.replayed else secret
        await self.answer(
            asked,
            outcome,
            lambda _, body: msgspec.json.encode({**msgspec.json.decode(body), "secret": shown}),
        )

    @abstractmethod
    def command(self, asked: Asked[B], secret: str) -> object:
        """Build the command."""


class RegisterRoute(NewSecretRoute[NewEndpointBody]):
    """Register an endpoint."""

    def command(self, asked: Asked[NewEndpointBody], secret: str) -> RegisterEndpoint:
        """Build the command."""
        body, test = asked.body, asked.exchange.principal.test
        return RegisterEndpoint(
            body.url, body.types, secret, test, body.description, body.endpoint_id
        )


class RotateRoute(NewSecretRoute[SecretRotationBody]):
    """Rotate an endpoint's secret."""

    def command(self, asked: Asked[SecretRotationBody], secret: str) -> RotateSecret:
        """Build the command."""
        return RotateSecret(asked.path["endpoint_id"], secret, asked.body.overlap_hours)


def _change(asked: Asked[EndpointBody]) -> ChangeEndpoint:
    body = asked.body
    return ChangeEndpoint(asked.path["endpoint_id"], body.url, body.types, body.description)


def _deactivate(asked: Asked[NothingBody]) -> DeactivateEndpoint:
    return DeactivateEndpoint(asked.path["endpoint_id"])


def _activate(asked: Asked[NothingBody]) -> ActivateEndpoint:
    return ActivateEndpoint(asked.path["endpoint_id"])


def _remove(asked: Asked[NothingBody]) -> RemoveEndpoint:
    return RemoveEndpoint(asked.path["endpoint_id"])


def _ping(asked: Asked[NothingBody]) -> PingEndpoint:
    return PingEndpoint(asked.path["endpoint_id"])


def _told(row: Mapping[str, Any], texts: Mapping[Personal, str | None]) -> dict[str, Any]:
    description = _description(row)
    return {
        "endpoint_id": row["endpoint_id"],
        "url": row["url"],
        "types": row["types"].split(),
        "description": texts.get(description) if description is not None else None,
        "active": row["active"],
        "reason": row["reason"] or None,
        "test": row["test"],
        "registered_at": row["registered_at"],
        "rotated_at": row["rotated_at"],
        "old_secret_until": row["old_secret_until"],
    }


def _description(row: Mapping[str, Any]) -> Personal | None:
    sealed = row["description_sealed"]
    return Personal(row["endpoint_id"], sealed=sealed) if sealed else None


async def _endpoints(question: Question[Standing]) -> Answer:
    exchange = question.exchange
    async with question.view(READ_MODEL) as view:
        rows = await endpoints.endpoints(view.connection, exchange.principal.tenant_id)
        texts = await opened(exchange, view, filter(None, map(_description, rows)))
    return Answer({"items": [_told(row, texts) for row in rows]}, view.position)


async def _endpoint(question: Question[Standing]) -> Answer:
    exchange, endpoint_id = question.exchange, question.path["endpoint_id"]
    async with question.view(READ_MODEL) as view:
        tenant_id = exchange.principal.tenant_id
        row = await endpoints.endpoint(view.connection, tenant_id, endpoint_id)
        if row is None:
            raise EndpointNotFound("this tenant has no such endpoint")
        texts = await opened(exchange, view, filter(None, [_description(row)]))
    return Answer(_told(row, texts), view.position)


REGISTER = RegisterRoute(
    PATH,
    RegisterEndpoint,
    NewEndpointBody,
    permission=Permission.CHANNELS_WEBHOOKS,
    result=NewEndpointView,
    summary="Register a webhook endpoint; its secret is shown once",
    moves_money=False,
    staff_only=True,
)

ROTATE = RotateRoute(
    f"{ONE_PATH}/secret-rotation",
    RotateSecret,
    SecretRotationBody,
    permission=Permission.CHANNELS_WEBHOOKS,
    result=RotatedView,
    summary="Sign with a new secret, and with the old one for a while",
    moves_money=False,
    staff_only=True,
)

CHANGE = CommandRoute(
    f"{ONE_PATH}/changes",
    ChangeEndpoint,
    EndpointBody,
    _change,
    permission=Permission.CHANNELS_WEBHOOKS,
    result=EndpointResult,
    summary="Replace a webhook endpoint's URL, types and description",
    moves_money=False,
    staff_only=True,
)

DEACTIVATE = CommandRoute(
    f"{ONE_PATH}/deactivation",
    DeactivateEndpoint,
    NothingBody,
    _deactivate,
    permission=Permission.CHANNELS_WEBHOOKS,
    result=EndpointResult,
    summary="Send nothing to a webhook endpoint any more",
    moves_money=False,
    staff_only=True,
)

ACTIVATE = CommandRoute(
    f"{ONE_PATH}/activation",
    ActivateEndpoint,
    NothingBody,
    _activate,
    permission=Permission.CHANNELS_WEBHOOKS,
    result=EndpointResult,
    summary="Send events to a webhook endpoint again",
    moves_money=False,
    staff_only=True,
)

REMOVE = CommandRoute(
    f"{ONE_PATH}/removal",
    RemoveEndpoint,
    NothingBody,
    _remove,
    permission=Permission.CHANNELS_WEBHOOKS,
    result=EndpointResult,
    summary="Remove a webhook endpoint",
    moves_money=False,
    staff_only=True,
)

PING = CommandRoute(
    f"{ONE_PATH}/ping",
    PingEndpoint,
    NothingBody,
    _ping,
    permission=Permission.CHANNELS_WEBHOOKS,
    result=EndpointResult,
    summary="Send a webhook endpoint an event that only has to arrive",
    moves_money=False,
    staff_only=True,
)

LIST = QueryRoute(
    PATH,
    Standing,
    _endpoints,
    permission=Permission.CHANNELS_WEBHOOKS,
    result=EndpointsView,
    summary="List webhook endpoints",
    name="channels_endpoints",
    staff_only=True,
)

ONE = QueryRoute(
    ONE_PATH,
    Standing,
    _endpoint,
    permission=Permission.CHANNELS_WEBHOOKS,
    result=EndpointView,
    summary="See a webhook endpoint",
    name="channels_endpoint",
    staff_only=True,
)
