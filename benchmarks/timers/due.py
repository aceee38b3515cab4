"""Holds that all expire in the same second: of one tenant, and one of each of many tenants."""

import asyncio
import base64
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import psycopg

from application.envelope import Actor, Envelope
from application.ledger.accounts import OpenBooks
from application.sending import Outcome
from application.wallet.holds import PlaceHold
from application.wallet.topups import TopUp
from application.wallet.wallets import ChooseScheme, OpenWallet
from benchmarks.defter import BULK, CURRENCY, Defter
from benchmarks.figures import Figure, Setting
from domain.kernel.money import Money
from domain.wallet.scheme import SchemeMode
from infrastructure.event_log.keyring import MasterKeys
from infrastructure.event_log.writing.writer import Writer

TIMERS = 10_000
AHEAD_SECONDS = 40
TENANT_SECONDS = 0.03
"""Added for each tenant: so long it takes until its timer is set and its read models are there."""

PIECE = 200
LATE_SECONDS_MAX = 120
POLL_SECONDS = 0.1
BAR = "within 10 s"
BENCH = Actor("benchmark")

SET = "SELECT count(*) FROM defter.timers"
FIRED = """
SELECT count(*), max(recorded_at) FROM defter.events WHERE type = 'wallet.hold_expired'
"""


def timers(setting: Setting) -> Sequence[Figure]:
    """First one tenant with many timers, then, in the same database, many tenants with one."""
    defter = setting.defter
    count = setting.sized(TIMERS)
    defter.prepare()
    defter.start(1)
    try:
        due = _hold_in_one_tenant(defter, count)
        one = _fired(defter, due, count)
    finally:
        defter.stop()
    due = asyncio.run(_hold_in_many_tenants(defter, count))
    defter.start(1)
    try:
        many = _fired(defter, due, count, before=count)
    finally:
        defter.stop()
    defter.check()
    return (
        Figure(f"{count:,} timers of one tenant due in the same second", one, BAR),
        Figure(f"one timer of each of {count:,} tenants due in the same second", many, BAR),
    )


def _hold_in_one_tenant(defter: Defter, count: int) -> datetime:
    ids = defter.wallet_ids()
    due = datetime.now(UTC) + timedelta(seconds=AHEAD_SECONDS)
    hold = {"amount": {"minor": 1, "currency": CURRENCY}, "expires_at": due.isoformat()}
    for start in range(0, count, BULK):
        most = range(start, min(start + BULK, count))
        some = [{**hold, "wallet_id": ids[n % len(ids)]} for n in most]
        defter.bulk("/api/wallet/holds/batch", some)
    return due


async def _hold_in_many_tenants(defter: Defter, count: int) -> datetime:
    """Write while nothing else runs: what follows the logs has until then to catch up."""
    tenants = [uuid4() for _ in range(count)]
    with psycopg.connect(defter.database_url) as connection, connection.cursor() as cursor:
        cursor.executemany("INSERT INTO defter.log_head VALUES (%s)", [(one,) for one in tenants])
    for command in (
        OpenBooks(CURRENCY, "Europe/Istanbul"),
        ChooseScheme(SchemeMode.LICENSED),
        OpenWallet("cus_0001", CURRENCY, "wal_0001"),
        TopUp("wal_0001", Money(1_000, CURRENCY)),
    ):
        await _send(defter, tenants, command)
    due = datetime.now(UTC) + timedelta(seconds=AHEAD_SECONDS + count * TENANT_SECONDS)
    await _send(defter, tenants, PlaceHold("wal_0001", Money(1, CURRENCY), expires_at=due))
    return due


async def _send(defter: Defter, tenants: Sequence[UUID], command: object) -> None:
    """Send the same command to every tenant."""
    key = base64.b64decode(defter.environment["DEFTER_MASTER_KEYS"])
    writer = Writer(defter.database_url, MasterKeys(key))
    await writer.start()
    try:
        for start in range(0, len(tenants), PIECE):
            asked = [
                Envelope(one, uuid4(), bytes(32), command, BENCH, "benchmark")
                for one in tenants[start : start + PIECE]
            ]
            for outcome in await writer.send_many(asked):
                if not isinstance(outcome, Outcome) or outcome.refused:
                    raise RuntimeError(f"a command was not accepted: {outcome}")
    finally:
        await writer.stop()


def _fired(defter: Defter, due: datetime, count: int, *, before: int = 0) -> str:
    late = due + timedelta(seconds=LATE_SECONDS_MAX)
    with psycopg.connect(defter.database_url, autocommit=True) as connection:
        time.sleep(max(0.0, (due - datetime.now(UTC)).total_seconds() - 1))
        row = connection.execute(SET).fetchone()
        if row is None or row[0] < count:
            raise RuntimeError(f"too few timers were set when they were due: {row}")
        time.sleep(max(0.0, (due - datetime.now(UTC)).total_seconds()))
        fired, last = before, due
        while fired < before + count and datetime.now(UTC) < late:
            time.sleep(POLL_SECONDS)
            row = connection.execute(FIRED).fetchone()
            fired, last = row if row and row[0] else (0, due)
        time.sleep(1)
        row = connection.execute(FIRED).fetchone()
    total = row[0] - before if row is not None else 0
    once = "each once" if total == count else f"{total:,} fired"
    return f"{(last - due).total_seconds():.1f} s after, {once}"
