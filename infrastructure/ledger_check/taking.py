"""Routine payments held against the books: one, or many at a time, summed up by columns."""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from infrastructure.ledger_check.payments import KINDS, Payments
from infrastructure.ledger_check.standing import Alone, Line, Standing
from infrastructure.sealing.layout import Numbers, in_order

_NONE = -1
_SUM_MAX = 2**62
"""Amounts that add up to no more can be added to a balance of no more, in a column."""

_ENTERING = np.array([not one.carriers for one in KINDS])
_AWAITED = np.array([one.companied and not one.may_stand_alone for one in KINDS])
_ALONE = np.array([one.may_stand_alone for one in KINDS])
_MAY_NAME = np.array([[other.kind in one.carriers for other in KINDS] for one in KINDS])
_CHANGING = np.array([one.change is not None for one in KINDS])
_CHANGES = np.array([(*(one.change or (0, 0))[:2], 1) for one in KINDS], np.int64)
"""What comes to be available and held by each minor unit, and how many events that is. All of these
are by kind."""

assert not _MAY_NAME[:, _ALONE].any(), "what may stand alone is named by no routine payment"


class _Posted(NamedTuple):
    """What entries leave on accounts."""

    lines: Mapping[tuple[str, str], Line]
    """By account and currency."""
    balances: Sequence[int]
    days: Mapping[str, Sequence[Sequence[int]]]
    """Debits and credits of each line, by day."""


class _Settled(NamedTuple):
    """Which entries are named, and which are not yet."""

    named: Collection[str]
    """Of those that stood before."""
    left: Mapping[bytes, int]
    """Rows by id."""


_OF_NO_WALLET = [0, 0, 0]
_Moved = Sequence[tuple[list[int], list[int]]]
"""What wallets moved before, with what they move now."""


def take_one(payments: Payments, standing: Standing, row: int) -> bool:
    """Take a payment, or change nothing and say False: it is to be looked at."""
    routine, moved = payments.routine(row), _OF_NO_WALLET
    if routine.change:
        moved = standing.wallets.moved.get(payments.wallet_ids[int(payments.wallets[row])])
    if moved is None:
        return False
    if routine.carriers:
        if not payments.agrees(row, standing):
            return False
        standing.awaited.pop(payments.entries[row].decode(), None)
    elif not _post_one(payments, standing, row):
        return False
    if routine.change:
        minor, _ = payments.amount(row)
        moved[0] += routine.change[0] * minor
        moved[1] += routine.change[1] * minor
        moved[2] += 1
    return True


def _post_one(payments: Payments, standing: Standing, row: int) -> bool:
    minor, _ = payments.amount(row)
    debit, credit = (
        payments.accounts[int(side[row])] for side in (payments.debits, payments.credits)
    )
    debited, credited = standing.line(*debit), standing.line(*credit)
    sums = standing.months.open_days.get(payments.day_texts[int(payments.days[row])])
    if (
        debit == credit
        or debited is None
        or credited is None
        or sums is None
        or (debited.floored and debited.balance > -minor)
        or (credited.floored and credited.balance > minor)
    ):
        return False
    standing.lines[debit], standing.lines[credit] = debited, credited
    debited.balance += minor
    credited.balance -= minor
    sums[debited.key][0] += minor
    sums[credited.key][1] += minor
    standing.entries += 1
    routine = payments.routine(row)
    if routine.companied:
        entry_id = payments.entries[row].decode()
        if routine.may_stand_alone:
            standing.alone = Alone(int(payments.positions[row]), entry_id, payments.named(row))
        else:
            standing.awaited[entry_id] = payments.named(row)
    return True


def take_together(payments: Payments, standing: Standing, rows: Numbers) -> bool:
    """Take payments, or change nothing and say False: one of them is to be looked at by itself."""
    if int(payments.minors[rows].max()) * 2 * len(rows) > _SUM_MAX:  # both sides of each
        return False
    entering = rows[_ENTERING[payments.kinds[rows]]]
    if (posted := _posted(payments, standing, entering)) is None:
        return False
    if (settled := _settled(payments, standing, rows, entering)) is None:
        return False
    changing = rows[_CHANGING[payments.kinds[rows]]]
    if (moved := _moved(payments, standing, changing)) is None:
        return False
    _book(standing, posted)
    _await(payments, standing, settled, entering)
    for before, more in moved:
        before[:] = map(int.__add__, before, more)
    standing.entries += len(entering)
    return True


def _posted(payments: Payments, standing: Standing, rows: Numbers) -> _Posted | None:
    """Post entries; none where an account falls below its floor, or a day was not posted to."""
    if not rows.size:
        return _Posted({}, (), {})
    minors = payments.minors[rows]
    sides = np.stack((payments.debits[rows], payments.credits[rows]), axis=1).ravel()
    order = in_order(sides)
    accounts = sides[order]
    amounts = np.stack((minors, -minors), axis=1).ravel()[order]
    first = np.flatnonzero(np.diff(accounts, prepend=_NONE))
    lines = dict[tuple[str, str], Line]()
    for account in accounts[first]:
        key = payments.accounts[int(account)]
        line = standing.line(*key)
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
    all_days = np.repeat(payments.days[rows], 2)[order]
    days = dict[str, Sequence[Sequence[int]]]()
    for day in map(int, np.unique(all_days)):
        of_day = np.where(all_days == day, amounts, 0)
        both = np.stack((np.maximum(of_day, 0), np.maximum(-of_day, 0)), axis=1)
        days[payments.day_texts[day]] = np.add.reduceat(both, first).tolist()
    if not days.keys() <= standing.months.open_days.keys():
        return None
    return _Posted(lines, balances[first + counts - 1].tolist(), days)


def _settled(
    payments: Payments, standing: Standing, rows: Numbers, entering: Numbers
) -> _Settled | None:
    """Find the entry that each row names; none where one does not agree with it."""
    kinds, minors = payments.kinds, payments.minors
    carrying = entering[_AWAITED[kinds[entering]]]
    left = dict[bytes, int](
        zip(payments.entries[carrying].tolist(), carrying.tolist(), strict=True)
    )
    if len(left) < len(carrying) or not left.keys().isdisjoint(map(str.encode, standing.awaited)):
        return None
    naming = rows[~_ENTERING[kinds[rows]]]
    ids: list[bytes] = payments.entries[naming].tolist()
    of = np.array([left.pop(one, _NONE) for one in ids], np.int64)
    near = of != _NONE
    named, by = of[near], naming[near]
    if (
        (named > by).any()
        or not _MAY_NAME[kinds[by], kinds[named]].all()
        or (minors[by] != minors[named]).any()
        or not payments.same_currency(by, named)
    ):
        return None
    far = set[str]()
    for nth in np.flatnonzero(~near).tolist():
        entry_id = ids[nth].decode()
        if entry_id in far or not payments.agrees(int(naming[nth]), standing):
            return None
        far.add(entry_id)
    return _Settled(far, left)


def _moved(payments: Payments, standing: Standing, rows: Numbers) -> _Moved | None:
    """Sum up what each wallet moves; none if one is new."""
    changes = _CHANGES[payments.kinds[rows]]
    changes[:, :2] *= payments.minors[rows, None]
    wallets, nth = np.unique(payments.wallets[rows], return_inverse=True)
    sums = np.zeros((len(wallets), 3), np.int64)
    np.add.at(sums, nth, changes)
    found = list[tuple[list[int], list[int]]]()
    for wallet, more in zip(wallets, sums.tolist(), strict=True):
        before = standing.wallets.moved.get(payments.wallet_ids[int(wallet)])
        if before is None:
            return None
        found.append((before, more))
    return found


def _book(standing: Standing, posted: _Posted) -> None:
    standing.lines.update(posted.lines)
    lines = posted.lines.values()
    for line, balance in zip(lines, posted.balances, strict=True):
        line.balance = balance
    for day, sums in posted.days.items():
        month = standing.months.open_days[day]
        for line, (debit, credit) in zip(lines, sums, strict=True):
            if debit or credit:
                both = month[line.key]
                both[0] += debit
                both[1] += credit


def _await(payments: Payments, standing: Standing, settled: _Settled, entering: Numbers) -> None:
    for entry_id in settled.named:
        standing.awaited.pop(entry_id, None)
    for entry_id, row in settled.left.items():
        standing.awaited[entry_id.decode()] = payments.named(row)
    alone = entering[_ALONE[payments.kinds[entering]]]
    if alone.size:
        row = int(alone[-1])
        entry_id = payments.entries[row].decode()
        standing.alone = Alone(int(payments.positions[row]), entry_id, payments.named(row))
