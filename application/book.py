"""The book: what one command sees of its tenant's log, and where it records what it decides."""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any, Protocol, TypeVar

from application.aggregates import AGGREGATES
from application.envelope import Actor, Envelope
from domain.kernel.events import Aggregate, Claim, Event, stream_of
from domain.kernel.ids import derived_uuid, sortable_id
from domain.kernel.refusals import PreconditionFailed, RuleBroken
from domain.ledger.books import Books, BooksNotOpen
from domain.ledger.events import BOOKS_KEY
from domain.ledger.periods import Late
from domain.ledger.postings import Entry

A = TypeVar("A", bound=Aggregate)
Q = TypeVar("Q")
R = TypeVar("R")

EVENTS_PER_COMMAND_MAX = 5_000


class Missing(Exception):
    """The memory has noted what it lacks; the handler is abandoned and runs again."""


class ClaimTaken(RuleBroken):
    """Another stream holds this unique key."""

    code = "log.claim_taken"


class VersionChanged(PreconditionFailed):
    """What the caller decided on has changed since."""

    code = "request.version_changed"


class TooManyEvents(RuleBroken):
    """One command records a limited number of events."""

    code = "log.too_many_events"


class Memory(Protocol):
    """What is known of the log; each method raises `Missing` for what is not in memory."""

    def state(self, stream: str) -> tuple[int, Any]:
        """Give version and state of a stream; version 0 and None where it does not exist."""
        ...

    def claim(self, claim: Claim) -> str | None:
        """Give the stream that owns a unique key."""
        ...

    def event(self, stream: str, version: int) -> Event | None:
        """Give one event of a stream."""
        ...

    def need(self, streams: Iterable[str], claims: Iterable[Claim] = ()) -> None:
        """Note what is about to be asked for, and raise `Missing` if any of it is lacking."""
        ...


class Book:
    """One command's view. It does no I/O; what it recorded counts only if the command succeeds."""

    __slots__ = (
        "_books",
        "_claims",
        "_ids",
        "_memory",
        "_owed",
        "_states",
        "actor",
        "envelope",
        "events",
        "now",
    )

    def __init__(self, memory: Memory, envelope: Envelope, now: datetime) -> None:
        self._memory = memory
        self._states: dict[str, tuple[int, Any]] = {}
        self._claims: dict[Claim, str | None] = {}
        self._owed: set[str] = set()
        self._books: Books | None = None
        self._ids = 0
        self.envelope = envelope
        self.actor: Actor = envelope.actor
        self.now = now
        self.events: list[tuple[str, int, Event]] = []
        for stream, version in envelope.expects.items():
            if self._current(stream)[0] != version:
                raise VersionChanged("it has changed since you read it; read it again")

    def find(self, kind: type[A], key: str) -> A | None:
        """Give the state of an aggregate, or None where it does not exist."""
        return self._current(stream_of(kind.CATEGORY, key))[1]

    def find_all(self, kind: type[A], keys: Iterable[str]) -> list[A | None]:
        """Give several states; what is lacking is fetched together."""
        streams = [stream_of(kind.CATEGORY, key) for key in keys]
        self._memory.need(streams)
        return [self._current(stream)[1] for stream in streams]

    def need(self, *asked: tuple[type[Aggregate], str], claims: Iterable[Claim] = ()) -> None:
        """Let what is about to be asked for be fetched together: aggregates and unique keys."""
        self._memory.need(
            [stream_of(kind.CATEGORY, key) for kind, key in asked],
            [claim for claim in claims if claim not in self._claims],
        )

    def event(self, stream: str, version: int) -> Event | None:
        """Give one recorded event."""
        for own_stream, own_version, event in self.events:
            if own_version == version and own_stream == stream:
                return event
        return self._memory.event(stream, version)

    def owner(self, claim: Claim) -> str | None:
        """Give the stream that holds a unique key."""
        if claim in self._claims:
            return self._claims[claim]
        return self._memory.claim(claim)

    def books(self) -> Books:
        """Give the tenant's books, which every posting needs."""
        if self._books is None:
            self._books = self.find(Books, BOOKS_KEY)
            if self._books is None:
                raise BooksNotOpen("this tenant has no books yet")
        return self._books

    def day(self, asked: date | None = None) -> date:
        """Give the day on which an entry counts: the one asked for, or the tenant's today."""
        return self.books().effective_day(asked, self.now)

    def late_day(self, asked: date | None, late: Late) -> tuple[date, str | None]:
        """Give the day on which a fact counts, and the shut month that it adjusts, if it does."""
        return self.books().late_day(asked, self.now, late=late)

    def advance(self, to: datetime) -> None:
        """Move the tenant's clock on: this command and all later ones happen at `to` or after."""
        assert to >= self.now
        self.now = to

    def new_id(self, prefix: str) -> str:
        """Make an id that is the same whenever this command runs again."""
        self._ids += 1
        return sortable_id(
            prefix, self.now, derived_uuid(self.envelope.command_id, f"id-{self._ids}")
        )

    def record(self, *events: Event) -> None:
        """Record events and fold them in at once, so that the next look sees them."""
        for event in events:
            stream = stream_of(event.CATEGORY, event.key)
            version, state = self._current(stream)
            self._check_entry(event)
            self._settle_claims(event, stream)
            self._states[stream] = (version + 1, AGGREGATES[event.CATEGORY].evolve(state, event))
            self.events.append((stream, version + 1, event))
            if event.CATEGORY == Books.CATEGORY:
                self._books = None
        if len(self.events) > EVENTS_PER_COMMAND_MAX:
            raise TooManyEvents(f"a command records {EVENTS_PER_COMMAND_MAX} events at most")

    def close(self) -> None:
        """Hold a finished command against the rule of guarded accounts."""
        unguarded = self._owed - self._states.keys()
        if unguarded:
            raise AssertionError(f"posted to accounts whose owners recorded nothing: {unguarded}")

    @property
    def states(self) -> dict[str, tuple[int, Any]]:
        """The streams this command touched, with their new versions and states."""
        return self._states

    @property
    def claims(self) -> dict[Claim, str | None]:
        """The unique keys this command took (their new owner) or released (None)."""
        return self._claims

    def _current(self, stream: str) -> tuple[int, Any]:
        return self._states.get(stream) or self._memory.state(stream)

    def _check_entry(self, event: Event) -> None:
        entry: Entry | None = getattr(event, "entry", None)
        if entry is None:
            return
        books = self.books()
        shut = books.shut(entry.effective_on)
        if shut is not None:
            raise shut
        for posting in entry.postings:
            owner = books.owner_of(posting.account)
            if owner is not None:
                self._owed.add(owner)

    def _settle_claims(self, event: Event, stream: str) -> None:
        for claim in event.releases():
            self.owner(claim)  # whether it stood in the log decides what has to be deleted there
            self._claims[claim] = None
        for claim in event.takes():
            if self.owner(claim) is not None:
                raise ClaimTaken(f"another holds this {claim.kind}")
            self._claims[claim] = stream


def together(ask: Callable[[Q], R], of: Iterable[Q]) -> list[R]:
    """Ask one question of several things; what is lacking is fetched together."""
    answers: list[R] = []
    lacking: Missing | None = None
    for one in of:
        try:
            answers.append(ask(one))
        except Missing as missing:
            lacking = missing
    if lacking is not None:
        raise lacking
    return answers


def entry_address(entry_id: str) -> tuple[str, int] | None:
    """Take an entry id apart into stream and version, or answer None for what is no entry id."""
    stream, dot, version = entry_id.rpartition(".")
    if not dot or not version.isascii() or not version.isdigit() or version.startswith("0"):
        return None
    return (stream, int(version)) if len(version) <= 18 else None  # noqa: PLR2004 - fits 64 bits
