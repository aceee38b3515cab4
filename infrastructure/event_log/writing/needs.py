"""Fetch what handlers lacked, for a whole batch at once."""

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
from infrastructure.postgres.pipelines import PipelinedConnection, Results

Run = Callable[..., Awaitable[Results]]

_STATE_DECODERS = {category: msgspec.json.Decoder(kind) for category, kind in AGGREGATES.items()}


class MemoryTorn(RuntimeError):
    """A stream came back with a hole: it was read while another process wrote. Read it again."""


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
    claims: dict[tuple[UUID, Claim], str | None] = field(
        default_factory=dict[tuple[UUID, Claim], str | None]
    )

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
        self.claims = {key: kept for key, kept in self.claims.items() if key[0] != tenant_id}


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
    streams = sorted(needs.streams, key=lambda asked: asked[1])
    folds = [AGGREGATES[category_of(stream)].FOLD_VERSION for _, stream in streams]
    asked_streams = ([t for t, _ in streams], [s for _, s in streams], folds)
    claims = list(needs.claims)
    events = list(needs.events)
    subjects = sorted(needs.subjects)  # in one order, so that two processes never lock crosswise
    asked_subjects = ([t for t, _ in subjects], [s for _, s in subjects])
    new_keys = [master_keys.new_wrapped_key(*subject) for subject in subjects]
    results = await run(
        sql.SNAPSHOTS(*asked_streams),
        sql.STREAM_EVENTS(*asked_streams),
        sql.CLAIM_OWNERS(
            [t for t, _ in claims], [c.kind for _, c in claims], [c.key for _, c in claims]
        ),
        sql.SINGLE_EVENTS(
            [t for t, _, _ in events], [s for _, s, _ in events], [v for _, _, v in events]
        ),
        sql.ADD_SUBJECT_KEYS(*asked_subjects, new_keys, [master_keys.current] * len(subjects)),
        sql.SUBJECT_KEYS(*asked_subjects),
    )
    snapshots, rows, owners, singles, _, keys = map(connection.rows, results)
    _remember_streams(memory, needs, snapshots, rows)
    fetched.claims.update(dict.fromkeys(claims))
    for tenant_id, kind, key, owner in owners:
        claim = Claim(kind, key)
        fetched.claims[tenant_id, claim] = owner
        memory.tenant(tenant_id).claims.put(claim, owner)
    fetched.events.update(dict.fromkeys(events))
    for tenant_id, stream, version, name, schema, data in singles:
        fetched.events[tenant_id, stream, version] = _decoded(tenant_id, name, schema, data)
    for tenant_id, subject, wrapped, master_key in keys:
        if subject == TENANT_ITSELF:
            secret = master_keys.unwrap_secret(tenant_id, subject, master_key, wrapped)
            memory.tenant(tenant_id).hasher = request_hasher(secret)
            continue
        key = (
            DESTROYED
            if wrapped is None
            else master_keys.unwrap(tenant_id, subject, master_key, wrapped)
        )
        memory.tenant(tenant_id).subject_keys.put(subject, key)


def _remember_streams(
    memory: LogMemory, needs: Needs, snapshots: list[TupleRow], rows: list[TupleRow]
) -> None:
    folded: dict[tuple[UUID, str], tuple[int, Any, int]] = dict.fromkeys(
        needs.streams, (0, None, 0)
    )
    for tenant_id, stream, version, state in snapshots:
        decoder = _STATE_DECODERS[category_of(stream)]
        folded[tenant_id, stream] = (version, decoder.decode(state), version)
    for tenant_id, stream, version, name, schema, data in rows:
        known, state, kept = folded[tenant_id, stream]
        if version != known + 1:
            raise MemoryTorn(f"{stream} has version {version} after {known}")
        evolve = AGGREGATES[category_of(stream)].evolve
        event = _decoded(tenant_id, name, schema, data)
        folded[tenant_id, stream] = (version, evolve(state, event), kept)
    for (tenant_id, stream), (version, state, kept) in folded.items():
        memory.tenant(tenant_id).remember(stream, version, state, kept)


def _decoded(tenant_id: UUID, name: str, schema: int, data: bytes) -> Event:
    try:
        return decode(name, schema, data)
    except UnknownEvent as unknown:
        unknown.tenant_id = tenant_id
        raise
