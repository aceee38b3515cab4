"""OBS-07, OBS-08, OBS-09: what stands still is counted, shown and told once."""

import asyncio
import io
import json
from collections.abc import AsyncGenerator, Generator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest
import redis

from application.process import SetTimer
from infrastructure.observability import alerts
from infrastructure.observability.alerts import RULES, TURN, UNREACHABLE, Alerts
from infrastructure.observability.listener import Listener
from infrastructure.observability.logs import LineWriter, configure_logging
from infrastructure.observability.metrics import Metrics
from infrastructure.observability.survey import EffectsStanding, Survey, TimersStanding, survey
from infrastructure.postgres.connections import connect
from infrastructure.postgres.reads import Reads
from infrastructure.processes.filing import Filed, file
from infrastructure.projections.checkpoints import begin
from infrastructure.projections.standing import Lag
from interfaces.http.server import health_parts
from projections.read_models import READ_MODELS
from tests.effects.performing import filed, look

READ_MODEL = READ_MODELS[0].key
NOW = datetime.now(UTC)


@pytest.fixture
async def reads(database_url: str) -> AsyncGenerator[Reads]:
    opened = Reads(database_url, size=2)
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture
def turn(redis_url: str) -> Generator[None]:
    with redis.Redis.from_url(redis_url) as client:  # pyright: ignore[reportUnknownMemberType]
        client.delete(TURN)
        yield
        client.delete(TURN)


@pytest.fixture
def log() -> io.BytesIO:
    """Take log lines as the service writes them."""
    stream = io.BytesIO()
    writer = LineWriter(stream)
    configure_logging(writer)
    stream.lines = writer.flush  # type: ignore[attr-defined]
    return stream


def told(log: io.BytesIO) -> list[tuple[str, str]]:
    log.lines()  # type: ignore[attr-defined]
    lines = map(json.loads, log.getvalue().splitlines())
    found = [line for line in lines if line["event"] == "alert"]
    assert {line["level"] for line in found} <= {"error"}
    return [(line["code"], line["state"]) for line in found]


async def set_timers(database_url: str, due: dict[str, datetime]) -> None:
    tenant_id, _ = await filed(database_url, 0)
    async with await connect(database_url) as connection:
        await begin(connection, tenant_id)
        timers = [
            Filed(1, uuid4(), SetTimer("wallet.hold_expiry", key, at)) for key, at in due.items()
        ]
        await file(connection, tenant_id, timers)
        await connection.execute("COMMIT")


async def kill_effects(database_url: str, count: int) -> None:
    _, ids = await filed(database_url, count)
    query = "UPDATE defter.effects SET state = 'dead', settled_at = now() WHERE effect_id = ANY(%s)"
    look(database_url, query, ids)


async def look_at(reads: Reads) -> Survey:
    async with reads.lookup() as connection:
        return await survey(connection)


@pytest.mark.row("OBS-07")
async def test_effects_that_wait_or_are_dead_are_counted_over_all_tenants(
    database_url: str, reads: Reads
) -> None:
    for _ in range(3):
        await filed(database_url, 2)
    await kill_effects(database_url, 4)
    _, ids = await filed(database_url, 5)
    look(database_url, "UPDATE defter.effects SET state = 'done' WHERE effect_id = ANY(%s)", ids)
    look(
        database_url,
        "UPDATE defter.effects SET filed_at = now() - interval '90 s' WHERE state = 'waiting'",
    )
    (found,) = (await look_at(reads)).effects
    assert (found.effect, found.waiting, found.dead) == ("test.call", 6, 4)
    assert 90 <= found.oldest_waiting_seconds < 120


@pytest.mark.row("OBS-07")
async def test_timers_that_are_overdue_or_fail_are_counted_over_all_tenants(
    database_url: str, reads: Reads
) -> None:
    late, later = NOW - timedelta(seconds=100), NOW - timedelta(seconds=300)
    await set_timers(database_url, {"hld_1": late, "hld_2": NOW + timedelta(days=1)})
    await set_timers(database_url, {"hld_3": late, "hld_4": later})
    look(
        database_url,
        "UPDATE defter.timers SET error = 'X', try_at = now() + interval '60 s' WHERE key = %s",
        "hld_4",
    )
    (found,) = (await look_at(reads)).timers
    assert (found.timer, found.overdue, found.failing) == ("wallet.hold_expiry", 3, 1)
    assert 300 <= found.oldest_seconds < 330


def planned(database_url: str, query: str) -> str:
    with psycopg.connect(database_url, options="-c enable_seqscan=off") as owner:
        return "\n".join(row[0] for row in owner.execute(f"EXPLAIN {query}".encode()).fetchall())


@pytest.mark.parametrize(
    ("query", "index"),
    [
        (
            "SELECT effect, count(*), min(filed_at) FROM defter.effects"
            " WHERE state = 'waiting' GROUP BY 1",
            "effects_waiting",
        ),
        (
            "SELECT effect, count(*) FROM defter.effects WHERE state = 'dead' GROUP BY 1",
            "effects_dead",
        ),
        (
            "SELECT timer, count(*) FROM defter.timers WHERE error IS NOT NULL GROUP BY 1",
            "timers_failing",
        ),
    ],
)
def test_counting_reads_nothing_that_is_done(database_url: str, query: str, index: str) -> None:
    look(
        database_url,
        "INSERT INTO defter.effects"
        " (tenant_id, effect_id, effect, target, event_id, position, state)"
        " SELECT gen_random_uuid(), gen_random_uuid(), 'x', '', gen_random_uuid(), 1, 'done'"
        " FROM generate_series(1, 20000)",
    )
    look(database_url, "ANALYZE defter.effects")
    assert f"using {index}" in planned(database_url, query)


@pytest.mark.row("OBS-09")
async def test_an_alert_is_told_when_it_begins_and_when_it_is_over_and_not_between(
    database_url: str, redis_url: str, reads: Reads, turn: None, log: io.BytesIO
) -> None:
    assert turn is None
    watching = Alerts(reads, Metrics(), redis_url)
    await watching.look()
    assert told(log) == []
    await kill_effects(database_url, 2)
    for _ in range(3):
        await watching.look()
    assert told(log) == [("effects.dead", "began")]
    look(database_url, "UPDATE defter.effects SET state = 'discarded'")
    for _ in range(2):
        await watching.look()
    assert told(log) == [("effects.dead", "began"), ("effects.dead", "over")]


WELL = Survey(
    (Lag(READ_MODEL, 5, 10.0, 1, 0), Lag("process.x", 5, 10.0, 1, 0)),
    (("TRY", 0),),
    (EffectsStanding("test.call", 9, 0, 900.0),),
    (TimersStanding("wallet.hold_expiry", 9, 0, 60.0),),
)
WRONG = {
    "ledger.imbalance": replace(WELL, imbalances=(("TRY", 0), ("EUR", -1))),
    "read_models.parked": replace(WELL, lags=(Lag(READ_MODEL, 1, 1.0, 1, 1),)),
    "read_models.behind": replace(WELL, lags=(Lag(READ_MODEL, 1, 10.1, 1, 0),)),
    "processes.parked": replace(WELL, lags=(Lag("process.x", 1, 1.0, 1, 1),)),
    "processes.behind": replace(WELL, lags=(Lag("process.x", 1, 10.1, 1, 0),)),
    "effects.dead": replace(WELL, effects=(EffectsStanding("test.call", 0, 1, 0.0),)),
    "timers.overdue": replace(WELL, timers=(TimersStanding("wallet.hold_expiry", 1, 0, 60.1),)),
}


@pytest.mark.row("OBS-09")
@pytest.mark.parametrize("code", RULES)
def test_each_rule_bites_alone_and_none_where_all_is_well(code: str) -> None:
    assert [name for name, rule in RULES.items() if rule(WRONG[code])] == [code]
    assert not RULES[code](WELL)


@pytest.mark.row("OBS-09")
async def test_one_of_two_schedulers_tells_and_the_other_takes_over(
    database_url: str, redis_url: str, reads: Reads, turn: None, log: io.BytesIO
) -> None:
    assert turn is None
    first, second = (Alerts(reads, Metrics(), redis_url) for _ in range(2))
    await first.look()
    await kill_effects(database_url, 1)
    for watching in (second, first, second, first):
        await watching.look()
    assert told(log) == [("effects.dead", "began")]
    stop = asyncio.Event()
    stop.set()
    await first.run(stop)
    await second.look()
    assert told(log) == [("effects.dead", "began")] * 2


@pytest.mark.row("OBS-09")
async def test_without_valkey_each_scheduler_tells(
    database_url: str, reads: Reads, log: io.BytesIO
) -> None:
    await kill_effects(database_url, 1)
    await Alerts(reads, Metrics(), "redis://127.0.0.1:1").look()
    assert told(log) == [("effects.dead", "began")]


@pytest.mark.row("OBS-09")
async def test_a_database_that_is_away_is_told_and_ends_no_other_alert(
    database_url: str, redis_url: str, reads: Reads, turn: None, log: io.BytesIO
) -> None:
    assert turn is None
    await kill_effects(database_url, 1)
    watching = Alerts(reads, Metrics(), redis_url)
    await watching.look()
    look(database_url, "ALTER FUNCTION defter.effects_standing() RENAME TO hidden")
    await watching.look()
    look(database_url, "ALTER FUNCTION defter.hidden() RENAME TO effects_standing")
    await watching.look()
    assert told(log) == [
        ("effects.dead", "began"),
        (UNREACHABLE, "began"),
        (UNREACHABLE, "over"),
    ]


class Receiver(HTTPServer):
    """A stub of whoever takes alerts, on a real socket."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Post)
        self.status = 200
        self.got: list[dict[str, Any]] = []


class _Post(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        receiver = self.server
        assert isinstance(receiver, Receiver)
        body = self.rfile.read(int(self.headers["content-length"]))
        if receiver.status == 200:
            receiver.got.append(json.loads(body))
        self.send_response(receiver.status)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's word
        pass


@pytest.fixture
def receiver() -> Generator[Receiver]:
    with Receiver() as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()


@pytest.mark.row("OBS-09")
async def test_each_alert_and_its_end_are_posted_once_even_if_the_receiver_was_away(
    database_url: str, redis_url: str, reads: Reads, turn: None, receiver: Receiver
) -> None:
    assert turn is None
    url = f"http://127.0.0.1:{receiver.server_port}/hook"
    watching = Alerts(reads, Metrics(), redis_url, webhook_url=url)
    await kill_effects(database_url, 2)
    receiver.status = 500
    await watching.look()
    receiver.status = 200
    for _ in range(2):
        await watching.look()
    look(database_url, "UPDATE defter.effects SET state = 'discarded'")
    await watching.look()
    assert [(one["code"], one["state"], one["detail"]) for one in receiver.got] == [
        ("effects.dead", "began", "2 of test.call"),
        ("effects.dead", "over", "2 of test.call"),
    ]


@pytest.mark.row("OBS-07")
async def test_a_role_answers_for_metrics_and_health(
    database_url: str, redis_url: str, reads: Reads, turn: None
) -> None:
    assert turn is None
    metrics = Metrics()
    await filed(database_url, 3)
    await set_timers(database_url, {"hld_1": NOW - timedelta(seconds=9)})
    await Alerts(reads, metrics, redis_url).look()
    metrics.effect_attempts.of("test.call", "done").add(0.2)
    async with (
        Listener(metrics, reads).running("127.0.0.1", 0) as port,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client,
    ):
        text = (await client.get("/metrics")).text
        for line in (
            'defter_effects_waiting{effect="test.call"} 3.0',
            'defter_effects_dead{effect="test.call"} 0.0',
            'defter_timers_overdue{timer="wallet.hold_expiry"} 1.0',
            'defter_timers_failing{timer="wallet.hold_expiry"} 0.0',
            'defter_effect_attempt_seconds_count{effect="test.call",state="done"} 1.0',
            "defter_effect_queue_jobs ",
            "defter_role_restarts 0.0",
            "process_cpu_seconds_total ",
            "process_resident_memory_bytes ",
            'defter_projection_lag_seconds{projection="process.',
        ):
            assert line in text
        statuses = [
            (await client.get(path)).status_code
            for path in ("/health/live", "/health/ready", "/nothing")
        ]
        assert statuses == [200, 200, 404]
        unsurveyed = Metrics().text().decode()
        assert "defter_effects_waiting" not in unsurveyed
        assert "defter_projections_parked" not in unsurveyed
        await reads.close()
        assert (await client.get("/health/ready")).status_code == 503
        assert (await client.get("/health/live")).status_code == 200
        async with Listener(metrics, reads).running("127.0.0.1", port or 0) as second:
            assert second is None


@pytest.mark.row("OBS-08")
async def test_health_tells_of_dead_effects_and_overdue_timers(
    database_url: str, reads: Reads
) -> None:
    parts = {part.name: part for part in health_parts(SimpleNamespace(reads=reads))}  # type: ignore[arg-type] - all that is asked
    for name in ("effects", "timers"):
        health = await parts[name].look()
        assert (health.well, health.required, health.detail) == (True, False, "")
    await kill_effects(database_url, 2)
    await filed(database_url, 1)
    await set_timers(database_url, {"hld_1": NOW - timedelta(seconds=alerts.OVERDUE_SECONDS_MAX)})
    dead, overdue = await parts["effects"].look(), await parts["timers"].look()
    assert (dead.well, overdue.well) == (False, False)
    assert dead.detail.startswith("2 dead; see `defter effects list`; 1 waiting")
    assert overdue.detail.startswith("1 overdue, the oldest by ")
