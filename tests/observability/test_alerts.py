"""OBS-09: what is wrong is told when it begins and when it is over, once each."""

import asyncio
import io
import json
from collections.abc import Generator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest

from infrastructure.observability.alerts import RULES, UNREACHABLE, Alerts
from infrastructure.observability.faults.groups import FaultsStanding
from infrastructure.observability.logs import LineWriter, configure_logging
from infrastructure.observability.metrics import Metrics
from infrastructure.observability.survey import EffectsStanding, Survey, TimersStanding
from infrastructure.postgres.reads import Reads
from infrastructure.projections.standing import Lag
from projections.read_models import READ_MODELS
from tests.effects.performing import look
from tests.observability.standing import kill_effects


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


@pytest.mark.row("OBS-09")
@pytest.mark.usefixtures("turn")
async def test_an_alert_is_told_when_it_begins_and_when_it_is_over_and_not_between(
    database_url: str, redis_url: str, reads: Reads, log: io.BytesIO
) -> None:
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


READ_MODEL = READ_MODELS[0].key


WELL = Survey(
    (Lag(READ_MODEL, 5, 10.0, 1, 0), Lag("process.x", 5, 10.0, 1, 0)),
    (("TRY", 0),),
    (EffectsStanding("test.call", 9, 0, 900.0),),
    (TimersStanding("wallet.hold_expiry", 9, 0, 60.0),),
    FaultsStanding(open=9),
)


WRONG = {
    "ledger.imbalance": replace(WELL, imbalances=(("TRY", 0), ("EUR", -1))),
    "read_models.parked": replace(WELL, lags=(Lag(READ_MODEL, 1, 1.0, 1, 1),)),
    "read_models.behind": replace(WELL, lags=(Lag(READ_MODEL, 1, 10.1, 1, 0),)),
    "processes.parked": replace(WELL, lags=(Lag("process.x", 1, 1.0, 1, 1),)),
    "processes.behind": replace(WELL, lags=(Lag("process.x", 1, 10.1, 1, 0),)),
    "effects.dead": replace(WELL, effects=(EffectsStanding("test.call", 0, 1, 0.0),)),
    "timers.overdue": replace(WELL, timers=(TimersStanding("wallet.hold_expiry", 1, 0, 60.1),)),
    "errors.reopened": replace(WELL, faults=FaultsStanding(1, ("3f9c KeyError",))),
}


@pytest.mark.row("OBS-09")
@pytest.mark.parametrize("code", RULES)
def test_each_rule_bites_alone_and_none_where_all_is_well(code: str) -> None:
    assert [name for name, rule in RULES.items() if rule(WRONG[code])] == [code]
    assert not RULES[code](WELL)


@pytest.mark.row("OBS-09")
@pytest.mark.usefixtures("turn")
async def test_one_of_two_schedulers_tells_and_the_other_takes_over(
    database_url: str, redis_url: str, reads: Reads, log: io.BytesIO
) -> None:
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
@pytest.mark.usefixtures("turn")
async def test_a_database_that_is_away_is_told_and_ends_no_other_alert(
    database_url: str, redis_url: str, reads: Reads, log: io.BytesIO
) -> None:
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
@pytest.mark.usefixtures("turn")
async def test_each_alert_and_its_end_are_posted_once_even_if_the_receiver_was_away(
    database_url: str, redis_url: str, reads: Reads, receiver: Receiver
) -> None:
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
