"""WLT-13: balances as they were known, held against every posting counted one by one."""

import asyncio
import time
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from uuid import uuid4

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.kernel.money import Money
from domain.ledger.events import EntryPosted
from domain.ledger.postings import Entry, Posting
from infrastructure.event_log.moments import position_at, recorded_at
from infrastructure.event_log.reader import LogGap
from infrastructure.postgres.connections import connect
from infrastructure.postgres.reads import Reads
from projections.ledger.balances import account_balances, trial_balance
from projections.ledger.known import Known
from projections.ledger.register import Span, register
from projections.query import Connection
from tests.projections.stepping import catch_up
from tests.projections.written_logs import DAY, START, Log

pytestmark = pytest.mark.row("WLT-13")

ACCOUNTS = ("bank", "sales", "expense", "suspense")
DAYS = range(-4, 3)
"""Around the day on which all of it is recorded: the past and the day itself, and, though the rules
let none in, days to come."""


class Line(NamedTuple):
    """One posting, and where it stands."""

    position: int
    day: date
    account: str
    currency: str
    minor: int


@st.composite
def entries(draw: st.DrawFn) -> tuple[date, tuple[Posting, ...]]:
    day = DAY + timedelta(days=draw(st.sampled_from(DAYS)))
    currency = draw(st.sampled_from(["TRY", "EUR"]))
    one, other = draw(st.permutations(ACCOUNTS))[:2]
    minor = draw(st.integers(1, 1_000))
    lines = (Posting(one, Money(minor, currency)), Posting(other, Money(-minor, currency)))
    return day, lines


def sums(lines: list[Line], known: int, as_of: date) -> dict[tuple[str, str], tuple[int, int]]:
    """Count what the log held up to a position, and what counts by a day; nothing clever."""
    found: dict[tuple[str, str], tuple[int, int]] = defaultdict(lambda: (0, 0))
    for line in lines:
        if line.position <= known and line.day <= as_of:
            debit, credit = found[line.account, line.currency]
            more = (line.minor, 0) if line.minor > 0 else (0, -line.minor)
            found[line.account, line.currency] = (debit + more[0], credit + more[1])
    return dict(found)


async def agrees(connection: Connection, log: Log, lines: list[Line]) -> None:
    """Hold every balance of every day and every knowledge against the plain count."""
    end = len(log.events)
    for position in range(end + 1):
        at = await recorded_at(connection, log.tenant_id, position)
        known = Known(position, at, end)
        for as_of in [*(DAY + timedelta(days=day) for day in DAYS), date.max]:
            right = sums(lines, position, as_of)
            trial = await trial_balance(connection, log.tenant_id, as_of=as_of, known=known)
            assert {(one.code, one.currency): (one.debit, one.credit) for one in trial} == right
        for account in ACCOUNTS:
            found = await account_balances(
                connection, log.tenant_id, account, as_of=DAY, known=known
            )
            right = {
                key: two for key, two in sums(lines, position, DAY).items() if key[0] == account
            }
            assert {(account, one.currency): (one.debit, one.credit) for one in found} == right
            page = await register(
                connection,
                log.tenant_id,
                account=account,
                currency="TRY",
                span=Span(DAY, DAY, known),
                limit=500,
            )
            debit, credit = right.get((account, "TRY"), (0, 0))
            assert page.closing == debit - credit
            assert page.opening + sum(line["minor"] for line in page.lines) == page.closing


@given(st.lists(entries(), min_size=1, max_size=6))
@settings(max_examples=15)
def test_what_was_known_is_the_count_of_what_the_log_held(
    module_database_url: str, drawn: list[tuple[date, tuple[Posting, ...]]]
) -> None:
    log, lines = Log(), list[Line]()
    for n, (day, postings) in enumerate(drawn, 1):
        log.record((EntryPosted(f"jrn_{n}", Entry("by_hand", 1, day, postings), None),))
        lines += [
            Line(n, day, part.account, part.amount.currency, part.amount.minor) for part in postings
        ]
    log.store(module_database_url)

    async def look() -> None:
        async with await connect(module_database_url) as connection:
            assert await catch_up(connection, log.tenant_id) == ()
            async with connection.transaction():
                await connection.execute(
                    "SELECT set_config('app.tenants', %s, true)", (f"{{{log.tenant_id}}}",)
                )
                await agrees(connection, log, lines)

    asyncio.run(look())


async def test_a_moment_is_found_between_any_two_positions(database_url: str) -> None:
    log = Log()
    posted = (Posting("bank", Money(1, "TRY")), Posting("sales", Money(-1, "TRY")))
    for n in range(11):
        log.record((EntryPosted(f"jrn_{n}", Entry("by_hand", 1, DAY, posted), None),))
    log.store(database_url)
    reads = Reads(database_url)
    await reads.open()
    async with reads.tenant(log.tenant_id, projections=()) as look:
        for end in range(12):
            for tenths in range(0, 130, 5):
                moment = START + timedelta(seconds=tenths / 10)
                found = await position_at(look.connection, log.tenant_id, moment, end=end)
                assert found == min(end, tenths // 10)
        assert await position_at(look.connection, uuid4(), START, end=0) == 0
        with pytest.raises(LogGap):
            await position_at(look.connection, log.tenant_id, START, end=40)
    await reads.close()


MANY_EVENTS = 60_000
LATE_FACTS = 7
MANY = """
INSERT INTO read_models.ledger_lines_v2
SELECT %(tenant)s, v.account, 'TRY', date '2025-01-01' + (n / 500)::int, n, v.line, v.account,
    v.minor, 'wallet-w.' || n, 't', 'r', now(), NULL
FROM generate_series(1, %(many)s) n,
    (VALUES ('bank', 1, 3), ('sales', 2, -3)) v(account, line, minor)
UNION ALL
SELECT %(tenant)s, v.account, 'TRY', '2025-02-01', %(many)s + n, v.line, v.account, v.minor,
    'wallet-w.' || %(many)s + n, 't', 'r', now(), NULL
FROM generate_series(1, %(late)s) n,
    (VALUES ('bank', 1, 3), ('sales', 2, -3)) v(account, line, minor)
"""
TOTALS = """
INSERT INTO read_models.{table}
SELECT tenant_id, account, currency, effective_on, coalesce(sum(minor) FILTER (WHERE minor > 0), 0),
    coalesce(-sum(minor) FILTER (WHERE minor < 0), 0)
FROM read_models.ledger_lines_v2 GROUP BY 1, 2, 3, 4
"""
FETCHED = """
SELECT coalesce(idx_tup_fetch, 0) + seq_tup_read FROM pg_stat_xact_user_tables
WHERE relname = 'ledger_lines_v2'
"""
ONE_DAY = 500
BALANCE_SECONDS_MAX = 0.5


async def test_no_balance_that_was_known_reads_all_lines_of_its_account(database_url: str) -> None:
    log = Log()
    with psycopg.connect(database_url, autocommit=True) as owner:
        many = {"tenant": log.tenant_id, "many": MANY_EVENTS, "late": LATE_FACTS}
        owner.execute(MANY, many)
        for table in ("ledger_account_days_v2", "ledger_code_days_v2"):
            owner.execute(TOTALS.format(table=table).encode())
        owner.execute("ANALYZE read_models.ledger_lines_v2, read_models.ledger_account_days_v2")
    reads = Reads(database_url)
    await reads.open()
    end = MANY_EVENTS + LATE_FACTS
    for position in (25_000, 50_000, MANY_EVENTS, end):
        at = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(days=position // 500)
        known = Known(position, at, end)
        for as_of in (date(2025, 2, 1), at.date(), date.max):
            async with reads.tenant(log.tenant_id, projections=()) as look:
                began = time.monotonic()
                [found] = await account_balances(
                    look.connection, log.tenant_id, "bank", as_of=as_of, known=known
                )
                assert time.monotonic() - began < BALANCE_SECONDS_MAX
                row = await (await look.connection.execute(FETCHED)).fetchone()
                assert row is not None
                assert row[0] <= ONE_DAY + LATE_FACTS + 1
                days = min(as_of.toordinal(), at.date().toordinal()) - date(2025, 1, 1).toordinal()
                lines = min(position, days * 500 + 499, MANY_EVENTS)
                late = LATE_FACTS if position == end else 0
                assert found.debit == 3 * (lines + late)
    async with reads.tenant(log.tenant_id, projections=()) as look:
        known = Known(MANY_EVENTS, datetime(2025, 5, 1, tzinfo=UTC), end)
        bank, _ = await trial_balance(look.connection, log.tenant_id, known=known)
        assert bank.debit == 3 * MANY_EVENTS
        row = await (await look.connection.execute(FETCHED)).fetchone()
        assert row is not None
        assert row[0] <= ONE_DAY
    await reads.close()
