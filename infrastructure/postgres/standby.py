"""Answers from a hot standby, where the question says how fresh they must be."""

import time
from collections.abc import AsyncGenerator, Collection, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from uuid import UUID

import structlog
from psycopg import Error
from psycopg_pool import PoolTimeout

from infrastructure.postgres.reads import CATCH_UP_SECONDS, Look, NotCaughtUp, Reads
from projections.query import Asked

AT_ONCE = 0.0
WAIT_SECONDS = 0.25
AWAY_SECONDS = 5.0
"""A standby that did not answer is asked again so much later, by one question alone."""

_log = structlog.get_logger("standby")


class ReadsWithStandby(Reads):
    """Asks the standby whether it has replayed the position asked for, and else the primary.

    A question without a position is the primary's: how stale a standby is nobody can tell it.
    """

    def __init__(self, database_url: str, standby_url: str) -> None:
        super().__init__(database_url)
        self._standby = Reads(standby_url, wait_seconds=WAIT_SECONDS)
        self._away_until: float | None = None
        self.answered_by_standby = 0

    async def open(self) -> None:
        """Start connecting to both."""
        await super().open()
        await self._standby.open()

    async def close(self) -> None:
        """Close all connections."""
        await self._standby.close()
        await super().close()

    @asynccontextmanager
    async def tenant(
        self,
        tenant_id: UUID,
        *,
        projections: Collection[str],
        min_position: int | None = None,
        deadline_seconds: float = CATCH_UP_SECONDS,
        asked: Sequence[Asked] = (),
    ) -> AsyncGenerator[Look]:
        """Look at one tenant on the standby if it is there yet, else on the primary."""
        async with AsyncExitStack() as stack:
            look: Look | None = None
            if min_position is not None and self._may_be_there():
                there = self._standby.tenant(
                    tenant_id,
                    projections=projections,
                    min_position=min_position,
                    deadline_seconds=AT_ONCE,
                    asked=asked,
                )
                try:
                    look = await stack.enter_async_context(there)
                    self._away_until = None
                    self.answered_by_standby += 1
                except NotCaughtUp:
                    self._away_until = None
                except (Error, OSError, PoolTimeout) as away:
                    self._away_until = time.monotonic() + AWAY_SECONDS
                    _log.warning("standby_away", error=type(away).__name__)
            if look is None:
                look = await stack.enter_async_context(
                    super().tenant(
                        tenant_id,
                        projections=projections,
                        min_position=min_position,
                        deadline_seconds=deadline_seconds,
                        asked=asked,
                    )
                )
            yield look

    def _may_be_there(self) -> bool:
        now = time.monotonic()
        if self._away_until is None:
            return True
        if now < self._away_until:
            return False
        self._away_until = now + AWAY_SECONDS  # meanwhile nobody else asks
        return True
