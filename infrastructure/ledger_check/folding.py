"""The books again, from nothing but events: each one is held against the rules as it comes.

Memory grows with accounts, wallets and streams, never with events.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import chain
from types import UnionType
from typing import Any, get_args

import msgspec

from application.aggregates import AGGREGATES
from domain.kernel.events import Aggregate, Event, stream_of
from domain.ledger.accounts import OWNER_MARK, STANDARD_CHART, code_of, owned
from domain.ledger.books import Books
from domain.ledger.events import AccountOpened
from domain.ledger.journal import REVERSAL_RULE
from domain.ledger.postings import Entry, Posting, reversed_postings
from domain.wallet.events import (
    CaptureRefunded,
    FundsHeld,
    FundsToppedUp,
    HeldFundsCaptured,
    HeldFundsReleased,
    HoldCaptured,
    HoldExpired,
    HoldPlaced,
    HoldRefunded,
    HoldReleased,
    TransferReceived,
    TransferReturned,
    TransferSent,
    TransferTakenBack,
)
from domain.wallet.gifts.events import GiftCardRedeemed, GiftReceived
from domain.wallet.requests.adjustment_events import (
    AdjustmentApproved,
    AdjustmentCancelled,
    AdjustmentCredited,
    AdjustmentDebited,
    AdjustmentExpired,
    AdjustmentHeld,
    AdjustmentRejected,
    AdjustmentReleased,
    AdjustmentRequested,
)
from domain.wallet.requests.events import (
    HeldFundsPaidOut,
    PayoutReturned,
    TopUpApproved,
    WithdrawalBounced,
    WithdrawalCancelled,
    WithdrawalExpired,
    WithdrawalHeld,
    WithdrawalPaid,
    WithdrawalRejected,
    WithdrawalReleased,
    WithdrawalRequested,
    WithdrawalTurnedDown,
)
from domain.wallet.wallet import BONUS, CASH, HELD, Wallet
from infrastructure.event_log.codec import UnknownEvent, decode
from infrastructure.ledger_check.deriving import Underivable, derived
from infrastructure.ledger_check.findings import EVENT_IMPOSSIBLE, EVENT_UNKNOWN, Damaged
from infrastructure.ledger_check.months import MonthsFold
from infrastructure.ledger_check.wallets import WalletsFold
from infrastructure.sealing.leaves import Row

COMPANIONS: Mapping[type[Event], type[Event] | UnionType] = {
    HoldPlaced: FundsHeld,
    HoldCaptured: HeldFundsCaptured,
    HoldReleased: HeldFundsReleased,
    HoldExpired: HeldFundsReleased,
    HoldRefunded: CaptureRefunded,
    TransferReceived: TransferSent,
    TransferTakenBack: TransferReturned,
    TopUpApproved: FundsToppedUp,
    WithdrawalRequested: WithdrawalHeld,
    WithdrawalRejected: WithdrawalReleased,
    WithdrawalCancelled: WithdrawalReleased,
    WithdrawalExpired: WithdrawalReleased,
    WithdrawalTurnedDown: WithdrawalReleased,
    WithdrawalPaid: HeldFundsPaidOut,
    WithdrawalBounced: PayoutReturned,
    AdjustmentRequested: AdjustmentHeld,
    AdjustmentApproved: AdjustmentCredited | AdjustmentDebited,
    AdjustmentRejected: AdjustmentReleased,
    AdjustmentCancelled: AdjustmentReleased,
    AdjustmentExpired: AdjustmentReleased,
    GiftReceived: GiftCardRedeemed,
}
"""Events that name the entry of another stream's event, which stands before them. An adjustment
that holds nothing names none."""

MAY_STAND_ALONE: frozenset[type[Event]] = frozenset({FundsToppedUp})
"""Events that another names in some cases only, and then right behind them."""

_COMPANIED: frozenset[type[Event]] = frozenset(
    chain.from_iterable(get_args(kind) or (kind,) for kind in COMPANIONS.values())
)


@dataclass(frozen=True, slots=True)
class Reversal:
    """An entry that must be the opposite of the one it names."""

    position: int
    reverses: str
    postings: tuple[Posting, ...]


@dataclass(slots=True)
class LedgerFold:
    """Everything known up to `position`; `take` raises `Damaged` at the first contradiction."""

    kept: dict[str, tuple[int, bytes]] = field(default_factory=dict[str, tuple[int, bytes]])
    """Stored snapshots by stream: version and state. Each is compared when its version comes."""

    position: int = 0
    balances: dict[tuple[str, str], int] = field(default_factory=dict[tuple[str, str], int])
    """Debits less credits by (account, currency). They sum to zero, for every entry does."""
    wallets: WalletsFold = field(default_factory=WalletsFold)
    entries: int = 0
    reversals: list[Reversal] = field(default_factory=list[Reversal])
    """To be held against the entries they name, which may stand far back."""
    stale_snapshots: list[str] = field(default_factory=list[str])
    _reversed: set[str] = field(default_factory=set[str])
    _awaited: dict[str, Event] = field(default_factory=dict[str, Event])
    _chart: set[str] = field(default_factory=lambda: set(STANDARD_CHART))
    _accounts: dict[str, tuple[str, bool]] = field(default_factory=dict[str, tuple[str, bool]])
    """Of each account that was met, its code, and whether it has a floor."""
    _folded: dict[str, Any] = field(default_factory=dict[str, Any])
    _months: MonthsFold = field(default_factory=MonthsFold)
    _alone: str = ""
    """The entry of the event before, where nothing need name it."""

    def take(self, row: Row) -> None:
        """Hold the next event, which follows in order, against everything before it."""
        position, stream, version, name, schema, _, data = row
        self.position = position
        event: Any = self._decoded(stream, name, schema, data)
        if event.CATEGORY == Books.CATEGORY:
            self._months.happen(event, position, row.recorded_at)
            if isinstance(event, AccountOpened):
                self._chart.add(event.code)
        names = type(event) in COMPANIONS and getattr(event, "entry_id", None) is not None
        if self._alone and not names:
            self._awaited.pop(self._alone, None)
        entry: Entry | None = getattr(event, "entry", None)
        if entry is not None:
            self._post(event, entry, f"{stream}.{version}")
        elif names:
            self._settle(event)
        if self.kept or event.CATEGORY == Wallet.CATEGORY:
            self._fold(stream, version, event)

    def finish(self) -> None:
        """Hold what stands at the end together: wallets with their accounts, entries with both."""
        self._awaited.pop(self._alone, None)
        for entry_id in self._awaited:
            raise Damaged(self.position, f"entry {entry_id} has no event on its other side")
        for wallet in self.wallets.all().values():
            balances = (CASH, wallet.available), (HELD, wallet.held), (BONUS, wallet.bonus)
            for account, money in balances:
                name = owned(account, wallet.wallet_id)
                booked = -self.balances.get((name, wallet.currency), 0)
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
        month = self._months.open_for(entry, entry_id, self.position)
        self._derive(event, entry, entry_id)
        balances, below = self.balances, False
        for posting in entry.postings:
            account, amount = posting.account, posting.amount
            code, guarded = self._accounts.get(account) or self._met(account)
            key = account, amount.currency
            balance = balances[key] = balances.get(key, 0) + amount.minor
            # A guarded account is a liability: what a customer has is a credit.
            below = below or (guarded and balance > 0)
            both = month.setdefault((amount.currency, code), [0, 0])
            both[amount.minor < 0] += abs(amount.minor)
        if below:
            self._check_floors(entry)
        self.entries += 1
        if type(event) in _COMPANIED:
            self._awaited[entry_id] = event
            self._alone = entry_id if type(event) in MAY_STAND_ALONE else ""

    def _met(self, account: str) -> tuple[str, bool]:
        code = code_of(account)
        if code not in self._chart:
            raise Damaged(self.position, f"the chart has no account {account}")
        known = self._accounts[account] = code, OWNER_MARK in account
        return known

    def _check_floors(self, entry: Entry) -> None:
        for posting in entry.postings:
            left = -self.balances[posting.account, posting.amount.currency]
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
        named = self._awaited.pop(event.entry_id, None)
        if named is None:
            raise Damaged(self.position, f"there is no open entry {event.entry_id} to name")
        if not isinstance(named, COMPANIONS[type(event)]) or not _agree(named, event):
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


def _agree(one: Any, other: Any) -> bool:  # noqa: ANN401 - an event and its companion
    """Tell whether both tell the same amount, and the same lots where both tell any."""
    lots = getattr(one, "bonus", None), getattr(other, "bonus", None)
    return one.amount == other.amount and (None in lots or lots[0] == lots[1])


def _same(kind: type[Aggregate], stored: bytes, state: object) -> bool:
    try:
        kept: object = msgspec.json.decode(stored, type=kind)
    except (msgspec.DecodeError, ValueError, TypeError):
        return False
    return kept == state


def opposite(entry: Entry, postings: tuple[Posting, ...]) -> bool:
    """Tell whether postings take an entry back exactly."""
    return reversed_postings(entry) == postings
