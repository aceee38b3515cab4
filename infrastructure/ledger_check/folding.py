"""The books again, from nothing but events: each one is held against the rules as it comes.

Memory grows with accounts, wallets and streams, never with events.
"""

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import msgspec
import numpy as np

from application.aggregates import AGGREGATES
from domain.kernel.events import Aggregate, Event, stream_of
from domain.kernel.money import Money
from domain.ledger.accounts import OWNER_MARK, owned
from domain.ledger.books import Books
from domain.ledger.events import AccountOpened
from domain.ledger.journal import REVERSAL_RULE
from domain.ledger.postings import Entry, Posting, reversed_postings
from domain.wallet.wallet import BONUS, CASH, HELD, Wallet
from infrastructure.event_log.codec import UnknownEvent, decode
from infrastructure.event_log.event_types import EVENT_TYPES
from infrastructure.ledger_check.companions import (
    COMPANIED,
    COMPANIONS,
    MAY_STAND_ALONE,
    kinds_of,
)
from infrastructure.ledger_check.deriving import Underivable, derived
from infrastructure.ledger_check.findings import EVENT_IMPOSSIBLE, EVENT_UNKNOWN, Damaged
from infrastructure.ledger_check.moves import fields_of
from infrastructure.ledger_check.payments import Payments
from infrastructure.ledger_check.standing import Alone, Named, Standing
from infrastructure.ledger_check.taking import take_one, take_together
from infrastructure.sealing.layout import Flags, Laid, Numbers, Row

TOGETHER_MIN = 64
"""Fewer payments are taken one by one sooner."""


@dataclass(frozen=True, slots=True)
class Reversal:
    """An entry that must be the opposite of the one it names."""

    position: int
    reverses: str
    postings: tuple[Posting, ...]


@dataclass(slots=True)
class LedgerFold(Standing):
    """Takes the events of a log in order; `take` raises `Damaged` at the first contradiction."""

    reversals: list[Reversal] = field(default_factory=list[Reversal])
    """To be held against the entries they name, which may stand far back."""
    stale_snapshots: list[str] = field(default_factory=list[str])
    _reversed: set[str] = field(default_factory=set[str])
    _folded: dict[str, Any] = field(default_factory=dict[str, Any])

    @property
    def balances(self) -> dict[tuple[str, str], int]:
        """Debits less credits by (account, currency)."""
        return {key: line.balance for key, line in self.lines.items()}

    def take_all(self, leaves: Laid) -> None:
        """Hold the next events, which follow in order, against everything before them."""
        payments, apart = Payments(leaves, self), _apart(leaves)
        known = payments.known
        whole = known | apart
        for begin, end in pairwise(
            [0, *(np.flatnonzero(np.diff(whole)) + 1).tolist(), len(leaves)]
        ):
            rows = np.arange(begin, end)
            if whole[begin:end].all():
                self._take_some(payments, leaves, rows[known[rows]], rows[apart[rows]])
            else:
                self._look_at(leaves.only(rows))
        if len(leaves):
            self.position = int(payments.positions[-1])

    def _take_some(self, payments: Payments, leaves: Laid, some: Numbers, apart: Numbers) -> None:
        """Take payments, with what stands among them and has nothing to do with them."""
        try:
            self._look_at(leaves.only(apart))
        except Damaged as found:
            self._take(payments, leaves, some[payments.positions[some] < found.damage.position])
            raise
        self._take(payments, leaves, some)

    def _take(self, payments: Payments, leaves: Laid, some: Numbers) -> None:
        """Take payments together, or one by one, or find which of them is to be looked at."""
        if len(some) < TOGETHER_MIN:
            for row in some:
                if not take_one(payments, self, int(row)):
                    self._look_at(leaves.only(np.array([row])))
        elif not take_together(payments, self, some):
            for half in np.array_split(some, 2):
                self._take(payments, leaves, half)

    def _look_at(self, leaves: Laid) -> None:
        for row in leaves.rows():
            self.look(row)

    def look(self, row: Row) -> None:
        """Hold an event against everything piece by piece, to say what is wrong with it."""
        position, stream, version, name, schema, _, data = row
        self.position = position
        event: Any = self._decoded(stream, name, schema, data)
        if event.CATEGORY == Books.CATEGORY:
            self.months.happen(event, position, row.recorded_at)
            if isinstance(event, AccountOpened):
                self.chart.add(event.code)
        names = type(event) in COMPANIONS and getattr(event, "entry_id", None) is not None
        entry: Entry | None = getattr(event, "entry", None)
        if entry is not None:
            self._post(event, entry, f"{stream}.{version}")
        elif names:
            self._settle(event)
        if self.kept or event.CATEGORY == Wallet.CATEGORY:
            self._fold(stream, version, event)

    def finish(self) -> None:
        """Hold what stands at the end together: wallets with their accounts, entries with both."""
        for entry_id in self.awaited:
            raise Damaged(self.position, f"entry {entry_id} has no event on its other side")
        balances = self.balances
        for wallet in self.wallets.all().values():
            parts = (CASH, wallet.available), (HELD, wallet.held), (BONUS, wallet.bonus)
            for account, money in parts:
                name = owned(account, wallet.wallet_id)
                booked = -balances.get((name, wallet.currency), 0)
                if booked != money.minor:
                    what = f"{name} is {booked} in the books and {money.minor} in the wallet"
                    raise Damaged(self.position, f"{what} ({wallet.currency})")

    def _decoded(self, stream: str, name: str, schema: int, data: bytes) -> Event:
        try:
            event = decode(name, schema, data)
        except UnknownEvent as unknown:
            raise Damaged(self.position, str(unknown), code=EVENT_UNKNOWN) from unknown
        except (AssertionError, KeyError, ValueError, TypeError) as broken:
            # Also entries that do not balance: they can not be constructed.
            what = f"{name} can not be: {str(broken).partition(chr(10))[0]}"
            raise Damaged(self.position, what, code=EVENT_IMPOSSIBLE) from broken
        if stream_of(event.CATEGORY, event.key) != stream:
            what = f"{name} of another stream than {stream}"
            raise Damaged(self.position, what, code=EVENT_IMPOSSIBLE)
        return event

    def _post(self, event: Any, entry: Entry, entry_id: str) -> None:  # noqa: ANN401 - any with an entry
        month = self.months.open_for(entry, entry_id, self.position)
        self._derive(event, entry, entry_id)
        below = False
        for posting in entry.postings:
            minor, currency = posting.amount.minor, posting.amount.currency
            line = self.line(posting.account, currency)
            if line is None:
                raise Damaged(self.position, f"the chart has no account {posting.account}")
            self.lines[posting.account, currency] = line
            line.balance += minor
            # A guarded account is a liability: what a customer has is a credit.
            below = below or (line.floored and line.balance > 0)
            month[line.key][minor < 0] += abs(minor)
        if below:
            self._check_floors(entry)
        self.entries += 1
        if type(event) in COMPANIED:
            amount, lots = event.amount, getattr(event, "bonus", None)
            named: Named = (event.__class__, amount.minor, amount.currency, lots)
            if type(event) in MAY_STAND_ALONE:
                self.alone = Alone(self.position, entry_id, named)
            else:
                self.awaited[entry_id] = named

    def _check_floors(self, entry: Entry) -> None:
        for posting in entry.postings:
            left = -self.lines[posting.account, posting.amount.currency].balance
            if OWNER_MARK in posting.account and left < 0:
                what = f"{posting.account} falls to {left} {posting.amount.currency}, below zero"
                raise Damaged(self.position, what)

    def _derive(self, event: Any, entry: Entry, entry_id: str) -> None:  # noqa: ANN401 - as above
        if entry.rule == REVERSAL_RULE:
            if event.reverses in self._reversed:
                raise Damaged(self.position, f"{event.reverses} is taken back a second time")
            self._reversed.add(event.reverses)
            self.reversals.append(Reversal(self.position, event.reverses, entry.postings))
            return
        try:
            postings = derived(event, entry)
        except Underivable as reason:
            raise Damaged(self.position, f"{entry_id}: {reason}") from reason
        if postings != entry.postings:
            raise Damaged(self.position, f"{entry_id} does not follow from its rule {entry.rule}")

    def _settle(self, event: Any) -> None:  # noqa: ANN401 - any event that names an entry
        named = self.open_entry(event.entry_id, self.position)
        self.awaited.pop(event.entry_id, None)
        if named is None:
            raise Damaged(self.position, f"there is no open entry {event.entry_id} to name")
        if named[0] not in kinds_of(COMPANIONS[type(event)]) or not _agree(named, event):
            raise Damaged(self.position, f"{event.NAME} does not agree with {event.entry_id}")

    def _fold(self, stream: str, version: int, event: Event) -> None:
        snapshot, wallet = self.kept.get(stream), event.CATEGORY == Wallet.CATEGORY
        if not wallet and snapshot is None:
            return
        kind = AGGREGATES[event.CATEGORY]
        try:
            if wallet:
                self.wallets.happen(event)
            else:
                self._folded[stream] = kind.evolve(self._folded.get(stream), event)
        except (AssertionError, KeyError, ValueError) as impossible:
            what = f"{event.NAME} can not happen to {stream} as it stands"
            raise Damaged(self.position, what) from impossible
        if snapshot is not None and snapshot[0] == version:
            del self.kept[stream]
            state = self.wallets.get(event.key) if wallet else self._folded[stream]
            if not _same(kind, snapshot[1], state):
                self.stale_snapshots.append(stream)


_APART = frozenset(
    name
    for name, kind in EVENT_TYPES.items()
    if kind.CATEGORY not in {Books.CATEGORY, Wallet.CATEGORY}
    and kind not in COMPANIONS
    and "entry" not in fields_of(kind)
)
"""Types of events that have to do with no entry and no wallet."""


def _apart(leaves: Laid) -> Flags:
    apart = np.zeros(len(leaves), np.bool_)
    for name, _, rows in leaves.shapes:
        apart[rows] = name in _APART
    return apart


def _agree(named: Named, event: Any) -> bool:  # noqa: ANN401 - any event that names an entry
    """Tell whether both tell the same amount, and the same lots where both tell any."""
    _, minor, currency, carried = named
    lots = carried, getattr(event, "bonus", None)
    return event.amount == Money(minor, currency) and (None in lots or lots[0] == lots[1])


def _same(kind: type[Aggregate], stored: bytes, state: object) -> bool:
    try:
        kept: object = msgspec.json.decode(stored, type=kind)
    except (msgspec.DecodeError, ValueError, TypeError):
        return False
    return kept == state


def opposite(entry: Entry, postings: tuple[Posting, ...]) -> bool:
    """Tell whether postings take an entry back exactly."""
    return reversed_postings(entry) == postings
