"""Erase a person: by staff who may, or by themselves once they said their password again."""

from contextlib import suppress
from typing import Annotated, Any

from psycopg import Error
from pydantic import Field

from application.permissions import Permission
from application.users.erasure import ErasedResult, ErasePerson
from domain.users.customer import ErasureReason
from domain.wallet.requests.stages import Stage
from infrastructure.event_log.reader import log_end
from interfaces.http.edge.exchange import Exchange, PrincipalKind
from interfaces.http.routing.command import Asked, CommandRoute
from interfaces.http.wire.fields import CURRENCIES, Body
from interfaces.http.wire.problems import Problem
from projections.wallet import requests

REQUESTS = "wallet_requests"
REQUESTS_MAX = 1_000
"""So many open requests of one person are told to the rule; the first alone makes it say no."""


class OwnErasureBody(Body):
    """Nothing but that it is meant."""

    confirm: Annotated[
        bool, Field(description="True: there is no way back", examples=[True], strict=True)
    ]


class ErasureBody(Body):
    """Why a person is forgotten; words about them have no place here."""

    reason: Annotated[ErasureReason, Field(strict=False, examples=["asked"])]


class ErasureRoute(CommandRoute[Any]):
    """A route whose command needs to know of open requests, and after which nothing is kept."""

    async def respond(self, exchange: Exchange) -> None:
        """Parse, look for open requests, send, forget what stands beside the log, answer."""
        asked, fields = await self.parse(exchange)
        customer_id, reason = _whom(asked)
        command = ErasePerson(
            customer_id, reason, tuple(sorted(CURRENCIES)), await _open(exchange, customer_id)
        )
        services = exchange.services
        outcome = await services.sender.send(self.envelope(asked, fields, command))
        if not outcome.refused:
            # The process that follows the log does it too, so a failure here is no failure.
            with suppress(Error, OSError):
                await services.forgetting(exchange.principal.tenant_id, customer_id)
        await self.answer(asked, outcome)


def _whom(asked: Asked[Any]) -> tuple[str, ErasureReason]:
    if isinstance(asked.body, ErasureBody):
        return asked.path["customer_id"], asked.body.reason
    principal = asked.exchange.principal
    if principal.kind is not PrincipalKind.CUSTOMER:
        raise Problem(403, "auth.customers_only", "only a customer who has logged in has this")
    if not asked.body.confirm:
        raise Problem(422, "users.erasure_not_confirmed", "send confirm: true; nothing was done")
    return principal.actor_id, ErasureReason.ASKED


async def _open(exchange: Exchange, customer_id: str) -> tuple[str, ...]:
    """Give a person's open requests as of the log's present end, or raise `NotCaughtUp`."""
    reads, tenant_id = exchange.services.reads, exchange.principal.tenant_id
    async with reads.tenant(tenant_id, projections=()) as view:
        end, _ = await log_end(view.connection, tenant_id)
    deadline = exchange.services.settings.read_deadline_seconds
    async with reads.tenant(
        tenant_id, projections=(REQUESTS,), min_position=end, deadline_seconds=deadline
    ) as view:
        rows = await requests.requests_of_owner(
            view.connection,
            tenant_id,
            customer_id,
            state=Stage.PENDING,
            limit=REQUESTS_MAX,
        )
    return tuple(row["request_id"] for row in rows)


OF_CUSTOMER = ErasureRoute(
    "/api/customers/{customer_id}/erasure",
    ErasePerson,
    ErasureBody,
    permission=Permission.USERS_ERASE,
    result=ErasedResult,
    summary="Erase a person for good",
    staff_only=True,
)

OWN = ErasureRoute(
    "/api/users/me/erasure",
    ErasePerson,
    OwnErasureBody,
    permission=Permission.IDENTITY_SELF,
    result=ErasedResult,
    summary="Erase oneself for good; the session was stepped up before",
    name="users_erase_oneself",
)
