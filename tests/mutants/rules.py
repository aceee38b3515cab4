"""Planted faults in the rules; the examples of the rules find each without any server."""

from tests.mutants.mutant import Mutant

EXAMPLES = (
    *("tests/kernel", "tests/ledger", "tests/tenants", "tests/wallet"),
    "--ignore=tests/wallet/test_any_history.py",
)
"""The random histories are left out: examples find them all."""

_FAULTS = (
    ("domain/kernel/money.py", "(-shares[n][1], n)", "(shares[n][1], n)"),
    ("domain/kernel/money.py", "sign * (whole", "(whole"),
    ("domain/ledger/postings.py", "if any(sums.values()):", "if sum(sums.values()):"),
    ("domain/ledger/postings.py", "-posting.amount)", "posting.amount)"),
    ("domain/ledger/books.py", "asked > today", "asked >= today"),
    ("domain/ledger/books.py", "account is None or account.owner is not None", "account is None"),
    ("domain/ledger/books.py", "at.astimezone(_zone(time_zone)).date()", "at.date()"),
    ("domain/ledger/books.py", "day <= self.sealed_until", "day < self.sealed_until"),
    ("domain/ledger/books.py", "day <= self.closing.until", "day < self.closing.until"),
    ("domain/ledger/books.py", "first = books.sealed_from or until", "first = until"),
    ("domain/ledger/books.py", "sealed_until=end_before(until)", "sealed_until=None"),
    ("domain/ledger/closing.py", "until >= today", "until > today"),
    ("domain/ledger/closing.py", "until != end_after(sealed)", "False"),
    ("domain/ledger/closing.py", "if closing != closing_id:", "if False:"),
    ("domain/ledger/closing.py", "+ total.debit - total.credit", "+ total.debit - total.debit"),
    ("domain/ledger/closing.py", "books.reopening.requested_by == by", "False"),
    ("domain/ledger/closing.py", "until != books.sealed_until or not alone", "not alone"),
    ("domain/ledger/journal.py", "amount.minor == 0 or", "False or"),
    ("domain/wallet/wallet.py", ".available.minor + bonus < amount", ".available.minor < amount"),
    ("domain/wallet/wallet.py", " + wallet.held.minor + wallet.bonus.minor", ""),
    ("domain/wallet/wallet.py", " + wallet.bonus.minor", ""),
    (
        "domain/wallet/wallet.py",
        "    check_may_spend(wallet)\n    check_amount",
        "    check_amount",
    ),
    (
        "domain/wallet/wallet.py",
        'any amount once it is closed."""\n    check_open(wallet)',
        'any amount."""',
    ),
    ("domain/wallet/bonus.py", "lot.expires_at or NEVER, lot_id", "NEVER, lot_id"),
    ("domain/wallet/bonus.py", "or NEVER, lot_id", "or NEVER, lot_id[::-1]"),
    ("domain/wallet/bonus.py", "len(wallet.lots) >= BONUS", "len(wallet.lots) > BONUS"),
    ("domain/wallet/bonus.py", "if not part.lapsed(at)),", "),"),
    ("domain/wallet/bonus.py", "if left < granted.amount.minor:", "if not left:"),
    ("domain/wallet/lots.py", "self.expires_at <= at", "self.expires_at < at"),
    ("domain/wallet/refunds.py", "reversed(captured.bonus)", "captured.bonus"),
    ("domain/wallet/refunds.py", "amount.minor - of_cash)", "amount.minor)"),
    (
        "domain/wallet/holds.py",
        "        *bonus.lapse(wallet, hold.bonus",
        "        *bonus.lapse(wallet, ()",
    ),
    ("domain/wallet/wallet.py", "FundsHeld: (-1, 1,", "FundsHeld: (-1, 0,"),
    ("domain/wallet/wallet.py", "TransferReturned: (-1, 0,", "TransferReturned: (1, 0,"),
    ("domain/wallet/wallet.py", "state.version + 1,", "state.version + 2,"),
    ("domain/wallet/holds.py", "if hold.remaining < amount:", "if False:"),
    ("domain/wallet/refunds.py", "if captured.refundable < amount:", "if False:"),
    ("domain/wallet/holds.py", "len(hold.captures) >= CAPTURES", "len(hold.captures) > CAPTURES"),
    ("domain/wallet/holds.py", "capture.refundable - event.amount", "capture.refundable"),
    ("domain/wallet/refunds.py", "= captured.destination,", '= "sales",'),
    ("domain/wallet/transfers.py", "    check_room(target, amount)\n", ""),
    ("domain/wallet/transfers.py", "    check_available(receiver, sent.amount)\n", ""),
    ("domain/wallet/topups.py", "    check_available(wallet, income.amount)\n", ""),
    ("domain/wallet/wallet.py", "HeldFundsPaidOut: (0, -1, 0)", "HeldFundsPaidOut: (-1, 0, 0)"),
    ("domain/wallet/requests/approvals.py", "amount.minor > above", "amount.minor >= above"),
    ("domain/wallet/requests/approvals.py", "== approver.staff_id", "!= approver.staff_id"),
    ("domain/wallet/requests/topups.py", "    check_approval(asked, approver)\n", ""),
    ("domain/wallet/requests/withdrawals.py", "    check_approval(asked, approver)\n", ""),
    ("domain/wallet/requests/withdrawals.py", "    check_available(wallet, amount)\n", ""),
    ("domain/wallet/requests/withdrawals.py", "is not Stage.APPROVED:", "is Stage.PENDING:"),
    ("domain/wallet/requests/withdrawals.py", "account = asked.paid_from", 'account = "bank"'),
    ("domain/wallet/requests/stages.py", "if at < expires_at:", "if at <= expires_at:"),
    ("application/wallet/requests/finding.py", "not in {None, wallet.owner}", "in ()"),
    ("application/book.py", "if self.owner(claim) is not", "if self._memory.claim(claim) is not"),
    ("application/book.py", "self._states.get(stream) or self._memory", "self._memory"),
    ("application/book.py", "!= version:", "< version:"),
    ("application/book.py", "self._owed - self._states.keys()", "set()"),
    ("application/book.py", "        self._ids += 1\n", ""),
    ("application/book.py", "self._claims[claim] = None", "pass"),
    ("application/book.py", "        if shut is not None:\n            raise shut\n", ""),
    ("application/commands.py", "if lacking is None:", "if True:"),
    ("application/wallet/access.py", "wallet.owner != customer", "False"),
    ("application/wallet/holds.py", "hold.wallet_id != wallet.wallet_id", "False"),
    (
        "application/ledger/journal.py",
        "is not None:\n        raise EntryAlreadyReversed",
        "is not None and False:\n        raise EntryAlreadyReversed",
    ),
    ("domain/tenants/keys.py", "min(filter(None, (old.expires_at, old_expires_at)))", "None"),
    ("domain/tenants/tenant.py", "at < self.expires_at", "at <= self.expires_at"),
)
"""File, what stands there, what stands there instead."""

RULES = tuple(
    Mutant(f"{file}: {stands.strip()}", file, stands, planted, EXAMPLES)
    for file, stands, planted in _FAULTS
)
