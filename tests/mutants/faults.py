"""Planted faults in the ledger, the book and the writer, with the tests that find each."""

from tests.mutants.following import FOLLOWING
from tests.mutants.mutant import Mutant
from tests.mutants.rights import RIGHTS
from tests.mutants.rules import RULES

TRANSFERS = ("tests/wallet/test_transfers.py",)
HOLDS = ("tests/wallet/test_holds.py",)
POSTINGS = ("tests/ledger/test_postings.py", "tests/wallet/test_entries.py", *TRANSFERS)
MONEY = ("tests/kernel/test_money.py",)
BOOK = ("tests/kernel/test_book.py",)
IDEMPOTENCY = ("tests/event_log/test_idempotency.py",)
RACES = ("tests/event_log/test_several_writers.py",)
TROUBLE = ("tests/event_log/test_trouble.py",)
MEMORY = ("tests/event_log/memory/test_memory.py",)
LOST = ("tests/event_log/test_lost_answers.py",)
PERSONAL = ("tests/event_log/test_personal_data.py",)
FORGETTING = ("tests/event_log/erasure/test_forgetting.py",)
LOG = "infrastructure/event_log/writing/"

LEDGER = (
    Mutant(
        "the sign of a credit is lost",
        "domain/ledger/postings.py",
        "Posting(credit, -amount)",
        "Posting(credit, amount)",
        POSTINGS,
    ),
    Mutant(
        "an entry need not balance",
        "domain/ledger/postings.py",
        "if any(sums.values()):",
        "if False:",
        POSTINGS,
    ),
    Mutant(
        "a reversal repeats the entry",
        "domain/ledger/postings.py",
        "Posting(posting.account, -posting.amount)",
        "Posting(posting.account, posting.amount)",
        ("tests/ledger/test_reversals.py", "tests/ledger/test_postings.py"),
    ),
    Mutant(
        "the floor is one lower",
        "domain/wallet/wallet.py",
        "if wallet.available.minor + bonus < amount.minor:",
        "if wallet.available.minor + 1 + bonus < amount.minor:",
        (*TRANSFERS, *HOLDS),
    ),
    Mutant(
        "a transfer does not look at the balance",
        "domain/wallet/transfers.py",
        "    check_available(source, amount)\n",
        "",
        TRANSFERS,
    ),
    Mutant(
        "a hold may be captured beyond what it has",
        "domain/wallet/holds.py",
        "if hold.remaining < amount:",
        "if False:",
        HOLDS,
    ),
    Mutant(
        "held money stays held after its release",
        "domain/wallet/wallet.py",
        "HeldFundsReleased: (1, -1,",
        "HeldFundsReleased: (1, 0,",
        HOLDS,
    ),
    Mutant(
        "a split loses the remainder",
        "domain/kernel/money.py",
        "(whole + (n in first))",
        "whole",
        MONEY,
    ),
)

THE_BOOK = (
    Mutant(
        "a taken key is given twice",
        "application/book.py",
        "if self.owner(claim) is not None:",
        "if False:",
        BOOK,
    ),
    Mutant(
        "the owner of a guarded account need not record anything",
        "application/book.py",
        "        if unguarded:",
        "        if False:",
        BOOK,
    ),
    Mutant(
        "expected versions are ignored",
        "application/book.py",
        "if self._current(stream)[0] != version:",
        "if False:",
        BOOK,
    ),
    Mutant(
        "a command does not see what it recorded itself",
        "application/book.py",
        "return self._states.get(stream) or self._memory.state(stream)",
        "return self._memory.state(stream)",
        BOOK,
    ),
)

WRITER = (
    Mutant(
        "what others wrote is not folded in",
        LOG + "catching_up.py",
        "if new is None or not _fold_in(memory, fetched, tenant_id, new):",
        "if new is None:",
        RACES,
    ),
    Mutant(
        "an event is folded in twice",
        LOG + "catching_up.py",
        "if entry is not None and version > entry.version:",
        "if entry is not None:",
        (*RACES, *MEMORY),
    ),
    Mutant(
        "a log that was taken back is not noticed",
        LOG + "catching_up.py",
        "if not rows or _end_of(rows[:1]) != end:",
        "if not rows:",
        (*MEMORY, "tests/event_log/races/test_going_on.py"),
    ),
    Mutant(
        "a memory that lacks an event is folded on",
        LOG + "catching_up.py",
        "if version > entry.version + 1:",
        "if version < 0:",
        MEMORY,
    ),
    Mutant(
        "what was decided early is written wherever the log ends",
        LOG + "batch.py",
        "sql.of_tenants([tenant_id]), sql.LOCK_HEAD_AT(tenant_id, *end)",
        "sql.of_tenants([tenant_id])",
        ("tests/event_log/races/test_going_on.py",),
    ),
    Mutant(
        "a handler that fails early is told at once",
        LOG + "batch.py",
        "if self._early:  # it may",
        "if not self:  # it may",
        ("tests/event_log/races/test_going_on.py",),
    ),
    Mutant(
        "an event not found before the lock is not looked for again",
        LOG + "catching_up.py",
        "        fetched.forget_absent_events(tenant_id)\n",
        "",
        RACES,
    ),
    Mutant(
        "time goes backwards with the clock",
        LOG + "batch.py",
        "now = part.now or max(clock, ends[tenant_id].recorded_at or clock)",
        "now = part.now or clock",
        MEMORY,
    ),
    Mutant(
        "the same id in one batch is decided again",
        LOG + "batch.py",
        "self._known[tenant_id, envelope.command_id] = decision.kept_hash, decision",
        "pass",
        IDEMPOTENCY,
    ),
    Mutant(
        "the hash of the request is ignored",
        LOG + "batch.py",
        "if decided.asks_again(kept_hash, envelope) else",
        "if decided else",
        IDEMPOTENCY,
    ),
    Mutant(
        "outcomes are not looked up under the lock",
        LOG + "batch.py",
        "self._known[tenant, command_id] = kept_hash, outcome",
        "pass",
        IDEMPOTENCY,
    ),
    Mutant(
        "a batch decides without the tenant's lock",
        LOG + "statements.py",
        'WHERE tenant_id = ANY($1)\nFOR NO KEY UPDATE SKIP LOCKED"""',
        'WHERE tenant_id = ANY($1)"""',
        (*RACES, *TROUBLE),
    ),
    Mutant(
        "a refused command leaves its events behind",
        LOG + "deciding.py",
        "body=body, rows=[], at=now)",
        "body=body, rows=self._rows(book), at=now)",
        (*IDEMPOTENCY, *RACES),
    ),
    Mutant(
        "positions count from the cache",
        LOG + "rows.py",
        "    position = end.position\n",
        "    position = end.position + 1\n",
        IDEMPOTENCY,
    ),
    Mutant(
        "the cache is kept after a rollback",
        LOG + "carrying.py",
        "            self._log.memory.forget(tenant_id)\n",
        "            pass\n",
        (*LOST, *PERSONAL),
    ),
    Mutant(
        "a lost answer is not told apart",
        LOG + "carrying.py",
        "                pending.unknown = True",
        "                pass",
        LOST,
    ),
    Mutant(
        "a silent peer is waited for",
        LOG + "channel.py",
        "call_later(BATCH_SECONDS_MAX, self.cut)",
        "call_later(3600, self.cut)",
        LOST,
    ),
    Mutant(
        "snapshots are never written",
        LOG + "rows.py",
        ">= SNAPSHOT_EVERY_EVENTS:",
        ">= 10**9:",
        MEMORY,
    ),
    Mutant(
        "trimming replaces the memory of a tenant under way",
        LOG + "memory.py",
        "                self._tenants.move_to_end(tenant_id)\n\n    def forget",
        "                del self._tenants[tenant_id]\n\n    def forget",
        MEMORY,
    ),
    Mutant(
        "an unknown event is passed over",
        LOG + "carrying.py",
        "            return self._close_log(error.tenant_id, group, error)\n",
        "            pass\n",
        TROUBLE,
    ),
    Mutant(
        "personal text is kept beside its seal",
        "infrastructure/event_log/codec.py",
        'return {"subject": value.subject, "sealed": sealed}',
        'return {"subject": value.subject, "sealed": sealed, "text": value.text}',
        PERSONAL,
    ),
    Mutant(
        "another process keeps the key of whoever was erased",
        LOG + "catching_up.py",
        "                known.forget_person(subject)\n",
        "                pass\n",
        FORGETTING,
    ),
    Mutant(
        "the process that erased keeps the key",
        LOG + "rows.py",
        "        known.forget_person(subject)\n",
        "        pass\n",
        FORGETTING,
    ),
    Mutant(
        "a batch seals for whoever it erased",
        LOG + "sealing.py",
        "        if subject in self.forgotten:\n",
        "        if False:\n",
        FORGETTING,
    ),
    Mutant(
        "the key is not destroyed",
        LOG + "rows.py",
        "            (sql.FORGET_SUBJECTS, rows.forgotten),\n",
        "",
        FORGETTING,
    ),
    Mutant(
        "the tag of COMMIT is ignored",
        LOG + "rows.py",
        'if committed.command_status != b"COMMIT":',
        "if False:",
        LOST,
    ),
)

MUTANTS = (*LEDGER, *THE_BOOK, *WRITER, *FOLLOWING, *RIGHTS, *RULES)
