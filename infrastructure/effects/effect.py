"""What an effect is to whoever performs it, and what each kind of effect promises."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from psycopg import AsyncConnection

from application.sending import Sender
from infrastructure.event_log.opening import Opener
from infrastructure.settings import Settings

RETRY_FACTOR = 4
ALARM = "alarm: "
"""What is kept of an effect that ended in an alarm begins like this."""


class Effect(NamedTuple):
    """One attempt at an effect. `effect_id` is what an outside party knows it by, for ever."""

    tenant_id: UUID
    effect_id: UUID
    effect: str
    target: str
    event_id: UUID
    position: int
    attempt: int
    forgiven: int

    @property
    def tries(self) -> int:
        """How often it was tried since it was filed, or since an operator began anew."""
        return self.attempt - self.forgiven


class TryLater(Exception):
    """It did not succeed now and may succeed later; the text is kept, so it holds no secret."""


class Onward(TryLater):
    """A part of it was done; what is left is done at once, and no try is counted."""


class Hopeless(Exception):
    """It can not succeed, however often it is tried."""


class Alarm(Hopeless):
    """It can not succeed, and not for lack of trying: somebody has to look at once."""


class Needless(Exception):
    """Nobody wants it any more; it is given up without a fuss."""


class World(Protocol):
    """What performing reaches out with."""

    settings: Settings
    opener: Opener
    sender: Sender

    def look(self, tenant_id: UUID) -> AbstractAsyncContextManager[AsyncConnection[Any]]:
        """Lend a connection in a transaction that sees one tenant."""
        ...


@dataclass(frozen=True, slots=True)
class Kind:
    """How one kind of effect is performed.

    `perform` answers what is to be kept of its success, or raises `TryLater`, `Onward`,
    `Hopeless` or `Needless`. It may run again after it had succeeded, when that was not written
    down: what it calls must know the effect by its id. `dead` hears of an effect that was given up;
    `close` lets go of what was kept open between attempts.
    """

    perform: Callable[[World, Effect], Awaitable[str]]
    attempts_max: int = 8
    first_retry_seconds: float = 5.0
    retry_seconds_max: float = 6 * 3600.0
    dead: Callable[[World, Effect], Awaitable[None]] | None = None
    close: Callable[[], Awaitable[None]] | None = None

    def retry_seconds(self, attempt: int) -> float:
        """Tell how long to wait after a failed attempt, before any jitter."""
        wait = self.first_retry_seconds * RETRY_FACTOR ** (attempt - 1)
        return min(wait, self.retry_seconds_max)


Kinds = Mapping[str, Kind]
