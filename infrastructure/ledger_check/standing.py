"""Everything that is known of the books up to a position."""

from dataclasses import dataclass, field
from typing import NamedTuple

from domain.kernel.events import Event
from domain.ledger.accounts import OWNER_MARK, STANDARD_CHART, code_of
from domain.wallet.lots import LotPart
from infrastructure.ledger_check.months import MonthsFold
from infrastructure.ledger_check.wallets import WalletsFold

Named = tuple[type[Event], int, str, tuple[LotPart, ...] | None]
"""Of an event that another one may name: what carries the entry, the amount in minor units, its
currency, and the lots where any are told."""


class Alone(NamedTuple):
    """An entry that the event right behind it may name, and no other."""

    position: int
    entry_id: str
    named: Named


@dataclass(slots=True)
class Line:
    """What stands on one account in one currency."""

    key: tuple[str, str]
    """Currency and code of the account."""
    floored: bool
    """Whether it is a customer's, who has credits: it never comes to be a debit."""
    balance: int = 0
    """Debits less credits. All together are zero, for every entry is."""


@dataclass(slots=True)
class Standing:
    """Everything that is known of the books, accounts and wallets up to a position."""

    kept: dict[str, tuple[int, bytes]] = field(default_factory=dict[str, tuple[int, bytes]])
    """Stored snapshots by stream: version and state. Each is compared when its version comes."""

    position: int = 0
    chart: set[str] = field(default_factory=lambda: set(STANDARD_CHART))
    """Codes of accounts."""
    lines: dict[tuple[str, str], Line] = field(default_factory=dict[tuple[str, str], Line])
    """By (account, currency), once something was posted to it."""
    wallets: WalletsFold = field(default_factory=WalletsFold)
    entries: int = 0
    awaited: dict[str, Named] = field(default_factory=dict[str, Named])
    """Entries that no other event has named yet, though one must."""
    alone: Alone | None = None
    """The last entry that nothing need name."""
    months: MonthsFold = field(default_factory=MonthsFold)

    def open_entry(self, entry_id: str, position: int) -> Named | None:
        """Give an entry that the event at a position may name."""
        alone = self.alone
        if alone is not None and alone[:2] == (position - 1, entry_id):
            return alone.named
        return self.awaited.get(entry_id)

    def line(self, account: str, currency: str) -> Line | None:
        """Give what stands on an account that the chart has, be it that nothing was posted yet."""
        line = self.lines.get((account, currency))
        if line is None and (code := code_of(account)) in self.chart:
            line = Line((currency, code), OWNER_MARK in account)
        return line
