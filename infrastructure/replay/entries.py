"""Every posting again: each entry of the log is derived by its rule and held against its event."""

from collections.abc import Iterable
from inspect import signature
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from domain.kernel.events import Recorded
from domain.ledger.journal import REVERSAL_RULE
from domain.ledger.postings import Entry, Posting, reversed_postings
from infrastructure.event_log.event_types import EVENT_TYPES
from infrastructure.ledger_check.deriving import Underivable, derived, entries_named
from infrastructure.ledger_check.findings import BOOKS_WRONG, Damage
from infrastructure.ledger_check.moves import FOLLOWS
from infrastructure.replay.findings import Difference, Kind, Outcome
from projections.read_model import Operation, ReadModel

ENTRIES = "entries"
"""What they are called beside the read models."""


class Entries:
    """Follows one log like a read model that has no table."""

    def __init__(self, tenant_id: UUID, *, rows_listed_max: int) -> None:
        kinds = [kind for kind in EVENT_TYPES.values() if "entry" in signature(kind).parameters]
        self.read_model = ReadModel(ENTRIES, 1, (), dict.fromkeys(kinds, self._take))
        self._tenant_id = tenant_id
        self._rows_listed_max = rows_listed_max
        self._position = 0
        self._entries = 0
        self._reversals: list[tuple[Recorded, str, Entry]] = []
        self._wrong = 0
        self._differences: list[Difference] = []
        self._damage: Damage | None = None

    def _take(self, recorded: Recorded) -> Iterable[Operation]:
        event: Any = recorded.event
        entry: Entry | None = event.entry
        # A stretch that could not be written is folded a second time.
        if entry is None or recorded.position <= self._position:
            return ()
        self._position = recorded.position
        self._entries += 1
        if entry.rule == REVERSAL_RULE:
            self._reversals.append((recorded, getattr(event, "reverses", ""), entry))
            return ()
        follows = FOLLOWS.get(type(recorded.event))
        if follows is not None and follows(event):
            return ()
        try:
            postings = derived(event, entry)
        except Underivable as reason:
            self._differ(recorded, "rule", f"{entry.rule} {entry.rule_version}", str(reason))
        else:
            self._hold(recorded, entry, postings)
        return ()

    async def settle(self, connection: AsyncConnection[Any]) -> None:
        """Hold the reversals so far against the entries they take back, which stand before them.

        Meanwhile others may come.
        """
        waiting = tuple(self._reversals)
        if not waiting:
            return
        names = [reverses for _, reverses, _ in waiting]
        entries = await entries_named(connection, self._tenant_id, names)
        for recorded, reverses, entry in waiting:
            position, reversed_one = entries.get(reverses, (0, None))
            if reversed_one is None or position >= recorded.position:
                self._differ(recorded, "reverses", reverses, "there is no such entry before it")
            else:
                self._hold(recorded, entry, reversed_postings(reversed_one))
        del self._reversals[: len(waiting)]

    def outcome(self, position: int) -> Outcome:
        """Give what was found up to a position."""
        found = tuple(self._differences)
        return Outcome(
            self._tenant_id,
            ENTRIES,
            position,
            rows=self._entries,
            differing=self._wrong,
            differences=found,
            damage=self._damage,
        )

    def _hold(self, recorded: Recorded, entry: Entry, postings: tuple[Posting, ...]) -> None:
        if postings != entry.postings:
            self._differ(recorded, "postings", _told(entry.postings), _told(postings))

    def _differ(self, recorded: Recorded, column: str, stored: str, replayed: str) -> None:
        key = f"{recorded.stream}.{recorded.version}"
        self._wrong += 1
        # A reversal is held once its stretch was read; what stands behind it may be known before.
        if self._damage is None or recorded.position < self._damage.position:
            self._damage = Damage(
                recorded.position, f"{key} does not follow from its rule", BOOKS_WRONG
            )
        if self._wrong <= self._rows_listed_max:
            self._differences.append(
                Difference(Kind.CHANGED, ENTRIES, key, column, stored, replayed)
            )


def _told(postings: Iterable[Posting]) -> str:
    return ", ".join(
        f"{posting.account} {posting.amount.minor} {posting.amount.currency}"
        for posting in postings
    )
