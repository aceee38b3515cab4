"""One routine payment held against the books, by what its columns say."""

from infrastructure.ledger_check.payments import Payments
from infrastructure.ledger_check.standing import Alone, Standing

_OF_NO_WALLET = [0, 0, 0]


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
    elif not _post(payments, standing, row):
        return False
    if routine.change:
        minor, _ = payments.amount(row)
        moved[0] += routine.change[0] * minor
        moved[1] += routine.change[1] * minor
        moved[2] += 1
    return True


def _post(payments: Payments, standing: Standing, row: int) -> bool:
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
