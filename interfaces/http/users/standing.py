"""Suspend customers, and let them in again (USR-07)."""

from typing import Annotated

from pydantic import Field

from application.permissions import Permission
from application.users.standing import (
    CustomerStandingResult,
    ReactivateCustomer,
    SuspendCustomer,
)
from infrastructure.event_log.reader import log_end
from interfaces.http.edge.exchange import Exchange
from interfaces.http.routing.command import Asked, CommandRoute
from interfaces.http.wire.fields import Body, Text
from projections.wallet import balances

WALLETS = "wallet_balances"
WALLETS_MAX = 500
"""A person has one wallet at most in a currency that is not closed; closed ones are few."""


class SuspendBody(Body):
    """Why somebody may log in no more, and whether their wallets are frozen too."""

    reason: Text
    freeze_wallets: Annotated[
        bool, Field(description="Freeze all their wallets that are open, or do nothing at all")
    ] = False


class NoBody(Body):
    """Nothing more is to be said."""


class SuspensionRoute(CommandRoute[SuspendBody]):
    """A route whose command needs to know the wallets of a person."""

    async def respond(self, exchange: Exchange) -> None:
        """Parse, look the wallets up, send, answer."""
        asked, fields = await self.parse(exchange)
        customer_id = asked.path["customer_id"]
        wallets = await _wallets(exchange, customer_id) if asked.body.freeze_wallets else ()
        command = SuspendCustomer(customer_id, asked.body.reason, wallets)
        outcome = await exchange.services.sender.send(self.envelope(asked, fields, command))
        await self.answer(asked, outcome)


async def _wallets(exchange: Exchange, owner: str) -> tuple[str, ...]:
    """Give a person's wallets as of the log's present end, or raise `NotCaughtUp`."""
    reads, tenant_id = exchange.services.reads, exchange.principal.tenant_id
    async with reads.tenant(tenant_id, projections=()) as view:
        end, _ = await log_end(view.connection, tenant_id)
    deadline = exchange.services.settings.read_deadline_seconds
    async with reads.tenant(
        tenant_id, projections=(WALLETS,), min_position=end, deadline_seconds=deadline
    ) as view:
        rows = await balances.wallets_of(view.connection, tenant_id, owner, limit=WALLETS_MAX)
    return tuple(row["wallet_id"] for row in rows if row["status"] == balances.OPEN)


def _reactivate(asked: Asked[NoBody]) -> ReactivateCustomer:
    return ReactivateCustomer(asked.path["customer_id"])


SUSPEND = SuspensionRoute(
    "/api/customers/{customer_id}/suspension",
    SuspendCustomer,
    SuspendBody,
    permission=Permission.USERS_MANAGE,
    result=CustomerStandingResult,
    summary="Let a customer log in no more; their sessions end at once",
    moves_money=False,
    staff_only=True,
)

REACTIVATE = CommandRoute(
    "/api/customers/{customer_id}/reactivation",
    ReactivateCustomer,
    NoBody,
    _reactivate,
    permission=Permission.USERS_MANAGE,
    result=CustomerStandingResult,
    summary="Let a suspended customer log in again",
    moves_money=False,
    staff_only=True,
)
