"""The figures beside the comparison: bulk, rebuild, lag, long streams, a long log, memory."""

import json
import secrets
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from queue import Queue
from threading import Thread

import httpx
import psycopg
from psycopg import sql

from benchmarks.defter import BULK, CURRENCY, Defter
from benchmarks.history import lengthen_log, lengthen_stream
from projections.read_models import READ_MODELS

BULK_SECONDS = 10.0
LAG_SECONDS = 15.0
LAG_COMMANDS_PER_SECOND = 1_000
LAG_PIECE = 20
SINGLES = 400
MEMORY_WALLETS = 100_000
MEMORY_TRANSFERS = 1_000_000
LONG = 1_000_000
SHORT = 10_000
MIB = 2**20


@dataclass(frozen=True)
class Figure:
    name: str
    value: str
    bar: str


@dataclass(frozen=True)
class Setting:
    """Defter on a fresh database; `quick` shrinks everything to a taste."""

    defter: Defter
    quick: bool

    def sized(self, full: int) -> int:
        return full // 50 if self.quick else full


def bulk(setting: Setting) -> Sequence[Figure]:
    """Independent transfers in batches of 1,000, one request at a time."""
    defter = setting.defter
    defter.prepare()
    defter.start(1)
    try:
        ids = defter.wallet_ids()
        rates: list[float] = []
        for _ in range(5):
            sent, began = 0, time.monotonic()
            bodies = [_body(defter.random_transfers(ids, BULK)) for _ in range(40)]
            began = time.monotonic()
            while time.monotonic() - began < BULK_SECONDS / 5 and sent < len(bodies):
                _post(defter, "/api/wallet/transfers/batch", bodies[sent])
                sent += 1
            rates.append(sent * BULK / (time.monotonic() - began))
        caught_up = defter.wait_for_read_models()
    finally:
        defter.stop()
    defter.check()
    return (
        Figure("bulk transfers", f"{statistics.median(rates):,.0f}/s", "at least 12,000/s"),
        Figure("read models caught up after bulk", f"{caught_up:.1f} s", "no bar"),
    )


def rebuild(setting: Setting) -> Sequence[Figure]:
    """Fill every read model anew from a log of transfers."""
    defter = setting.defter
    defter.prepare()
    events = lengthen_log(defter, setting.sized(LONG) // 2)
    count, seconds = fill_anew(defter)
    defter.check()
    rate = f"{count / seconds:,.0f} events/s ({count:,} events, {events:,} of transfers)"
    return (Figure("rebuild of all read models", rate, "at least 15,000/s"),)


def fill_anew(defter: Defter) -> tuple[int, float]:
    """Empty all read models and let the projector fill them; gives events and seconds."""
    with psycopg.connect(defter.database_url, autocommit=True) as connection:
        connection.execute("VACUUM (ANALYZE) defter.events")
        connection.execute("DELETE FROM defter.checkpoints")
        for (table,) in connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'read_models'"
        ).fetchall():
            connection.execute(sql.SQL("TRUNCATE {}").format(sql.Identifier("read_models", table)))
        row = connection.execute("SELECT count(*) FROM defter.events").fetchone()
    assert row is not None  # noqa: S101 - count always answers
    began = time.monotonic()
    defter.start_role("projector")
    try:
        defter.wait_for_read_models(checkpoints=2 * len(READ_MODELS))
        seconds = time.monotonic() - began
    finally:
        defter.stop_roles()
    return row[0], seconds


def lag(setting: Setting) -> Sequence[Figure]:
    """How old an event is when the read models show it, at 1,000 commands a second."""
    defter = setting.defter
    defter.prepare()
    defter.start(1)
    written: Queue[tuple[int, float] | None] = Queue()
    waits: list[float] = []
    watcher = Thread(target=_watch, args=(defter.database_url, written, waits))
    watcher.start()
    try:
        ids = defter.wallet_ids()
        seconds = LAG_SECONDS / (5 if setting.quick else 1)
        pieces = int(seconds * LAG_COMMANDS_PER_SECOND / LAG_PIECE)
        bodies = [_body(defter.random_transfers(ids, LAG_PIECE)) for _ in range(pieces)]
        client, began, sent = httpx.Client(base_url=defter.url, timeout=30), time.monotonic(), 0
        for n, body in enumerate(bodies):
            due = began + n * LAG_PIECE / LAG_COMMANDS_PER_SECOND
            time.sleep(max(0.0, due - time.monotonic()))
            answer = _post(defter, "/api/wallet/transfers/batch", body, client)
            written.put((int(answer.headers["defter-position"]), time.monotonic()))
            sent += LAG_PIECE
        rate = sent / (time.monotonic() - began)
    finally:
        written.put(None)
        watcher.join()
        defter.stop()
    p50, p99 = (statistics.quantiles(waits, n=100)[n] * 1000 for n in (49, 98))
    value = f"p50 {p50:.0f} ms, p99 {p99:.0f} ms at {rate:,.0f} commands/s"
    return (Figure("live lag", value, "p99 at most 100 ms"),)


def streams(setting: Setting) -> Sequence[Figure]:
    """A command on a stream, and in a log, of many events beside one of few."""
    defter = setting.defter
    defter.wallet_count = SHORT // 10
    defter.prepare()
    ids = defter.wallet_ids()
    long_one, fresh_one = ids[0], ids[1]
    defter.start(1)
    try:
        short_log = _single_transfers(defter, ids[2:])
    finally:
        defter.stop()
    lengthen_stream(defter, long_one, setting.sized(LONG))
    defter.start(1)
    try:
        _hold(defter, fresh_one)
        began = time.monotonic()
        _hold(defter, long_one)
        cold = (time.monotonic() - began) * 1000
        long_stream: list[float] = []
        fresh_stream: list[float] = []
        for _ in range(SINGLES):
            long_stream.append(_hold(defter, long_one))
            fresh_stream.append(_hold(defter, fresh_one))
        long_log = _single_transfers(defter, ids[2:])
    finally:
        defter.stop_roles()
    stream_ratio = statistics.median(long_stream) / statistics.median(fresh_stream)
    return (
        Figure(
            f"command on a stream of {setting.sized(LONG):,} events / on a fresh one",
            f"{stream_ratio:.2f}",
            "at most 1.25",
        ),
        Figure("cold load of that stream with its command", f"{cold:.0f} ms", "at most 50 ms"),
        Figure(
            f"command at {setting.sized(LONG):,} events in the log / at {SHORT:,}",
            f"{long_log / short_log:.2f}",
            "at most 1.25",
        ),
    )


def memory(setting: Setting) -> Sequence[Figure]:
    """The API process after a million transfers over a hundred thousand wallets."""
    defter = setting.defter
    defter.wallet_count = setting.sized(MEMORY_WALLETS)
    defter.prepare()
    defter.start(1)
    try:
        ids = defter.wallet_ids()
        for _ in range(setting.sized(MEMORY_TRANSFERS) // BULK):
            _post(defter, "/api/wallet/transfers/batch", _body(defter.random_transfers(ids, BULK)))
        resident = defter.resident_bytes()
        caught_up = defter.wait_for_read_models()
    finally:
        defter.stop()
    defter.check()
    name = f"API process after {setting.sized(MEMORY_TRANSFERS):,} transfers"
    return (
        Figure(name, f"{resident / MIB:.0f} MiB resident", "at most 300 MB"),
        Figure("read models caught up after them", f"{caught_up:.1f} s", "no bar"),
    )


FIGURES: Mapping[str, Callable[[Setting], Sequence[Figure]]] = {
    "bulk": bulk,
    "rebuild": rebuild,
    "lag": lag,
    "streams": streams,
    "memory": memory,
}


def _body(commands: Sequence[Mapping[str, object]]) -> bytes:
    return json.dumps({"mode": "independent", "commands": commands}).encode()


def _post(
    defter: Defter, path: str, body: bytes, client: httpx.Client | None = None
) -> httpx.Response:
    answer = (client or defter.client).post(
        path,
        content=body,
        headers={
            **defter.headers,
            "content-type": "application/json",
            "idempotency-key": secrets.token_hex(16),
        },
    )
    answer.raise_for_status()
    return answer


def _hold(defter: Defter, wallet: str) -> float:
    began = time.monotonic()
    body = {"amount": {"minor": 1, "currency": CURRENCY}}
    _post(defter, f"/api/wallet/{wallet}/holds", json.dumps(body).encode())
    return time.monotonic() - began


def _single_transfers(defter: Defter, ids: Sequence[str]) -> float:
    took: list[float] = []
    for _ in range(SINGLES):
        (transfer,) = defter.random_transfers(ids, 1)
        began = time.monotonic()
        _post(defter, "/api/wallet/transfers", json.dumps(transfer).encode())
        took.append(time.monotonic() - began)
    return statistics.median(took)


def _watch(
    database_url: str, written: "Queue[tuple[int, float] | None]", waits: list[float]
) -> None:
    """Note for each position how long after its answer all read models held it.

    The sealer and what happens by itself follow behind them, at a pace of their own.
    """
    keys = [read_model.key for read_model in READ_MODELS]
    with psycopg.connect(database_url, autocommit=True) as connection:
        shown = 0
        while (one := written.get()) is not None:
            position, answered = one
            while shown < position and time.monotonic() - answered < LAG_SECONDS:
                row = connection.execute(
                    "SELECT min(position) FROM defter.checkpoints WHERE tenant_id ="
                    " (SELECT tenant_id FROM defter.checkpoints ORDER BY position DESC LIMIT 1)"
                    " AND projection = ANY(%s)",
                    (keys,),
                ).fetchone()
                shown = row[0] if row else 0
                time.sleep(0.002)
            waits.append(max(0.0, time.monotonic() - answered))
