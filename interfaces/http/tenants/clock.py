"""A test tenant's clock."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field

from application.permissions import Permission
from application.tenants.clock import AdvanceClock
from domain.tenants.clock import NotATestTenant
from interfaces.http.edge.exchange import Exchange
from interfaces.http.routing.command import CommandRoute
from interfaces.http.wire.fields import Body, Moment


class ClockBody(Body):
    """The moment to move to."""

    to: Moment


class ClockView(BaseModel):
    """What time it is for the tenant, and how many timers fired on the way."""

    now: datetime
    fired: Annotated[int, Field(examples=[3])]


class ClockRoute(CommandRoute[ClockBody]):
    """Moves the clock and lets all that becomes due happen before it answers."""

    async def respond(self, exchange: Exchange) -> None:
        """Parse, move, answer."""
        if not exchange.principal.test:
            raise NotATestTenant("only a test tenant's clock is moved by hand")
        asked, fields = await self.parse(exchange)
        envelope = self.envelope(asked, fields, AdvanceClock(asked.body.to))
        outcome, fired = await exchange.services.clock.advance(envelope)
        await self.answer(asked, outcome, lambda _, body: body[:-1] + b',"fired":%d}' % fired)


ADVANCE = ClockRoute(
    "/api/test/clock",
    AdvanceClock,
    ClockBody,
    permission=Permission.TEST_CLOCK,
    result=ClockView,
    summary="Move a test tenant's clock forward",
    status=200,
    moves_money=False,
    staff_only=True,
)
