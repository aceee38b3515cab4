"""What the routine payments among some rows say, a column each."""

from collections.abc import Container, Sequence
from itertools import repeat
from typing import Any

import numpy as np
import numpy.typing as npt

from infrastructure.ledger_check.routine import ROUTINES, Routine
from infrastructure.ledger_check.standing import Named, Standing
from infrastructure.sealing.alike import Read
from infrastructure.sealing.layout import Flags, Laid, Numbered, Numbers

KINDS: Sequence[Routine] = tuple(ROUTINES.values())
_BY_SHAPE = {(one.kind.NAME, one.kind.SCHEMA): kind for kind, one in enumerate(KINDS)}
_NONE = -1
_NO_SNAPSHOT = (0, b"")


class Payments:
    """Columns of numbers; of texts, each holds where a text stands among them.

    Rows that are no routine payments hold nothing, nor do those where a snapshot is compared.
    """

    def __init__(self, leaves: Laid, standing: Standing) -> None:
        count = len(leaves)
        self._streams, datas = leaves.streams, leaves.datas
        self._kept = standing.kept
        self._versions = leaves.versions
        self.positions = leaves.positions
        self.kinds: Numbers = np.full(count, _NONE)
        """Which of `KINDS` each is."""
        self.days: Numbers = np.full(count, _NONE)
        """Of entries."""
        self.minors, self._currencies = _column(count), _column(count)
        self.wallets, self.debits, self.credits = _column(count), _column(count), _column(count)
        self.entries: npt.NDArray[Any] = np.full(count, b"", np.object_)
        """The ids of entries that another row names, and of those that a row names."""
        self._account, self._wallet = Numbered[tuple[bytes, str]](), Numbered[bytes]()
        self._day, self._currency = Numbered[bytes](), Numbered[str]()
        for name, schema, rows in leaves.shapes:
            kind = _BY_SHAPE.get((name, schema), _NONE)
            if kind != _NONE:
                for read in KINDS[kind].pattern.read(datas, rows):
                    self._fill(kind, read)
        self.accounts = [(account.decode(), currency) for account, currency in self._account]
        self.wallet_ids = [wallet_id.decode() for wallet_id in self._wallet]
        self.day_texts = [day.decode() for day in self._day]
        self._currency_texts: Sequence[str] = list(self._currency)
        self._leave_out(standing.months.open_days)

    @property
    def known(self) -> Flags:
        """Which rows are routine payments."""
        return self.kinds != _NONE

    def routine(self, row: int) -> Routine:
        """Say what kind of payment a row is."""
        return KINDS[int(self.kinds[row])]

    def amount(self, row: int) -> tuple[int, str]:
        """Give minor units and currency."""
        return int(self.minors[row]), self._currency_texts[int(self._currencies[row])]

    def same_currency(self, some: Numbers, others: Numbers) -> bool:
        """Say whether rows tell the currencies that others tell."""
        return bool((self._currencies[some] == self._currencies[others]).all())

    def named(self, row: int) -> Named:
        """Say what another row has to agree with that names the entry of a row."""
        routine = self.routine(row)
        return routine.kind, *self.amount(row), routine.lots

    def agrees(self, row: int, standing: Standing) -> bool:
        """Say whether a row tells what the entry tells that it names."""
        routine, entry_id = self.routine(row), self.entries[row].decode()
        named = standing.open_entry(entry_id, int(self.positions[row]))
        if named is None:
            return False
        kind, minor, currency, lots = named
        return (
            kind in routine.carriers
            and (minor, currency) == self.amount(row)
            and not (lots and routine.lots is not None)
        )

    def _fill(self, kind: int, read: Read) -> None:
        """Fill the columns from rows that read alike."""
        routine = KINDS[kind]
        streams = self._streams.cells(read.rows)
        read = read.only(read.are_of(streams, routine.prefix, routine.key))
        read = read.only(~self._meets_snapshot(routine, read)) if self._kept else read
        rows = read.rows
        if not rows.size:
            return
        keys, currency = read.texts(routine.key), read.shared("currency")
        self.kinds[rows] = kind
        self.minors[rows] = read.numbers("minor")
        self._currencies[rows] = self._currency[currency]
        if routine.change:
            self.wallets[rows] = self._wallet.all(keys)
        if routine.carriers:
            self.entries[rows] = read.texts("entry_id")
            return
        self.days[rows] = self._day.all(read.texts("day"))
        for column, side in ((self.debits, "debit"), (self.credits, "credit")):
            column[rows] = self._account.all(zip(read.texts(side), repeat(currency)))
        if routine.companied:
            ids = zip(keys, self._versions[rows].tolist(), strict=True)
            prefix = routine.prefix
            self.entries[rows] = [b"%b%b.%d" % (prefix, key, version) for key, version in ids]

    def _leave_out(self, days: Container[str]) -> None:
        """Leave out the first entry of each other day, for somebody has to look at the day."""
        for number, row in zip(*np.unique(self.days, return_index=True), strict=True):
            if number != _NONE and self.day_texts[int(number)] not in days:
                self.kinds[row] = _NONE

    def _meets_snapshot(self, routine: Routine, read: Read) -> Flags:
        """Say which rows a snapshot may be of. Of streams other than wallets, all may be."""
        streams = [(routine.prefix + key).decode() for key in read.texts(routine.key)]
        if not routine.change:
            return np.array([one in self._kept for one in streams], np.bool_)
        versions = np.array([self._kept.get(one, _NO_SNAPSHOT)[0] for one in streams], np.int64)
        return versions == self._versions[read.rows]


def _column(count: int) -> Numbers:
    return np.zeros(count, np.int64)
