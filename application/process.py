"""What a process is: it follows a log and answers events with commands, effects and timers.

A process is pure and may run any number of times over the same event: command ids, effects and
timers derive from the event. It reads no clock and no read model.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from domain.kernel.events import Aggregate, Event, Recorded, stream_of


class Send(NamedTuple):
    """Send a command to the tenant's own log; a refusal ends the matter."""

    command: Any


class Perform(NamedTuple):
    """File an effect: something to be done outside, once for this event and target.

    What is `bulk` is done when nothing else waits to be done.
    """

    effect: str
    target: str = ""
    bulk: bool = False


class SetTimer(NamedTuple):
    """Let a timer's command be sent when it is due; a new time replaces the old one."""

    timer: str
    key: str
    due_at: datetime


class ClearTimer(NamedTuple):
    """Take a timer back."""

    timer: str
    key: str


class Revive(NamedTuple):
    """Let an effect that waits or was given up be tried from the beginning, at once."""

    effect_id: UUID


class GiveUp(NamedTuple):
    """Discard an effect that waits, or that was given up by itself."""

    effect_id: UUID


class Forget(NamedTuple):
    """Remove what stands of a person beside the log; `hashes` are those of their addresses."""

    person_id: str
    hashes: tuple[str, ...]


Reaction = Send | Perform | SetTimer | ClearTimer | Revive | GiveUp | Forget


class Passing(NamedTuple):
    """An event as one sees it pass, its content unread."""

    position: int
    event_id: UUID
    stream: str
    version: int
    type: str
    recorded_at: datetime


class Known(NamedTuple):
    """One stream of the tenant whose state a process knows as of each event it meets."""

    kind: type[Aggregate]
    key: str

    @property
    def stream(self) -> str:
        """The stream's name."""
        return stream_of(self.kind.CATEGORY, self.key)


@dataclass(frozen=True, slots=True)
class Process:
    """Reactions by event type. `relay` sees every event pass while `attentive` says so.

    Both are given the state of the stream in `knows` as it was when the event happened. A process
    that a release brings begins with the first event of each log, so what history must not lead to
    (a receipt for last year) has to depend on what it knows.
    """

    name: str
    reactions: Mapping[type[Event], Callable[[Recorded], Iterable[Reaction]]] = field(
        default_factory=dict[type[Event], Callable[[Recorded], Iterable[Reaction]]]
    )
    knows: Known | None = None
    attentive: Callable[[Any], bool] = bool
    relay: Callable[[Any, Passing], Iterable[Reaction]] | None = None

    @property
    def key(self) -> str:
        """What its checkpoints are filed under."""
        return f"process.{self.name}"
