"""Answers of the shop window that are kept until something of the listing changes.

Every answer stands at a position of the log, and the read model tells at which position anything
of it changed last: an answer that is younger than that still holds, whatever else happened since.
A process looks at that at most every `LOOK_SECONDS`, and at once for a caller who asks for a
position that it has not seen: who carries the position of a change is never told the old answer.
"""

import time
from collections import OrderedDict
from collections.abc import Hashable
from hashlib import sha1
from typing import NamedTuple
from uuid import UUID

LOOK_SECONDS = 0.5
"""So long an answer may be told after it was changed, to whoever carries no position."""

TENANTS_KEPT_MAX = 10_000
_TAG_LETTERS = 24
"""Nobody gains by two answers with one tag, so that the quickest hash will do."""


class Kept(NamedTuple):
    """An answer, its entity tag, and the position that it stands at."""

    body: bytes
    tag: bytes
    position: int


class _Seen(NamedTuple):
    """How far the listing of a tenant has read, where it changed last, and when that was seen."""

    position: int
    changed: int
    looked_at: float


class KeptAnswers:
    """What a process keeps of the answers it gave, the latest used longest."""

    def __init__(self, bytes_max: int) -> None:
        self._bytes_max = bytes_max
        self._bytes = 0
        self._answers: OrderedDict[tuple[UUID, Hashable], Kept] = OrderedDict()
        self._seen: OrderedDict[UUID, _Seen] = OrderedDict()

    def find(
        self, tenant_id: UUID, question: Hashable, min_position: int | None
    ) -> tuple[Kept, int] | None:
        """Give an answer that holds, without a look, and the position that it holds at."""
        kept, seen = self._answers.get((tenant_id, question)), self._seen.get(tenant_id)
        if kept is None or seen is None or kept.position < seen.changed:
            return None
        if time.monotonic() - seen.looked_at >= LOOK_SECONDS or seen.position < (min_position or 0):
            return None
        self._answers.move_to_end((tenant_id, question))
        return kept, seen.position

    def look(
        self, tenant_id: UUID, question: Hashable, *, position: int, changed: int
    ) -> Kept | None:
        """Note where the listing stands and changed last; give the answer if it still holds."""
        seen = _Seen(position, changed, time.monotonic())
        # One who looked before may tell it later.
        self._seen[tenant_id] = max(self._seen.pop(tenant_id, seen), seen)
        if len(self._seen) > TENANTS_KEPT_MAX:
            self._seen.popitem(last=False)
        kept = self._answers.get((tenant_id, question))
        return kept if kept is not None and kept.position >= changed else None

    def keep(self, tenant_id: UUID, question: Hashable, body: bytes, position: int) -> Kept:
        """Keep an answer that was made at a position."""
        told = sha1(body, usedforsecurity=False).hexdigest()[:_TAG_LETTERS]
        tag = b'"%b"' % told.encode()
        kept = Kept(body, tag, position)
        old = self._answers.pop((tenant_id, question), None)
        self._bytes += len(body) - (len(old.body) if old is not None else 0)
        self._answers[tenant_id, question] = kept
        while self._bytes > self._bytes_max:
            _, dropped = self._answers.popitem(last=False)
            self._bytes -= len(dropped.body)
        return kept
