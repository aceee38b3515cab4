"""AUD-01: a replay disturbs nobody, and nobody disturbs it."""

import asyncio
import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import sql

from application.tenants.tenants import PLATFORM
from infrastructure.postgres.connections import connect
from infrastructure.projections.advance import advance
from infrastructure.projections.standing import skip
from infrastructure.replay.entries import ENTRIES
from infrastructure.replay.replay import SHORT_LOG_EVENTS, Asked, replay
from infrastructure.replay.scratch import REPLAY_LOCK, SCRATCH, NotOwner, ReplayRunning, scratch
from projections.read_models import READ_MODELS
from projections.wallet.balances import WALLET_BALANCES
from tests.audit.replay.replayed import OTHER, left_behind, lively_database, replayed, tamper
from tests.projections.stepping import catch_up, until
from tests.projections.test_filling import RECEIVED
from tests.projections.test_parking import LOST
from tests.projections.written_logs import Log, store_raw

pytestmark = pytest.mark.row("AUD-01")

ROOT = Path(__file__).parents[3]
PIECE = 40
RUNS = 2


def receive(database_url: str, log: Log, after: int, count: int) -> int:
    """Let a wallet receive so much more, after so many times; gives how often it did."""
    given = {
        "tenant": log.tenant_id,
        "end": len(log.events) + after,
        "version": log.wallet("wal_bbbb").version + after,
        "many": count,
    }
    with psycopg.connect(database_url) as owner:
        owner.execute(RECEIVED, given)
    return after + count


async def test_a_writer_and_a_projector_at_work_raise_no_false_alarm(database_url: str) -> None:
    log = await lively_database(database_url)
    received = receive(database_url, log, 0, SHORT_LOG_EVENTS)
    stop = asyncio.Event()

    async def live() -> None:
        nonlocal received
        async with await connect(database_url) as connection:
            while not stop.is_set():
                received = await asyncio.to_thread(receive, database_url, log, received, PIECE)
                step = await advance(connection, PLATFORM, READ_MODELS)
                assert step.parked == ()

    async with await connect(database_url) as connection:
        await catch_up(connection, PLATFORM)
    living = asyncio.create_task(live())
    try:
        for _ in range(RUNS):
            before = received
            found = await replayed(database_url)
            assert all(outcome.equal for outcome in found.values())
            positions = [found[PLATFORM, model.key].position for model in READ_MODELS]
            assert len(set(positions)) > 1, "nothing moved between two comparisons"
            assert max(positions) > len(log.events) + before
    finally:
        stop.set()
        await living


async def test_what_was_altered_is_found_while_all_goes_on(database_url: str) -> None:
    log = await lively_database(database_url)
    receive(database_url, log, 0, SHORT_LOG_EVENTS)
    async with await connect(database_url) as connection:
        await catch_up(connection, PLATFORM)
        tamper(
            database_url,
            "UPDATE read_models.wallet_standings_v2 SET status = 'closed' WHERE tenant_id = %s"
            " AND wallet_id = 'wal_bbbb'",
            PLATFORM,
        )
        receive(database_url, log, SHORT_LOG_EVENTS, PIECE)
        # One that lags is compared where it stands, before the others.
        await advance(connection, PLATFORM, READ_MODELS[1:])
        found = await replayed(database_url)
    outcome = found[PLATFORM, WALLET_BALANCES.key]
    assert [(one.key, one.column) for one in outcome.differences] == [("wal_bbbb", "status")]
    assert outcome.position == len(log.events) + SHORT_LOG_EVENTS
    others = [one for (_, name), one in found.items() if name != WALLET_BALANCES.key]
    assert all(one.equal for one in others)
    assert found[PLATFORM, ENTRIES].position == outcome.position + PIECE


async def test_what_stands_still_is_told_and_not_compared(database_url: str) -> None:
    log = await lively_database(database_url)
    poison = len(log.events) + 1
    store_raw(database_url, PLATFORM, poison, "wallet.transfer_received", LOST)
    async with await connect(database_url) as connection:
        assert await catch_up(connection, PLATFORM) == (WALLET_BALANCES.key,)
    tamper(
        database_url,
        "UPDATE read_models.wallet_balances_v2 SET held = held + 1 WHERE tenant_id = %s",
        PLATFORM,
    )
    found = await replayed(database_url)
    outcome = found.pop((PLATFORM, WALLET_BALANCES.key))
    assert outcome.left_out == f"it stands still at {poison - 1}: RowsMissing"
    assert not outcome.equal
    assert outcome.damage is None
    assert all(one.equal for one in found.values())


async def test_what_has_skipped_an_event_is_compared_once_that_can_be_folded(
    database_url: str,
) -> None:
    log = await lively_database(database_url)
    poison = len(log.events) + 1
    store_raw(database_url, PLATFORM, poison, "wallet.transfer_received", LOST)
    async with await connect(database_url) as connection:
        await catch_up(connection, PLATFORM)
        await skip(connection, PLATFORM, WALLET_BALANCES.key)
        await catch_up(connection, PLATFORM)
    found = (await replayed(database_url))[PLATFORM, WALLET_BALANCES.key]
    told = f"it skipped {poison}: RowsMissing, and it can not be folded: RowsMissing"
    assert (found.left_out, found.damage) == (told, None)
    tamper(
        database_url,
        "UPDATE defter.events SET data = %s WHERE tenant_id = %s AND position = %s",
        LOST.replace(b"wal_nobody", b"wal_bbbb"),
        PLATFORM,
        poison,
    )
    found = (await replayed(database_url))[PLATFORM, WALLET_BALANCES.key]
    assert {(one.key, one.column) for one in found.differences} == {
        ("wal_bbbb", "available"),
        ("wal_bbbb", "version"),
        ("wal_bbbb", "updated_position"),
    }


async def test_a_tenant_that_was_never_projected_has_no_rows_to_compare(database_url: str) -> None:
    log = Log()
    log.record(())
    tenant = uuid4()
    asked = Asked([tenant], READ_MODELS, entries=True, rows_listed_max=1)
    found = await replay(database_url, asked)
    assert all(one.equal for one in found)
    assert {(one.position, one.rows) for one in found} == {(0, 0)}


async def test_an_altered_read_model_is_filled_anew_as_the_operators_are_told(
    database_url: str,
) -> None:
    await lively_database(database_url)
    tamper(database_url, "DELETE FROM read_models.wallet_balances_v2")
    with psycopg.connect(database_url) as owner:
        owner.execute(
            "UPDATE defter.checkpoints SET position = 0 WHERE projection = 'wallet_balances_v2'"
        )
        owner.execute(
            "TRUNCATE read_models.wallet_balances_v2, read_models.wallet_bonus_lots_v2,"
            " read_models.wallet_standings_v2"
        )
    async with await connect(database_url) as connection:
        for tenant in (PLATFORM, OTHER):
            await catch_up(connection, tenant)
    assert all(outcome.equal for outcome in (await replayed(database_url)).values())


async def test_progress_is_told_up_to_the_end_of_each_log(database_url: str) -> None:
    log = await lively_database(database_url)
    told: dict[UUID, tuple[int, int]] = {}
    asked = Asked([PLATFORM], READ_MODELS, entries=True, rows_listed_max=1)
    await replay(
        database_url,
        asked,
        lambda step: told.update({step.tenant_id: (step.position, step.target)}),
    )
    assert told == {PLATFORM: (len(log.events), len(log.events))}


async def test_only_one_replay_runs_at_a_time(database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as other:
        other.execute("SELECT pg_advisory_lock(%s)", (REPLAY_LOCK,))
        with pytest.raises(ReplayRunning):
            await replayed(database_url)
    await replayed(database_url)


@contextmanager
def login(database_url: str) -> Generator[str]:
    """Give the address for one who may do what the service may, and no more."""
    name = f"guest_{uuid4().hex}"
    with psycopg.connect(database_url, autocommit=True) as owner:
        role = sql.Identifier(name)
        create = sql.SQL("CREATE ROLE {} LOGIN PASSWORD 'guest' IN ROLE defter_app")
        owner.execute(create.format(role))
        try:
            parts = urlsplit(database_url)
            host = parts.netloc.rpartition("@")[2]
            yield urlunsplit(parts._replace(netloc=f"{name}:guest@{host}"))
        finally:
            owner.execute(sql.SQL("DROP ROLE {}").format(role))


async def test_who_may_not_create_a_schema_is_told_so(database_url: str) -> None:
    with login(database_url) as guest, pytest.raises(NotOwner):
        await replayed(guest)


def test_the_service_sees_no_tenant_in_the_scratch_tables(database_url: str) -> None:
    with scratch(database_url, READ_MODELS), psycopg.connect(database_url) as service:
        for table in (table for model in READ_MODELS for table in model.tables):
            row = service.execute(
                "SELECT relrowsecurity AND relforcerowsecurity AND relpersistence = 'u'"
                " FROM pg_class WHERE oid = %s::regclass",
                (f"{SCRATCH}.{table.name}",),
            ).fetchone()
            assert row == (True,), table.name


async def test_a_failed_run_leaves_nothing_behind(database_url: str) -> None:
    await lively_database(database_url)
    with psycopg.connect(database_url) as owner:
        owner.execute("ALTER TABLE read_models.wallet_balances_v2 RENAME TO hidden")
    with pytest.raises(psycopg.errors.UndefinedTable):
        await replayed(database_url)
    assert left_behind(database_url) == []


async def test_a_killed_run_does_not_disturb_the_next(database_url: str) -> None:
    await lively_database(database_url)
    with psycopg.connect(database_url) as owner:
        # It waits here for its rows, with all of its tables made.
        owner.execute("LOCK TABLE read_models.audit_days_v1")
        command = [sys.executable, "-P", "-m", "interfaces.cli", "audit", "replay"]
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "DATABASE_URL": database_url}
        process = await asyncio.create_subprocess_exec(*command, env=environment)
        await until(lambda: left_behind(database_url) == [SCRATCH])
        process.kill()
        assert await process.wait() < 0
    assert left_behind(database_url) == [SCRATCH]
    async with await connect(database_url) as connection:
        assert await catch_up(connection, PLATFORM) == ()
    await until(lambda: not running(database_url))
    found = await replayed(database_url)
    assert all(outcome.equal for outcome in found.values())
    assert left_behind(database_url) == []


def running(database_url: str) -> bool:
    """Tell whether a replay holds the lock; that of a killed one is let go by the server."""
    with psycopg.connect(database_url) as owner:
        query = (
            "SELECT count(*) FROM pg_locks JOIN pg_database d ON d.oid = database"
            " WHERE locktype = 'advisory' AND objid = %s AND datname = current_database()"
        )
        return owner.execute(query, (REPLAY_LOCK,)).fetchone() != (0,)
