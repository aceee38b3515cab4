"""What an event is: a past fact of one stream, told in the words of its context."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, NamedTuple, Protocol
from uuid import UUID


class Personal:
    """A piece of personal data that belongs to a person (`subject`).

    New text is plain only in memory: the event log seals it with the person's key. What comes back
    from the log is sealed, and only a key ring opens it.
    """

    __slots__ = ("sealed", "subject", "text")

    def __init__(self, subject: str, text: str | None = None, *, sealed: str | None = None) -> None:
        self.subject = subject
        self.text = text
        self.sealed = sealed

    def __repr__(self) -> str:
        return f"Personal({self.subject!r}, …)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Personal) and (
            (self.subject, self.text, self.sealed) == (other.subject, other.text, other.sealed)
        )

    def __hash__(self) -> int:
        return hash((self.subject, self.text, self.sealed))


class Claim(NamedTuple):
    """A unique key of a tenant, such as one wallet per owner and currency."""

    kind: str
    key: str


class Event:
    """A past fact. Subclasses are frozen dataclasses; `NAME` and `SCHEMA` are stored, for ever."""

    __slots__ = ()

    NAME: ClassVar[str]
    SCHEMA: ClassVar[int] = 1
    CATEGORY: ClassVar[str]

    @property
    def key(self) -> str:
        """Which one of its category this event belongs to."""
        raise NotImplementedError

    def takes(self) -> tuple[Claim, ...]:
        """Name the unique keys that this event takes for its stream."""
        return ()

    def releases(self) -> tuple[Claim, ...]:
        """Name the unique keys that this event gives back."""
        return ()

    def forgets(self) -> tuple[str, ...]:
        """Name the persons whose keys are destroyed with this event: nothing of theirs opens."""
        return ()


def stream_of(category: str, key: str) -> str:
    """Name the stream of one aggregate."""
    return f"{category}-{key}"


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event as it stands in a tenant's log."""

    tenant_id: UUID
    position: int
    event_id: UUID
    stream: str
    version: int
    recorded_at: datetime
    event: Event
    meta: bytes


class Aggregate(Protocol):
    """What a decision reads of one stream: a frozen state that events evolve."""

    CATEGORY: ClassVar[str]
    FOLD_VERSION: ClassVar[int]

    @classmethod
    def evolve(cls, state: Any, event: Any) -> Any:  # noqa: ANN401 - each aggregate narrows both
        """Fold one event into the state, without a rule; the first state is None."""
        ...
