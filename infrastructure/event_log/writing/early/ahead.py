"""Decide what waits while PostgreSQL writes a batch, for the next one of the same tenant.

What was decided ahead stands only if, under the lock, the log ends where that batch ended it and
none of these commands was answered elsewhere. Else it is forgotten, and everything decided anew.
"""

import asyncio
from collections.abc import Callable, Container, Generator, MutableMapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from infrastructure.event_log.writing.deciding import Decision, TenantBatch
from infrastructure.event_log.writing.memory import End, TenantMemory
from infrastructure.event_log.writing.queues import Pending

COMMANDS_AT_ONCE = 4
"""After so many others on the event loop have a turn, such as whoever awaits PostgreSQL."""

LOOK_AGAIN_SECONDS = 0.001
"""When all that waits is decided, more may come before PostgreSQL answers."""


@dataclass(slots=True)
class Ahead:
    """What was decided of the commands that wait first, on top of a batch that is being written."""

    decided: TenantBatch
    now: datetime
    met: set[UUID]
    """Commands of the batch itself, and those decided: one that is sent twice is answered once."""

    answers: list[tuple[Pending, Decision]] = field(default_factory=list[tuple[Pending, Decision]])
    end: End | None = None
    """Where the log ended with that batch."""

    @contextmanager
    def beside(
        self,
        waiting: Callable[[], Sequence[Pending]],
        known: TenantMemory,
        kept: MutableMapping[UUID, "Ahead"],
    ) -> Generator[None]:
        """Decide while the batch is written, and be kept if it was: then the memory holds it."""
        task = asyncio.create_task(self._go_on(waiting))
        try:
            yield
        finally:
            task.cancel()
        if self.answers:
            self.end = known.end
            self.decided.before = None
            kept[self.decided.tenant_id] = self

    def fits(
        self,
        tenant_id: UUID,
        commands: Sequence[Pending],
        end: End,
        answered: Container[tuple[UUID, UUID]],
    ) -> bool:
        """Whether all of it stands for these commands, under the lock."""
        return (
            self.end == end
            and len(commands) >= len(self.answers)
            and all(
                pending is commands[n] and (tenant_id, pending.envelope.command_id) not in answered
                for n, (pending, _) in enumerate(self.answers)
            )
        )

    async def _go_on(self, waiting: Callable[[], Sequence[Pending]]) -> None:
        while True:
            commands, begin = waiting(), len(self.answers)
            end = min(begin + COMMANDS_AT_ONCE, len(commands))
            for n in range(begin, end):
                if not self._decide(commands[n]):
                    return
            await asyncio.sleep(0 if end > begin else LOOK_AGAIN_SECONDS)

    def _decide(self, pending: Pending) -> bool:
        """Decide one; False ends it: what is lacking is fetched, and a bug told, under the lock."""
        command_id = pending.envelope.command_id
        if pending.future.done() or command_id in self.met:
            return False
        try:
            if not self.decided.stands(pending.envelope.rights_at):
                return False
            decision = self.decided.decide(pending.envelope, self.now)
        except Exception:  # noqa: BLE001 - `Missing`, or a bug
            return False
        self.met.add(command_id)
        self.answers.append((pending, decision))
        self.now = decision.at
        return True
