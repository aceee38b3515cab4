"""Routine payments held against the books many at a time, by columns."""

from collections.abc import Collection, Mapping, Sequence
from itertools import repeat
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from infrastructure.ledger_check.alike import Read
from infrastructure.ledger_check.routine import ROUTINES, Routine
from infrastructure.ledger_check.standing import Alone, Line, Named, Standing
from infrastructure.sealing.layout import Flags, Laid, Numbered, Numbers, in_order

_NONE = -1
_NO_SNAPSHOT = (0, b"")
_SUM_MAX = 2**62
"""Amounts that add up to no more can be added to a balance of no more, in a column."""

_KINDS: Sequence[Routine] = tuple(ROUTINES.values())
_BY_SHAPE = {(one.kind.NAME, one.kind.SCHEMA): kind for kind, one in enumerate(_KINDS)}
_ENTERING = np.array([not one.carriers for one in _KINDS])
_COMPANIED = np.array([one.companied for one in _KINDS])
_ALONE = np.array([one.may_stand_alone for one in _KINDS])
_MAY_NAME = np.array([[other.kind in one.carriers for other in _KINDS] for one in _KINDS])
_CHANGING = np.array([one.change is not None for one in _KINDS])
_CHANGES = np.array([(*(one.change or (0, 0))[:2], 1) for one in _KINDS], np.int64)
"""What comes to be available and held by each minor unit, and how many events that is."""


class _Posted(NamedTuple):
    """What entries leave on accounts."""

    lines: Mapping[tuple[str, str], Line]
    """By account and currency."""
    balances: Sequence[int]
    days: Mapping[str, Sequence[Sequence[int]]]
    """Debits and credits of each line, by day."""


class _Settled(NamedTuple):
    """Which entries are named, and which are to be."""

    named: Collection[str]
    """Of those that were awaited before."""
    left: Mapping[bytes, int]
    """Rows by id."""


class Payments:
    """What the routine payments among some rows say, a column each."""

    def __init__(self, leaves: Laid, standing: Standing) -> None:
        count = len(leaves)
        self._standing = standing
        self._leaves = leaves
        self._positions, self._versions = leaves.positions, leaves.versions
        self._kinds: Numbers = np.full(count, _NONE)
        self._minors, self._currencies = _column(count), _column(count)
        self._wallets, self._days = _column(count), _column(count)
        self._debits, self._credits = _column(count), _column(count)
        self._entries: npt.NDArray[Any] = np.full(count, b"", np.object_)
        """The ids of those that another row names, and of those that a row names."""
        self._account = Numbered[tuple[bytes, str]]()
        self._wallet, self._day, self._currency = (
            Numbered[bytes](),
            Numbered[str](),
            Numbered[str](),
        )
        for name, schema, rows in leaves.shapes:
            kind = _BY_SHAPE.get((name, schema))
            if kind is not None:
                for read in _KINDS[kind].pattern.read(leaves.datas, rows):
                    self._fill(kind, read)
        self._accounts = [(account.decode(), currency) for account, currency in self._account]
        self._day_texts: Sequence[str] = list(self._day)
        self._currency_texts: Sequence[str] = list(self._currency)

    @property
    def known(self) -> Flags:
        """Which rows are routine payments."""
        return self._kinds != _NONE

    def take(self, rows: Numbers) -> bool:
        """Take payments, or change nothing and say False, where anything is not as it mostly is."""
        standing = self._standing
        if int(self._minors[rows].max()) * 2 * len(rows) > _SUM_MAX:
            return False
        entering = rows[_ENTERING[self._kinds[rows]]]
        posted = self._post(entering)
        settled = self._settle(rows, entering)
        moved = self._move(rows[_CHANGING[self._kinds[rows]]])
        if posted is None or settled is None or moved is None:
            return False
        self._book(posted)
        self._await(settled, entering)
        for before, more in moved:
            before[:] = map(int.__add__, before, more)
        standing.entries += len(entering)
        return True

    def _fill(self, kind: int, read: Read) -> None:
        """Fill the columns from rows that read alike."""
        routine, kept = _KINDS[kind], self._standing.kept
        prefix = routine.prefix
        read = read.only(read.are_of(self._leaves.streams.cells(read.rows), prefix, routine.key))
        keys = read.texts(routine.key)
        if kept:
            awaited = np.array(
                [kept.get((prefix + key).decode(), _NO_SNAPSHOT)[0] for key in keys], np.int64
            )
            met = awaited == self._versions[read.rows] if routine.change else awaited > 0
            read = read.only(~met)
            keys = read.texts(routine.key)
        rows = read.rows
        if not rows.size:
            return
        currency = read.shared("currency")
        self._kinds[rows] = kind
        self._minors[rows] = read.numbers("minor")
        self._currencies[rows] = self._currency[currency]
        if routine.change:
            self._wallets[rows] = self._wallet.all(keys)
        if routine.carriers:
            self._entries[rows] = read.texts("entry_id")
            return
        self._days[rows] = self._day[read.shared("day")]
        for column, side in ((self._debits, "debit"), (self._credits, "credit")):
            column[rows] = self._account.all(zip(read.texts(side), repeat(currency)))
        if routine.companied:
            ids = zip(keys, self._versions[rows].tolist(), strict=True)
            self._entries[rows] = [b"%b%b.%d" % (prefix, key, version) for key, version in ids]

    def _post(self, rows: Numbers) -> _Posted | None:
        """Post entries, or none where an account falls below its floor, or a day is not known."""
        if not rows.size:
            return _Posted({}, (), {})
        minors = self._minors[rows]
        posted = np.stack((self._debits[rows], self._credits[rows]), axis=1)
        order = in_order(posted.ravel())
        accounts = posted.ravel()[order]
        amounts = np.stack((minors, -minors), axis=1).ravel()[order]
        first = np.flatnonzero(np.diff(accounts, prepend=_NONE))
        lines = dict[tuple[str, str], Line]()
        for account in accounts[first]:
            key = self._accounts[int(account)]
            line = self._standing.line(*key)
            if line is None or abs(line.balance) > _SUM_MAX:
                return None
            lines[key] = line
        counts = np.diff(first, append=len(accounts))
        before = np.array([line.balance for line in lines.values()], np.int64)
        balances = np.cumsum(amounts)
        balances += np.repeat(before - balances[first] + amounts[first], counts)
        floored = np.repeat(np.array([line.floored for line in lines.values()]), counts)
        if (balances[floored] > 0).any():
            return None
        all_days = np.repeat(self._days[rows], 2)[order]
        days = dict[str, Sequence[Sequence[int]]]()
        for day in map(int, np.unique(all_days)):
            of_day = np.where(all_days == day, amounts, 0)
            sides = np.stack((np.maximum(of_day, 0), np.maximum(-of_day, 0)), axis=1)
            days[self._day_texts[day]] = np.add.reduceat(sides, first).tolist()
        if not days.keys() <= self._standing.months.open_days.keys():
            return None
        return _Posted(lines, balances[first + counts - 1].tolist(), days)

    def _settle(self, rows: Numbers, entering: Numbers) -> _Settled | None:
        """Find the entry that each row names, or none where one does not agree with it."""
        kinds, positions = self._kinds, self._positions
        carrying = entering[_COMPANIED[kinds[entering]]]
        left = dict[bytes, int](
            zip(self._entries[carrying].tolist(), carrying.tolist(), strict=True)
        )
        before = map(str.encode, self._standing.awaited)
        if len(left) < len(carrying) or not left.keys().isdisjoint(before):
            return None
        naming = rows[~_ENTERING[kinds[rows]]]
        ids: list[bytes] = self._entries[naming].tolist()
        of = np.array([left.pop(one, _NONE) for one in ids], np.int64)
        near = of != _NONE
        named, by = of[near], naming[near]
        if (
            (named > by).any()
            or not _MAY_NAME[kinds[by], kinds[named]].all()
            or (self._minors[by] != self._minors[named]).any()
            or (self._currencies[by] != self._currencies[named]).any()
            or (_ALONE[kinds[named]] & (positions[by] != positions[named] + 1)).any()
        ):
            return None
        far = set[str]()
        for nth in np.flatnonzero(~near).tolist():
            entry_id = ids[nth].decode()
            if entry_id in far or not self._agrees(entry_id, int(naming[nth])):
                return None
            far.add(entry_id)
        return _Settled(far, left)

    def _agrees(self, entry_id: str, row: int) -> bool:
        """Say whether a row tells what an entry tells that stands before all of these rows."""
        routine = self._routine(row)
        named = self._standing.open_entry(entry_id, int(self._positions[row]))
        if named is None:
            return False
        kind, minor, currency, lots = named
        return (
            kind in routine.carriers
            and (minor, currency) == self._amount(row)
            and not (lots and routine.lots is not None)
        )

    def _routine(self, row: int) -> Routine:
        return _KINDS[int(self._kinds[row])]

    def _amount(self, row: int) -> tuple[int, str]:
        return int(self._minors[row]), self._currency_texts[int(self._currencies[row])]

    def _move(self, rows: Numbers) -> Sequence[tuple[list[int], list[int]]] | None:
        """Give what each wallet has moved so far, with what these rows move; none if it is new."""
        changes = _CHANGES[self._kinds[rows]]
        changes[:, :2] *= self._minors[rows, None]
        sums = np.zeros((len(self._wallet), 3), np.int64)
        np.add.at(sums, self._wallets[rows], changes)
        found = list[tuple[list[int], list[int]]]()
        for wallet_id, more in zip(self._wallet, sums.tolist(), strict=True):
            if more[2]:
                before = self._standing.wallets.moved.get(wallet_id.decode())
                if before is None:
                    return None
                found.append((before, more))
        return found

    def _book(self, posted: _Posted) -> None:
        self._standing.lines.update(posted.lines)
        lines = posted.lines.values()
        for line, balance in zip(lines, posted.balances, strict=True):
            line.balance = balance
        for day, sums in posted.days.items():
            month = self._standing.months.open_days[day]
            for line, (debit, credit) in zip(lines, sums, strict=True):
                if debit or credit:
                    both = month[line.key]
                    both[0] += debit
                    both[1] += credit

    def _await(self, settled: _Settled, entering: Numbers) -> None:
        standing = self._standing
        for entry_id in settled.named:
            standing.awaited.pop(entry_id, None)
        for entry_id, row in settled.left.items():
            if not self._routine(row).may_stand_alone:
                standing.awaited[entry_id.decode()] = self._named(row)
        alone = entering[_ALONE[self._kinds[entering]]]
        if alone.size:
            row = int(alone[-1])
            entry_id = self._entries[row].decode()
            standing.alone = Alone(int(self._positions[row]), entry_id, self._named(row))

    def _named(self, row: int) -> Named:
        routine = self._routine(row)
        return routine.kind, *self._amount(row), routine.lots


def _column(count: int) -> Numbers:
    return np.zeros(count, np.int64)
