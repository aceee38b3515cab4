"""Register, statement, journal and trial balance."""

import time
from datetime import date, timedelta
from uuid import uuid4

import psycopg
import pytest

from infrastructure.postgres.connections import connect
from infrastructure.postgres.reads import Reads
from projections.ledger.balances import account_balances, accounts, imbalances, trial_balance
from projections.ledger.entries import entry, journal
from projections.ledger.known import Known
from projections.ledger.register import Place, RegisterPage, Span, register
from projections.query import Connection
from tests.kit.lively.whole import lively
from tests.projections.stepping import catch_up
from tests.projections.written_logs import DAY, START, Log

CASH = "wallet.cash:wal_aaaa"
BALANCED = ("ledger_journal", "ledger_chart")


async def pages(connection: Connection, log: Log, span: Span, size: int) -> list[RegisterPage]:
    found: list[RegisterPage] = []
    after: Place | None = None
    while True:
        page = await register(
            connection,
            log.tenant_id,
            account=CASH,
            currency="TRY",
            span=span,
            after=after,
            limit=size,
        )
        found.append(page)
        after = page.next
        if after is None:
            return found


async def prepared(database_url: str) -> tuple[Log, Reads]:
    log = lively()
    log.store(database_url)
    async with await connect(database_url) as connection:
        await catch_up(connection, log.tenant_id)
    reads = Reads(database_url)
    await reads.open()
    return log, reads


@pytest.mark.parametrize("size", [1, 3, 7, 1_000])
@pytest.mark.parametrize("known", [None, Known(30, START, 500)])
async def test_running_balances_are_the_same_however_the_pages_are_cut(
    database_url: str, size: int, known: Known | None
) -> None:
    log, reads = await prepared(database_url)
    span = Span(DAY + timedelta(days=1), DAY + timedelta(days=2), known)
    async with reads.tenant(log.tenant_id, projections=BALANCED) as look:
        assert look.position == len(log.events)
        found = await pages(look.connection, log, span, size)
    lines = [line for page in found for line in page.lines]
    running = found[0].opening
    for line in lines:
        running += line["minor"]
        assert line["running"] == running
    assert {(page.opening, page.closing) for page in found} == {(found[0].opening, running)}
    assert [line["effective_on"] for line in lines] == sorted(
        line["effective_on"] for line in lines
    )
    assert len(lines) >= 5
    await reads.close()


async def test_a_register_of_everything_closes_at_what_the_wallet_has(database_url: str) -> None:
    log, reads = await prepared(database_url)
    async with reads.tenant(log.tenant_id, projections=BALANCED) as look:
        (page,) = await pages(look.connection, log, Span(), 1_000)
        (balance,) = await account_balances(look.connection, log.tenant_id, CASH)
    assert (page.opening, -page.closing) == (0, log.wallet("wal_aaaa").available.minor)
    assert balance.balance == page.closing
    await reads.close()


async def test_the_trial_balance_sums_to_zero_at_every_day_and_every_knowledge(
    database_url: str,
) -> None:
    log, reads = await prepared(database_url)
    async with reads.tenant(log.tenant_id, projections=BALANCED) as look:
        seen: set[tuple[int, ...]] = set()
        for days in range(3):
            for position in (6, 10, 20, 1_000):
                balances = await trial_balance(
                    look.connection,
                    log.tenant_id,
                    as_of=DAY + timedelta(days=days),
                    known=Known(position, START, len(log.events)),
                )
                assert not any(imbalances(balances).values())
                seen.add(tuple(balance.balance for balance in balances))
        assert len(seen) == 6
        everything = await trial_balance(look.connection, log.tenant_id)
        late = await trial_balance(look.connection, log.tenant_id, known=Known(9_999, START, 9_999))
        assert everything == late
        chart = await accounts(look.connection, log.tenant_id)
    by_code = {account.code: balances for account, balances in chart}
    assert by_code["sales.books"][0].balance == -2_500
    assert by_code["vat_payable"] == []
    await reads.close()


async def test_an_entry_is_found_by_its_id_and_in_the_journal(database_url: str) -> None:
    log, reads = await prepared(database_url)
    async with reads.tenant(log.tenant_id, projections=BALANCED) as look:
        lines = await entry(look.connection, log.tenant_id, "wallet-wal_aaaa.2")
        assert [(line["account"], line["minor"]) for line in lines] == [
            ("bank", 100_000),
            (CASH, -100_000),
        ]
        assert await entry(look.connection, log.tenant_id, "wallet-wal_aaaa.1") == []
        first = await journal(look.connection, log.tenant_id, limit=2)
        second = await journal(
            look.connection, log.tenant_id, after=first[-1][0]["position"], limit=500
        )
    assert first[0] == lines
    assert len(first) + len(second) == sum(hasattr(event, "entry") for *_, event in log.events)
    await reads.close()


LINE = (
    "INSERT INTO read_models.ledger_lines_v2 SELECT %s, v.account, 'TRY', '2026-03-01', v.position,"
    " v.line, 'bank', v.minor, 'e.' || v.position, 'x', 'y', now(), NULL"
    " FROM (VALUES ('a', 1, 1, 100), ('b', 1, 2, {second}), ('a', 2, 1, 5), ('b', 2, 2, -5))"
    " AS v(account, position, line, minor)"
)


async def test_the_database_refuses_lines_that_do_not_balance(database_url: str) -> None:
    tenant_id = uuid4()
    with psycopg.connect(database_url, autocommit=True) as owner:
        with pytest.raises(psycopg.errors.CheckViolation, match="do not sum to zero"):
            owner.execute(LINE.format(second=-99).encode(), (tenant_id,))
        owner.execute(LINE.format(second=-100).encode(), (tenant_id,))
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            owner.execute("UPDATE read_models.ledger_lines_v2 SET minor = 7")


MANY_LINES = 100_000
MANY = """
INSERT INTO read_models.ledger_lines_v2
SELECT %(tenant)s, v.account, 'TRY', date '2025-01-01' + (n / 500)::int, n, v.line, 'x', v.minor,
    'wallet-w.' || n, 't', 'r', now(), NULL
FROM generate_series(1, %(many)s) n,
    (VALUES ('wallet.cash:wal_aaaa', 1, 3), ('bank', 2, -3)) AS v(account, line, minor);
"""
MANY_DAYS = """
INSERT INTO read_models.ledger_account_days_v2
SELECT tenant_id, account, currency, effective_on, sum(minor), 0
FROM read_models.ledger_lines_v2 WHERE account = 'wallet.cash:wal_aaaa' GROUP BY 1, 2, 3, 4
"""
PAGE_SECONDS_MAX = 0.5


async def test_a_statement_of_100_000_lines_is_paged_without_a_scan(database_url: str) -> None:
    log = Log()
    with psycopg.connect(database_url, autocommit=True) as owner:
        owner.execute(MANY, {"tenant": log.tenant_id, "many": MANY_LINES})
        owner.execute(MANY_DAYS)
        owner.execute("ANALYZE read_models.ledger_lines_v2")
    reads = Reads(database_url)
    await reads.open()
    async with reads.tenant(log.tenant_id, projections=BALANCED) as look:
        began = time.monotonic()
        page = await register(
            look.connection,
            log.tenant_id,
            account=CASH,
            currency="TRY",
            span=Span(),
            after=Place(date(2025, 6, 1), 75_600, 1),
            limit=100,
        )
        assert time.monotonic() - began < PAGE_SECONDS_MAX
    assert (page.opening, page.closing) == (0, 3 * MANY_LINES)
    assert [line["running"] for line in page.lines] == [3 * (75_600 + n) for n in range(1, 101)]
    await reads.close()
