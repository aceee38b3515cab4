"""The commands that wait, tenant by tenant, and which tenants a lane may take."""

import asyncio
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any
from uuid import UUID

from application.envelope import Envelope
from application.sending import (
    IdempotencyKeyReused,
    LogUnavailable,
    Outcome,
    OutcomeUnknown,
    Overloaded,
)

BATCH_COMMANDS_MAX = 512
QUEUE_COMMANDS_MAX = 10_000
COMMAND_SECONDS_MAX = 5.0


@dataclass(slots=True, eq=False)
class Pending:
    """A command that waits for its answer until `deadline` (monotonic seconds)."""

    envelope: Envelope
    future: asyncio.Future[Outcome]
    deadline: float
    link: Any = None
    """The span that sent it, if anybody takes spans."""

    unknown: bool = False
    """Whether an earlier try ended with a COMMIT that may have counted."""

    def answer(self, outcome: Outcome) -> None:
        """Answer, unless the caller went away."""
        if not self.future.done():
            self.future.set_result(outcome)

    def fail(self, error: Exception) -> None:
        """Answer that it was not decided, unless the caller went away.

        After a COMMIT whose answer was lost nobody can say that, only what the log itself told.
        """
        if self.unknown and not isinstance(error, IdempotencyKeyReused):
            error = OutcomeUnknown("the answer was lost; send it again to learn the outcome")
        if not self.future.done():
            self.future.set_exception(error)


Group = dict[UUID, list[Pending]]


class Queues:
    """Tenants that wait are `ready`, or `held` where another process has their head.

    A tenant that a lane has taken, or somebody borrowed, stands in neither, so that one batch of it
    is under way at most.
    """

    def __init__(self) -> None:
        self._queues: dict[UUID, deque[Pending]] = {}
        self._sources: tuple[deque[UUID], deque[UUID]] = (deque(), deque())
        self._wake = (asyncio.Event(), asyncio.Event())
        self._borrowers: dict[UUID, asyncio.Future[None]] = {}
        self.waiting = 0
        """How many commands wait that no lane has taken."""

        self.closing = False
        """No command is taken in any more; lanes end when nothing is left."""

        self.giving_up = False
        """Nobody's time is left: every command is answered that it was not decided."""

    def check_room(self, count: int) -> None:
        """Refuse more than may wait."""
        if self.closing or self.waiting + count > QUEUE_COMMANDS_MAX:
            raise Overloaded("too many commands wait; send it again in a moment")

    def put(
        self,
        envelope: Envelope,
        future: asyncio.Future[Outcome],
        link: Any = None,  # noqa: ANN401 - the tracer's own
    ) -> None:
        """Let a command wait for the next batch of its tenant."""
        tenant_id = envelope.tenant_id
        queue = self._queues.get(tenant_id)
        if queue is None:
            queue = self._queues[tenant_id] = deque()
            self._offer(tenant_id, held=False)
        queue.append(Pending(envelope, future, time.monotonic() + COMMAND_SECONDS_MAX, link))
        self.waiting += 1

    def next_of(self, tenant_id: UUID) -> Sequence[Pending]:
        """Look at what the next batch of a tenant would take."""
        return list(islice(self._queues.get(tenant_id, ()), BATCH_COMMANDS_MAX))

    async def take(self, *, held: bool, tenants_max: int) -> Group | None:
        """Wait for tenants and take what waits for them; None when nothing will come any more."""
        source, wake = self._sources[held], self._wake[held]
        while not source:
            if self.closing and not self._queues:
                self.wake_all()
                return None
            wake.clear()
            await wake.wait()
        group: Group = {}
        while source and len(group) < tenants_max:
            tenant_id = source.popleft()
            queue = self._queues[tenant_id]
            room = BATCH_COMMANDS_MAX if len(group) == 0 else BATCH_COMMANDS_MAX // 8
            taken = [queue.popleft() for _ in range(min(len(queue), room))]
            self.waiting -= len(taken)
            in_time = self.in_time(taken)
            if in_time:
                group[tenant_id] = in_time
            else:
                self.give_back(tenant_id, (), held=held)
        return group

    async def borrow(self, tenant_id: UUID) -> None:
        """Wait until no batch of a tenant is under way; none begins before it is given back.

        One borrows a tenant at a time.
        """
        for source in self._sources:
            if tenant_id in source:
                source.remove(tenant_id)
                return
        if tenant_id not in self._queues:
            self._queues[tenant_id] = deque()
            return
        borrower = self._borrowers[tenant_id] = asyncio.get_running_loop().create_future()
        try:
            await borrower
        except asyncio.CancelledError:
            if self._borrowers.pop(tenant_id, None) is None:  # it had been handed over just before
                self.give_back(tenant_id, ())
            raise

    def give_back(self, tenant_id: UUID, left: Sequence[Pending], *, held: bool = False) -> None:
        """Put what was not decided before what came since; the tenant is free for a next batch."""
        queue = self._queues[tenant_id]
        queue.extendleft(reversed(left))
        self.waiting += len(left)
        borrower = self._borrowers.pop(tenant_id, None)
        if borrower is not None:
            borrower.set_result(None)
            return
        if queue:
            self._offer(tenant_id, held=held)
            return
        del self._queues[tenant_id]
        if self.closing:
            self.wake_all()

    def in_time(self, commands: Sequence[Pending]) -> list[Pending]:
        """Give those that are still waited for; the others are told that their time is over."""
        now = float("inf") if self.giving_up else time.monotonic()
        for pending in commands:
            if pending.deadline <= now:
                pending.fail(LogUnavailable("the event log can not be written at present"))
        return [pending for pending in commands if not pending.future.done()]

    def taken(self, tenant_id: UUID) -> bool:
        """Tell whether a lane has this tenant at present."""
        return tenant_id in self._queues and all(tenant_id not in one for one in self._sources)

    def fail(self, error: Exception, tenant_id: UUID | None = None) -> None:
        """Answer everyone who waits, or who waits for one tenant."""
        for one, queue in self._queues.items():
            if tenant_id in {None, one}:
                fail_all(queue, error)

    def wake_all(self) -> None:
        """Let every lane look again."""
        for event in self._wake:
            event.set()

    def _offer(self, tenant_id: UUID, *, held: bool) -> None:
        self._sources[held].append(tenant_id)
        self._wake[held].set()


def fail_all(commands: Sequence[Pending] | deque[Pending], error: Exception) -> None:
    """Answer that none of these was decided."""
    for pending in commands:
        pending.fail(error)
