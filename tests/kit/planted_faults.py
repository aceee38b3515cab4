"""Plant one fault after the other in the rules, in a copy, and see that a test of the rules fails.

`python -m tests.kit.planted_faults` prints each fault's fate and ends with 1 if one lives. It takes
some minutes, so no other test runs it. The random histories are left out: examples find them all.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.architecture.source import ROOT

NOT_SOURCE = shutil.ignore_patterns(".git", "__pycache__", ".hypothesis", ".venv*", ".defter")
EXAMPLES = (
    *("tests/kernel", "tests/ledger", "tests/tenants", "tests/wallet"),
    "--ignore=tests/wallet/test_any_history.py",
)

FAULTS = (
    ("domain/kernel/money.py", "(-shares[n][1], n)", "(shares[n][1], n)"),
    ("domain/kernel/money.py", "sign * (whole", "(whole"),
    ("domain/ledger/postings.py", "if any(sums.values()):", "if sum(sums.values()):"),
    ("domain/ledger/postings.py", "-posting.amount)", "posting.amount)"),
    ("domain/ledger/books.py", "asked > today", "asked >= today"),
    ("domain/ledger/books.py", "account is None or account.owner is not None", "account is None"),
    ("domain/ledger/books.py", "at.astimezone(_zone(self.time_zone)).date()", "at.date()"),
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


def passes(root: Path) -> bool:
    """Run the tests of the rules on a copy."""
    command = [sys.executable, "-m", "pytest", "-x", "-p", "no:cacheprovider", *EXAMPLES]
    surroundings = {**os.environ, "PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(command, cwd=root, env=surroundings, capture_output=True, check=False)
    return done.returncode == 0


def main() -> int:
    """Plant each fault, tell its fate, and count those that live."""
    alive = 0
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "copy"
        shutil.copytree(ROOT, root, ignore=NOT_SOURCE)
        if not passes(root):
            raise SystemExit("the tests fail without a fault")
        for file, stands, planted in FAULTS:
            right = (root / file).read_text("utf-8")
            assert stands in right, f"{file} has no {stands!r} any more"
            (root / file).write_text(right.replace(stands, planted, 1), "utf-8")
            lives = passes(root)
            (root / file).write_text(right, "utf-8")
            alive += lives
            sys.stdout.write(f"{'ALIVE' if lives else 'found'}  {file}  {stands.strip()}\n")
            sys.stdout.flush()
    sys.stdout.write(f"{len(FAULTS)} faults planted, {alive} alive\n")
    return 1 if alive else 0


if __name__ == "__main__":
    sys.exit(main())
