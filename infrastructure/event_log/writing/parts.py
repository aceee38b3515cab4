"""What the batches of a process share, and a tenant's share of one."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from application.sending import Outcome
from infrastructure.event_log.keyring import MasterKeys
from infrastructure.event_log.writing.deciding import Decision, TenantBatch
from infrastructure.event_log.writing.early.ahead import Ahead
from infrastructure.event_log.writing.memory import LogMemory
from infrastructure.event_log.writing.queues import Pending

Settled = Outcome | Decision | Exception
"""An outcome stored earlier, a decision of this very batch asked for twice, or an error."""


@dataclass(frozen=True, slots=True)
class Log:
    """What every batch of a process shares."""

    memory: LogMemory
    master_keys: MasterKeys
    clock: Callable[[], datetime]
    ahead: dict[UUID, Ahead] = field(default_factory=dict[UUID, Ahead])
    """What was decided for the next batch of a tenant."""


@dataclass(slots=True)
class Part:
    """One tenant's share of a batch: what waits, what was decided, what needs no deciding."""

    commands: list[Pending]
    decided: TenantBatch
    waiting: list[Pending] = field(default_factory=list[Pending])
    answers: list[tuple[Pending, Decision]] = field(default_factory=list[tuple[Pending, Decision]])
    settled: list[tuple[Pending, Settled]] = field(default_factory=list[tuple[Pending, Settled]])
    now: datetime | None = None
    """The time it is for the next command; a command may move the clock of its tenant."""

    def answer(self) -> None:
        """Answer everyone of whom something is known."""
        for pending, decision in self.answers:
            pending.answer(_outcome_of(decision, replayed=False))
        for pending, settled in self.settled:
            match settled:
                case Outcome():
                    pending.answer(settled._replace(replayed=not pending.unknown))
                case Decision():
                    pending.answer(_outcome_of(settled, replayed=True))
                case Exception():
                    pending.fail(settled)


def _outcome_of(decision: Decision, *, replayed: bool) -> Outcome:
    return Outcome(decision.position, decision.refused, decision.body, replayed)
