"""Fetch what handlers lacked, for a whole batch at once."""

from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import msgspec
from psycopg.rows import TupleRow

from application.aggregates import AGGREGATES
from domain.kernel.events import Claim, Event
from infrastructure.event_log.claim_keys import SUBJECT as TENANT_ITSELF
from infrastructure.event_log.codec import UnknownEvent, decode
from infrastructure.event_log.keyring import DESTROYED, MasterKeys, request_hasher
from infrastructure.event_log.writing import statements as sql
from infrastructure.event_log.writing.memory import LogMemory
from infrastructure.postgres.pipelines import Call, PipelinedConnection, Results

Run = Callable[..., Awaitable[Results]]

_STATE_DECODERS = {category: msgspec.json.Decoder(kind) for category, kind in AGGREGATES.items()}


class StreamTorn(RuntimeError):
    """A stream has a hole: the log is damaged."""


@dataclass(slots=True)
class Needs:
    """What is lacking: streams, unique keys, single events and persons' keys."""

    streams: set[tuple[UUID, str]] = field(default_factory=set[tuple[UUID, str]])
    claims: set[tuple[UUID, Claim]] = field(default_factory=set[tuple[UUID, Claim]])
    events: set[tuple[UUID, str, int]] = field(default_factory=set[tuple[UUID, str, int]])
    subjects: set[tuple[UUID, str]] = field(default_factory=set[tuple[UUID, str]])

    def __len__(self) -> int:
        return len(self.streams) + len(self.claims) + len(self.events) + len(self.subjects)

    def clear(self) -> None:
        """Begin anew."""
        self.streams.clear()
        self.claims.clear()
        self.events.clear()
        self.subjects.clear()


@dataclass(slots=True)
class Fetched:
    """Single events and owners of unique keys that were looked up for this batch."""

    events: dict[tuple[UUID, str, int], Event | None] = field(
        default_factory=dict[tuple[UUID, str, int], Event | None]
    )
    claims: defaultdict[UUID, dict[Claim, str | None]] = field(
        default_factory=lambda: defaultdict[UUID, dict[Claim, str | None]](dict)
    )
    """Owners by tenant: a key of both would be hashed anew at each of many looks."""

    def forget_absent_events(self, tenant_id: UUID) -> None:
        """Drop that an event was not there: by now it may be. What was there never changes."""
        self.events = {
            asked: event
            for asked, event in self.events.items()
            if asked[0] != tenant_id or event is not None
        }

    def forget(self, tenant_id: UUID) -> None:
        """Drop what was looked up for a tenant: it may be wrong."""
        self.events = {key: kept for key, kept in self.events.items() if key[0] != tenant_id}
        self.claims[tenant_id].clear()


def category_of(stream: str) -> str:
    """Take the category from a stream's name."""
    return stream.partition("-")[0]


async def fetch(  # noqa: PLR0913 - what is known, and where to ask
    connection: PipelinedConnection,
    needs: Needs,
    memory: LogMemory,
    fetched: Fetched,
    master_keys: MasterKeys,
    *,
    run: Run,
) -> None:
    """Fetch everything that is lacking in one round trip; where `run` runs, the tenants are set."""
    looks = [look(needs, memory, fetched, master_keys) for look in _LOOKS]
    asked = [look.asks() for look in looks]
    results = iter(await run(*(call for calls in asked for call in calls)))
    for look, calls in zip(looks, asked, strict=True):
        if calls:
            look.found(*(connection.rows(next(results)) for _ in calls))


class _Look:
    """How one kind of what is lacking is asked for, and where what is found goes."""

    def __init__(
        self, needs: Needs, memory: LogMemory, fetched: Fetched, master_keys: MasterKeys
    ) -> None:
        self._needs = needs
        self._memory = memory
        self._fetched = fetched
        self._master_keys = master_keys

    def asks(self) -> tuple[Call, ...]:
        """Give the statements; none where nothing of the kind is lacking."""
        raise NotImplementedError

    def found(self, *results: list[TupleRow]) -> None:
        """Take the rows of each statement."""
        raise NotImplementedError


class _Streams(_Look):
    _asked: list[tuple[UUID, str]]

    def asks(self) -> tuple[Call, ...]:
        self._asked = sorted(self._needs.streams, key=lambda asked: asked[1])
        if not self._asked:
            return ()
        tenants, streams = zip(*self._asked, strict=True)
        folds = [AGGREGATES[category_of(stream)].FOLD_VERSION for stream in streams]
        return (sql.STREAMS(tenants, streams, folds),)

    def found(self, *results: list[TupleRow]) -> None:
        folded: list[tuple[int, Any, int]] = [(0, None, 0)] * len(self._asked)
        for place, version, name, schema, data in results[0]:
            n: int = place - 1
            tenant_id, stream = self._asked[n]
            if name is None:  # a snapshot
                decoder = _STATE_DECODERS[category_of(stream)]
                folded[n] = (version, decoder.decode(data), version)
                continue
            known, state, kept = folded[n]
            if version != known + 1:
                raise StreamTorn(f"{stream} has version {version} after {known}")
            evolve = AGGREGATES[category_of(stream)].evolve
            event = _decoded(tenant_id, name, schema, data)
            folded[n] = (version, evolve(state, event), kept)
        for (tenant_id, stream), found in zip(self._asked, folded, strict=True):
            self._memory.tenant(tenant_id).remember(stream, *found)


class _Claims(_Look):
    def asks(self) -> tuple[Call, ...]:
        lacking = [(tenant, claim.kind, claim.key) for tenant, claim in self._needs.claims]
        return (sql.CLAIM_OWNERS.of_rows(lacking),) if lacking else ()

    def found(self, *results: list[TupleRow]) -> None:
        for tenant_id, claim in self._needs.claims:
            self._fetched.claims[tenant_id][claim] = None
        for tenant_id, kind, key, owner in results[0]:
            claim = Claim(kind, key)
            self._fetched.claims[tenant_id][claim] = owner
            self._memory.tenant(tenant_id).claims.put(claim, owner)


class _Events(_Look):
    def asks(self) -> tuple[Call, ...]:
        lacking = self._needs.events
        return (sql.SINGLE_EVENTS.of_rows(lacking),) if lacking else ()

    def found(self, *results: list[TupleRow]) -> None:
        self._fetched.events.update(dict.fromkeys(self._needs.events))
        for tenant_id, stream, version, name, schema, data in results[0]:
            event = _decoded(tenant_id, name, schema, data)
            self._fetched.events[tenant_id, stream, version] = event


class _Subjects(_Look):
    def asks(self) -> tuple[Call, ...]:
        # In one order, so that two processes never lock crosswise.
        lacking, keys = sorted(self._needs.subjects), self._master_keys
        new = [(*one, keys.new_wrapped_key(*one), keys.current) for one in lacking]
        return (sql.ADD_SUBJECT_KEYS.of_rows(new), sql.SUBJECT_KEYS.of_rows(lacking)) if new else ()

    def found(self, *results: list[TupleRow]) -> None:
        for tenant_id, subject, wrapped, master_key in results[1]:
            known = self._memory.tenant(tenant_id)
            if subject == TENANT_ITSELF:
                known.hasher = request_hasher(
                    self._master_keys.unwrap_secret(tenant_id, subject, master_key, wrapped)
                )
            elif wrapped is None:
                known.subject_keys.put(subject, DESTROYED)
            else:
                key = self._master_keys.unwrap(tenant_id, subject, master_key, wrapped)
                known.subject_keys.put(subject, key)


_LOOKS = (_Streams, _Claims, _Events, _Subjects)


def _decoded(tenant_id: UUID, name: str, schema: int, data: bytes) -> Event:
    try:
        return decode(name, schema, data)
    except UnknownEvent as unknown:
        unknown.tenant_id = tenant_id
        raise
