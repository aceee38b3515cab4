"""A tenant's log in memory, and one that has forgotten everything and is told piece by piece."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from application.aggregates import AGGREGATES
from application.book import Memory, Missing
from domain.kernel.events import Claim, Event, stream_of


class LogInMemory:
    """Events in order, folded and claimed as they come: the whole truth, at hand."""

    def __init__(self, events: Iterable[Event] = ()) -> None:
        self.events: list[Event] = []
        self.streams: dict[str, list[Event]] = defaultdict(list)
        self.claims: dict[Claim, str] = {}
        self._states: dict[str, tuple[int, Any]] = {}
        for event in events:
            self.append(event)

    def append(self, event: Event) -> None:
        """Add one event at the end."""
        stream = stream_of(event.CATEGORY, event.key)
        version, state = self.state(stream)
        self._states[stream] = (version + 1, AGGREGATES[event.CATEGORY].evolve(state, event))
        self.streams[stream].append(event)
        self.events.append(event)
        for claim in event.releases():
            del self.claims[claim]
        for claim in event.takes():
            assert claim not in self.claims, f"{claim} is taken"
            self.claims[claim] = stream

    @property
    def states(self) -> dict[str, tuple[int, Any]]:
        """Version and state of every stream."""
        return self._states

    def state(self, stream: str) -> tuple[int, Any]:
        return self._states.get(stream, (0, None))

    def claim(self, claim: Claim) -> str | None:
        return self.claims.get(claim)

    def event(self, stream: str, version: int) -> Event | None:
        events = self.streams.get(stream, [])
        return events[version - 1] if 1 <= version <= len(events) else None

    def need(self, streams: Iterable[str], claims: Iterable[Claim] = ()) -> None:
        """Everything is at hand."""


class ForgetfulMemory:
    """Knows nothing at first: what it lacks it notes, and a fetch brings all of it at once."""

    def __init__(self, truth: Memory) -> None:
        self._truth = truth
        self._known: set[object] = set()
        self._lacking: set[object] = set()

    def fetch(self) -> None:
        """Bring what was lacking, as one query does; something must have been."""
        assert self._lacking, "Missing was raised though nothing is missing"
        self._known |= self._lacking
        self._lacking.clear()

    def state(self, stream: str) -> tuple[int, Any]:
        self.need((stream,))
        return self._truth.state(stream)

    def claim(self, claim: Claim) -> str | None:
        self._need(claim)
        return self._truth.claim(claim)

    def event(self, stream: str, version: int) -> Event | None:
        self._need((stream, version))
        return self._truth.event(stream, version)

    def need(self, streams: Iterable[str], claims: Iterable[Claim] = ()) -> None:
        self._need(*streams, *claims)

    def _need(self, *keys: object) -> None:
        lacking = {key for key in keys if key not in self._known}
        if lacking:
            self._lacking |= lacking
            raise Missing
