"""What stands in the platform's log, for those who wrote there."""

from collections.abc import Callable
from typing import TypeVar
from uuid import UUID

from application.sending import Outcome
from application.tenants.tenants import PLATFORM
from infrastructure.postgres.reads import NotCaughtUp
from interfaces.http.edge.exchange import Exchange
from interfaces.http.routing.command import Asked, CommandRoute
from interfaces.http.wire.fields import Body

DIRECTORY = "tenant_directory"

B = TypeVar("B", bound=Body)


class DirectoryRoute(CommandRoute[B]):
    """A route whose command is in effect, as far as the directory tells, once it is answered."""

    read_model = DIRECTORY

    def tenant_of(self, exchange: Exchange) -> UUID:  # noqa: ARG002 - where another read model tells
        """Say in whose log it was written."""
        return PLATFORM

    async def answer(
        self,
        asked: Asked[B],
        outcome: Outcome,
        body_of: Callable[[Asked[B], bytes], bytes] | None = None,
    ) -> None:
        """Wait, then answer."""
        if not outcome.refused:
            exchange = asked.exchange
            tenant_id, read_model = self.tenant_of(exchange), self.read_model
            await until_known(
                exchange, outcome.position, tenant_id=tenant_id, read_model=read_model
            )
        await super().answer(asked, outcome, body_of)


async def until_known(
    exchange: Exchange,
    position: int,
    *,
    tenant_id: UUID = PLATFORM,
    read_model: str = DIRECTORY,
) -> None:
    """Wait until a read model knows what was written, unless that takes too long."""
    reads = exchange.services.reads
    try:
        async with reads.tenant(tenant_id, projections=(read_model,), min_position=position):
            return
    except NotCaughtUp:
        return
