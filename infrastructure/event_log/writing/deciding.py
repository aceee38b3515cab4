"""Decide the commands of one tenant in one batch: handlers, their memory, and what they made."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from application.book import Book, Memory, Missing
from application.commands import decide
from application.envelope import Envelope
from domain.kernel.events import Claim, Event
from domain.kernel.ids import derived_bytes
from domain.kernel.refusals import Forbidden, Invalid, NotFound, PreconditionFailed, Refusal
from infrastructure.event_log import claim_keys, keyring
from infrastructure.event_log.codec import Codec
from infrastructure.event_log.writing.memory import LogMemory
from infrastructure.event_log.writing.needs import Fetched, Needs
from infrastructure.event_log.writing.sealing import Sealing
from infrastructure.release import RELEASE

REFUSAL_KINDS: tuple[tuple[type[Refusal], str], ...] = (
    (Invalid, "invalid"),
    (NotFound, "not_found"),
    (Forbidden, "forbidden"),
    (PreconditionFailed, "precondition_failed"),
    (Refusal, "rule_broken"),
)
"""The stored word for each kind of refusal; the first that fits."""


@dataclass(slots=True)
class EventRow:
    """An event as it will be written, all but its position."""

    event_id: bytes
    stream: str
    version: int
    name: str
    schema: int
    data: bytes
    meta: bytes


@dataclass(slots=True)
class Decision:
    """What one command led to."""

    envelope: Envelope
    kept_hash: bytes
    refused: bool
    body: bytes
    rows: list[EventRow]
    at: datetime
    position: int = 0


class TenantBatch(Memory):
    """What the commands of one tenant see: the process's memory under what this batch decided.

    One that is decided ahead stands on the batch `before`, which is being written.
    """

    def __init__(
        self,
        tenant_id: UUID,
        memory: LogMemory,
        fetched: Fetched,
        needs: Needs,
        *,
        before: "TenantBatch | None" = None,
    ) -> None:
        self.tenant_id = tenant_id
        self.before = before
        self.states: dict[str, tuple[int, Any]] = {}
        self.claims: dict[Claim, str | None] = {}
        self._taken_before: set[Claim] = set()
        self._recorded: list[list[tuple[str, int, Event]]] = []
        self._known = memory.tenant(tenant_id)
        self._fetched = fetched
        self._owners = fetched.claims[tenant_id]
        self._needs = needs
        # Nothing of these knows the batch: what it made is freed when it ends, and not by a search.
        self._sealing = Sealing(tenant_id, self._known, needs)
        self._codec = Codec(self._sealing.seal)

    @property
    def forgotten(self) -> set[str]:
        """Give the persons whose keys this batch destroys."""
        return self._sealing.forgotten

    def take_over(self, fetched: Fetched, needs: Needs) -> None:
        """Go on as part of another batch: what is lacking from now on is fetched by that one."""
        self._fetched, self._owners = fetched, fetched.claims[self.tenant_id]
        self._needs = self._sealing.needs = needs

    def state(self, stream: str) -> tuple[int, Any]:
        """Give what this batch decided of a stream, else what is in memory."""
        decided = self.states.get(stream)
        if decided is None and self.before is not None:
            decided = self.before.states.get(stream)
        if decided is not None:
            return decided
        entry = self._known.stream(stream)
        if entry is None:
            self._needs.streams.add((self.tenant_id, stream))
            raise Missing
        return entry.version, entry.state

    def claim(self, claim: Claim) -> str | None:
        """Give the owner that this batch decided, else the known one."""
        if claim in self.claims:
            return self.claims[claim]
        if self.before is not None and claim in self.before.claims:
            owner = self.before.claims[claim]
        else:
            owner = self._known.claims.get(claim) or self._owner(claim)
        if owner is not None:
            self._taken_before.add(claim)
        return owner

    def _owner(self, claim: Claim) -> str | None:
        """Give an owner that was looked up."""
        if claim not in self._owners:
            self._needs.claims.add((self.tenant_id, claim))
            raise Missing
        return self._owners[claim]

    def event(self, stream: str, version: int) -> Event | None:
        """Give an event of this batch, else one that was fetched."""
        for batch in (self, self.before):
            if batch is not None and stream in batch.states:
                for recorded in batch._recorded:  # noqa: SLF001 - of the same kind
                    for of, at, event in recorded:
                        if at == version and of == stream:
                            return event
        asked = (self.tenant_id, stream, version)
        if asked in self._fetched.events:
            return self._fetched.events[asked]
        self._needs.events.add(asked)
        raise Missing

    def need(self, streams: Iterable[str], claims: Iterable[Claim] = ()) -> None:
        """Note all that is lacking at once."""
        decided, known = self.states, self._known.streams
        unfolded = [one for one in streams if one not in known and one not in decided]
        settled, owned, looked_up = self.claims, self._known.claims, self._owners
        unowned = [
            one
            for one in claims
            if one not in looked_up and one not in settled and one not in owned
        ]
        below = self.before
        if below is not None and (unfolded or unowned):
            unfolded = [one for one in unfolded if one not in below.states]
            unowned = [one for one in unowned if one not in below.claims]
        if unfolded or unowned:
            self._needs.streams.update((self.tenant_id, one) for one in unfolded)
            self._needs.claims.update((self.tenant_id, one) for one in unowned)
            raise Missing

    def stands(self, at: Mapping[str, int]) -> bool:
        """Whether these streams stand at these versions; all that is lacking is noted at once."""
        if not at:
            return True
        self.need(at)
        return all(self.state(stream)[0] == version for stream, version in at.items())

    def was_taken(self, claim: Claim) -> bool:
        """Tell whether a unique key that this batch met stood in the log before it."""
        return claim in self._taken_before

    def kept_hash(self, envelope: Envelope) -> bytes:
        """Give what is kept of a request: its hash under the tenant's key."""
        hasher = self._known.hasher
        if hasher is None:
            self._need_key_of_hashes()
            raise Missing
        return keyring.keyed_request(hasher, envelope.request_hash)

    def asks_again(self, kept_hash: bytes, envelope: Envelope) -> bool:
        """Whether what is kept of a request is kept of this one."""
        # Earlier rows hold the bare hash; accepted ids never expire, so those count as well.
        return kept_hash in (self.kept_hash(envelope), envelope.request_hash)

    def look(self, envelope: Envelope, now: datetime) -> None:
        """Run a command until it records something, to note what it lacks by then.

        What few commands look at later is noted by `decide`, which costs more than twice as much.
        """
        if self._known.hasher is None:
            self._need_key_of_hashes()
        with suppress(Missing):
            self.stands(envelope.rights_at)
        with suppress(Missing, Refusal):
            decide(envelope.command, _Glance(self, envelope, now))
        with suppress(Missing, Refusal):
            if envelope.actor.origin is not None:
                self._sealing.origin(envelope.actor)

    def rehearse(self, envelope: Envelope, now: datetime) -> None:
        """Run a whole command to note what it lacks."""
        with suppress(Missing):
            self.stands(envelope.rights_at)
        self.decide(envelope, now)

    def decide(self, envelope: Envelope, now: datetime) -> Decision:
        """Run one command. `Missing` abandons it; a refusal discards what it recorded."""
        if self._known.hasher is None:
            self._need_key_of_hashes()  # and whatever the handler lacks, in the same fetch
        try:
            book = Book(self, envelope, now)
            outcome = decide(envelope.command, book)
            book.close()
            rows = self._rows(book) if book.events else []
        except Refusal as refusal:
            kept, body = self.kept_hash(envelope), refusal_body(refusal)
            return Decision(envelope, kept, refused=True, body=body, rows=[], at=now)
        body = msgspec.json.encode(outcome)
        kept = self.kept_hash(envelope)
        decision = Decision(envelope, kept, refused=False, body=body, rows=rows, at=book.now)
        self.states.update(book.states)
        self.claims.update(book.claims)
        if book.events:
            self._recorded.append(book.events)
            for _, _, event in book.events:
                if forgotten := event.forgets():
                    self.forgotten.update(forgotten)
        return decision

    def _need_key_of_hashes(self) -> None:
        self._needs.subjects.add((self.tenant_id, claim_keys.SUBJECT))

    def _rows(self, book: Book) -> list[EventRow]:
        envelope = book.envelope
        meta = self._meta(envelope)
        encode, command_id = self._codec.encode, envelope.command_id.bytes
        return [
            EventRow(
                derived_bytes(command_id + b"%d" % n),
                stream,
                version,
                event.NAME,
                event.SCHEMA,
                encode(event),
                meta,
            )
            for n, (stream, version, event) in enumerate(book.events)
        ]

    def _meta(self, envelope: Envelope) -> bytes:
        actor = envelope.actor
        meta: dict[str, Any] = {"actor": actor.actor_id}
        if actor.key_id is not None:
            meta["key"] = actor.key_id
        if actor.session_id is not None:
            meta["session"] = actor.session_id
        if actor.on_behalf_of is not None:
            meta["for"] = actor.on_behalf_of
        if actor.origin is not None:
            meta["origin"] = {"subject": actor.subject, "sealed": self._sealing.origin(actor)}
        meta["command"] = envelope.command.NAME
        meta["command_id"] = envelope.command_id
        meta["correlation"] = envelope.correlation_id
        if envelope.causation_id is not None:
            meta["causation"] = envelope.causation_id
        meta["release"] = RELEASE
        return msgspec.json.encode(meta)


class _Glance(Book):
    """What a command sees until it records something."""

    __slots__ = ()

    def record(self, *events: Event) -> None:  # noqa: ARG002 - what would be recorded
        """End the look."""
        raise Missing


def refusal_body(refusal: Refusal) -> bytes:
    """Give a refusal as it is stored and answered."""
    kind = next(word for family, word in REFUSAL_KINDS if isinstance(refusal, family))
    return msgspec.json.encode(
        {"kind": kind, "code": refusal.code, "detail": refusal.detail, "facts": refusal.facts}
    )
