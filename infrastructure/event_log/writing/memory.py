"""What the writer remembers of the logs: streams, unique keys, persons' keys; all bounded."""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from hmac import HMAC
from typing import Any, Generic, NamedTuple, TypeVar
from uuid import UUID

import msgspec

from domain.kernel.events import Claim
from infrastructure.event_log.keyring import PersonKey

CLAIMS_MAX = 20_000
SUBJECT_KEYS_MAX = 20_000
SEALED_ORIGINS_MAX = 10_000
ENTRY_SHELL_BYTES = 500
"""What an entry of the stream cache costs beside its state: keys, links, version."""

STATE_BYTES_PER_JSON_BYTE = 4
WEIGH_EVERY_VERSIONS = 64

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Recent(Generic[K, V]):
    """The most recently used of many things."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._kept: OrderedDict[K, V] = OrderedDict()

    def get(self, key: K) -> V | None:
        """Give what is kept, and keep it longer."""
        kept = self._kept.get(key)
        if kept is not None:
            self._kept.move_to_end(key)
        return kept

    def put(self, key: K, value: V) -> None:
        """Keep a thing, and let the least recently used go."""
        self._kept[key] = value
        self._kept.move_to_end(key)
        if len(self._kept) > self._limit:
            self._kept.popitem(last=False)

    def forget(self, key: K) -> None:
        """Let one go."""
        self._kept.pop(key, None)

    def forget_where(self, condition: Callable[[K], bool]) -> None:
        """Let those go for which a condition holds."""
        for key in [key for key in self._kept if condition(key)]:
            del self._kept[key]

    def forget_all(self) -> None:
        """Let all go."""
        self._kept.clear()

    def __len__(self) -> int:
        return len(self._kept)

    def __contains__(self, key: K) -> bool:
        return key in self._kept


@dataclass(slots=True)
class StreamEntry:
    """A folded stream; `snapshot_version` is where its stored snapshot stands."""

    version: int
    state: Any
    snapshot_version: int
    weight: int = 0


class End(NamedTuple):
    """The last event of a log; an empty log ends at position 0."""

    position: int = 0
    event_id: UUID | None = None
    recorded_at: datetime | None = None


@dataclass(slots=True)
class TenantMemory:
    """What is known of one tenant's log: everything here is folded up to `end`."""

    end: End | None = None
    """Where the log ends as far as it is known; None until something is."""

    streams: OrderedDict[str, StreamEntry] = field(default_factory=OrderedDict[str, StreamEntry])
    claims: Recent[Claim, str] = field(default_factory=lambda: Recent[Claim, str](CLAIMS_MAX))
    subject_keys: Recent[str, PersonKey] = field(
        default_factory=lambda: Recent[str, PersonKey](SUBJECT_KEYS_MAX)
    )
    sealed_origins: Recent[tuple[str, str], str] = field(
        default_factory=lambda: Recent[tuple[str, str], str](SEALED_ORIGINS_MAX)
    )
    hasher: HMAC | None = None
    """Of requests, by the tenant's key. It never changes, so it stays whatever else is dropped."""

    missed: bool = True
    """Whether the last batch lacked something: then the next one looks before it locks."""

    alone: bool = False
    """Whether the last batch found the log as this process had left it."""

    locked_batches: int = 0
    """How many of the next batches take the lock before they decide."""

    streams_weight: int = 0
    counted: int = 0
    """What the whole process's count of weights has for this tenant."""

    def stream(self, name: str) -> StreamEntry | None:
        """Give a folded stream, if it is in memory."""
        entry = self.streams.get(name)
        if entry is not None:
            self.streams.move_to_end(name)
        return entry

    def remember(self, name: str, version: int, state: object, snapshot_version: int) -> None:
        """Keep a folded stream."""
        entry = self.streams.get(name)
        if entry is None:
            entry = self.streams[name] = StreamEntry(version, state, snapshot_version)
            self._weigh(entry)
            return
        weigh = (
            entry.state is None
            or version // WEIGH_EVERY_VERSIONS != entry.version // WEIGH_EVERY_VERSIONS
        )
        entry.version, entry.state, entry.snapshot_version = version, state, snapshot_version
        if weigh:
            self._weigh(entry)
        self.streams.move_to_end(name)

    def forget(self) -> None:
        """Drop everything: it may be wrong."""
        self.end, self.missed = None, True
        self.streams.clear()
        self.streams_weight = 0
        self._forget_pieces()

    def forget_person(self, subject: str) -> None:
        """Drop the key of a person who was forgotten, and where they came from."""
        self.subject_keys.forget(subject)
        self.sealed_origins.forget_where(lambda known: known[0] == subject)

    def let_go(self) -> None:
        """Let the least recently used stream go, and after the last one all that is small."""
        if not self.streams:
            self._forget_pieces()
            return
        _, gone = self.streams.popitem(last=False)
        self.streams_weight -= gone.weight

    @property
    def weight(self) -> int:
        """The estimated bytes of all that is known."""
        pieces = len(self.claims) + len(self.subject_keys) + len(self.sealed_origins)
        return self.streams_weight + pieces * ENTRY_SHELL_BYTES

    def _forget_pieces(self) -> None:
        self.claims.forget_all()
        self.subject_keys.forget_all()
        self.sealed_origins.forget_all()

    def _weigh(self, entry: StreamEntry) -> None:
        size = len(msgspec.json.encode(entry.state)) if entry.state is not None else 0
        weight = ENTRY_SHELL_BYTES + STATE_BYTES_PER_JSON_BYTE * size
        self.streams_weight += weight - entry.weight
        entry.weight = weight


class LogMemory:
    """The stream cache of a process, bounded in (estimated) bytes over all tenants."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit = limit_bytes
        self._tenants: OrderedDict[UUID, TenantMemory] = OrderedDict()
        self._counted = 0

    def tenant(self, tenant_id: UUID) -> TenantMemory:
        """Give what is known of a tenant."""
        known = self._tenants.get(tenant_id)
        if known is None:
            known = self._tenants[tenant_id] = TenantMemory()
        self._tenants.move_to_end(tenant_id)
        return known

    def trim(self, touched: Iterable[UUID]) -> None:
        """Let things go when all weigh too much; `touched` tenants may weigh more than they did.

        The least recently used tenant goes first, and within a tenant the least recently used
        stream. A tenant may be under way in another lane, so its memory is emptied at most, never
        replaced: what that lane holds stays the one place where its log is known.
        """
        for tenant_id in touched:
            self._count(self.tenant(tenant_id))
        for _ in range(len(self._tenants)):
            if self._counted <= self._limit:
                return
            tenant_id, oldest = next(iter(self._tenants.items()))
            self._count(oldest)
            excess, before = self._counted - self._limit, oldest.weight
            while oldest.weight and before - oldest.weight < excess:
                oldest.let_go()
            self._count(oldest)
            if not oldest.weight:
                self._tenants.move_to_end(tenant_id)

    def forget(self, tenant_id: UUID) -> None:
        """Drop everything known of a tenant: it may be wrong."""
        self.tenant(tenant_id).forget()

    @property
    def half_full(self) -> bool:
        """Whether half of what may be known is."""
        return self._counted * 2 >= self._limit

    @property
    def weight(self) -> int:
        """The estimated bytes of all that is known of all tenants."""
        return sum(tenant.weight for tenant in self._tenants.values())

    def _count(self, known: TenantMemory) -> None:
        self._counted += known.weight - known.counted
        known.counted = known.weight
