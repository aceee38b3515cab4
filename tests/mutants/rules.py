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
    ("domain/ledger/journal.py", "amount.minor == 0 or", "False or"),
    ("domain/wallet/wallet.py", ".available.minor < amount", ".available.minor + 1 < amount"),
    ("domain/wallet/wallet.py", " + wallet.held.minor + amount", " + amount"),
    ("domain/wallet/wallet.py", "FundsHeld: (-1, 1)", "FundsHeld: (-1, 0)"),
    ("domain/wallet/wallet.py", "TransferReturned: (-1, 0)", "TransferReturned: (1, 0)"),
    ("domain/wallet/wallet.py", "state.version + 1,", "state.version + 2,"),
    ("domain/wallet/holds.py", "if hold.remaining < amount:", "if False:"),
    ("domain/wallet/holds.py", "if captured.refundable < amount:", "if False:"),
    ("domain/wallet/holds.py", "len(hold.captures) >= CAPTURES", "len(hold.captures) > CAPTURES"),
    ("domain/wallet/holds.py", "capture.refundable - event.amount", "capture.refundable"),
    ("domain/wallet/holds.py", "source = captured.destination", 'source = "sales"'),
    ("domain/wallet/transfers.py", "    check_room(target, amount)\n", ""),
    ("domain/wallet/transfers.py", "    check_available(receiver, sent.amount)\n", ""),
    ("domain/wallet/topups.py", "    check_available(wallet, income.amount)\n", ""),
    ("domain/wallet/gifts/cards.py", "if card.remaining < amount:", "if False:"),
    ("domain/wallet/gifts/cards.py", "and at >= self.expires_at", "and at > self.expires_at"),
    ("domain/wallet/gifts/cards.py", "    check_room(wallet, amount)\n", ""),
    ("domain/wallet/gifts/cards.py", "remaining = event.remaining", "remaining = state.remaining"),
    ("domain/wallet/gifts/cards.py", "    if not card.due(at):\n", "    if False:\n"),
    (
        "domain/wallet/limits/limits.py",
        "used + amount.minor > limit",
        "used + amount.minor >= limit",
    ),
    ("domain/wallet/limits/limits.py", "self.of_month if month else {}", "self.of_month"),
    ("domain/wallet/limits/limits.py", "        if self.day == day:\n", "        if True:\n"),
    ("domain/wallet/limits/limits.py", "state.of_day.get(way, 0) + minor", "minor"),
    ("domain/wallet/limits/limits.py", "len(levels) > LEVELS_MAX", "len(levels) >= LEVELS_MAX"),
    ("application/wallet/limits.py", "book.books().today(book.now)", "book.now.date()"),
    ("application/wallet/gift_cards.py", "and not card.open(book.now)", "and False"),
    ("application/book.py", "if self.owner(claim) is not", "if self._memory.claim(claim) is not"),
    ("application/book.py", "self._states.get(stream) or self._memory", "self._memory"),
    ("application/book.py", "!= version:", "< version:"),
    ("application/book.py", "self._owed - self._states.keys()", "set()"),
    ("application/book.py", "        self._ids += 1\n", ""),
    ("application/book.py", "self._claims[claim] = None", "pass"),
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
