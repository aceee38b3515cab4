"""Who is behind a key or a host name, remembered for a moment."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Protocol, TypeVar
from uuid import UUID

from domain.tenants.tenant import KeyKind

KEY_CACHE_SECONDS = 1.0
"""How long a process goes on taking a key that was revoked, or whose tenant was suspended."""

ENTRIES_MAX = 20_000


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """A key as the directory knows it."""

    tenant_id: UUID
    slug: str
    test: bool
    key_id: str
    kind: KeyKind
    staff_id: str | None
    scopes: tuple[str, ...]
    networks: tuple[str, ...]
    expires_at: datetime | None
    revoked: bool
    suspended: bool = False
    """Whether its tenant is."""
    staff_suspended: bool = False
    """Whether the person is that it acts as."""


class KeyDirectory(Protocol):
    """Look-ups that happen before any tenant is known."""

    async def find(self, key_hash: str) -> KeyRecord | None:
        """Find a key by its hash, expired and revoked ones included."""
        ...

    async def tenant_of_host(self, host: str) -> UUID | None:
        """Find the tenant that a host name was mapped to."""
        ...


A = TypeVar("A")


class Remembered(Generic[A]):
    """Answers of a look-up, kept for a time; of many who ask at once only the first looks up."""

    def __init__(
        self,
        look_up: Callable[[str], Awaitable[A]],
        *,
        seconds: float = KEY_CACHE_SECONDS,
        entries_max: int = ENTRIES_MAX,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._look_up = look_up
        self._seconds = seconds
        self._entries_max = entries_max
        self._clock = clock
        self._known: OrderedDict[str, tuple[float, A]] = OrderedDict()
        self._asking: dict[str, asyncio.Task[A]] = {}

    def fresh(self, key: str) -> A | None:
        """Give what is known at present, without waiting."""
        known = self._known.get(key)
        return known[1] if known is not None and self._clock() < known[0] else None

    async def get(self, key: str) -> A:
        """Give what is known, or look it up; a failed look-up is remembered by nobody."""
        known = self._known.get(key)
        if known is not None and self._clock() < known[0]:
            return known[1]
        asking = self._asking.get(key)
        if asking is None:
            asking = asyncio.ensure_future(self._ask(key))
            self._asking[key] = asking
        # One who leaves does not take the answer from the others.
        return await asyncio.shield(asking)

    def forget(self, key: str) -> None:
        """Look it up anew when it is next asked for."""
        self._known.pop(key, None)

    async def _ask(self, key: str) -> A:
        try:
            found = await self._look_up(key)
        finally:
            del self._asking[key]
        self._known.pop(key, None)
        self._known[key] = (self._clock() + self._seconds, found)
        while len(self._known) > self._entries_max:
            self._known.popitem(last=False)
        return found
