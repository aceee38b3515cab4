"""EXT-SENTRY, OBS-02: the same redacted fault reaches whoever speaks Sentry's envelopes."""

import json
import socket
import time
from collections.abc import Generator

import pytest

from infrastructure.observability.faults.keeping import FaultKeeper
from infrastructure.observability.faults.noticing import Faults
from infrastructure.observability.faults.sentry import CLOSE_SECONDS_MAX, QUEUED_MAX, Sentry
from infrastructure.release import RELEASE
from tests.embedded.processes import ROOT
from tests.observability.breaking import CANARY, broken_by, in_a_moment
from tests.observability.stubs.issue_tracker import KEY, StubTracker, events_of, tracking

pytestmark = [pytest.mark.row("OBS-02"), pytest.mark.row("EXT-SENTRY")]


@pytest.fixture
def tracker() -> Generator[StubTracker]:
    with tracking() as stub:
        yield stub


@pytest.mark.parametrize(
    "envelope",
    [
        b'{"event_id":"1"}\n{"type":"event","length":2}\n{}',
        b'{"event_id":"%b"}\n{"type":"event","length":9}\n{}' % (b"a" * 32),
        b'{"event_id":"%b"}\n{"type":"event","length":2}\n{}{}' % (b"a" * 32),
        b'{"event_id":"%b"}\n{"type":"transaction","length":2}\n{}' % (b"a" * 32),
    ],
)
def test_the_stub_finds_an_envelope_that_is_none(envelope: bytes) -> None:
    with pytest.raises((AssertionError, ValueError)):
        events_of(envelope)


def test_a_fault_is_posted_with_its_group_and_its_places(tracker: StubTracker) -> None:
    fault = broken_by(in_a_moment(), request_id="req_7")
    sentry = Sentry(tracker.dsn)
    sentry.post(fault)
    sentry.close()
    (event,) = tracker.wait_for(1)
    assert (event["fingerprint"], event["release"]) == ([fault.fault_id], RELEASE)
    assert event["tags"] == {"role": "api", "event": "unexpected_error", "request_id": "req_7"}
    (value,) = event["exception"]["values"]
    assert (value["type"], value["value"]) == ("ValueError", "")
    frame = value["stacktrace"]["frames"][-1]
    assert (frame["filename"], frame["function"], frame["in_app"]) == (
        "infrastructure/observability/log_search.py",
        "moment",
        True,
    )
    assert "vars" not in frame


def test_nothing_goes_out_that_the_fault_met_or_the_machine_knows(tracker: StubTracker) -> None:
    sentry = Sentry(tracker.dsn)
    sentry.post(broken_by(in_a_moment()))
    sentry.close()
    tracker.wait_for(1)
    sent = b"".join(tracker.bodies).decode()
    for kept_in in (CANARY, socket.gethostname(), KEY, str(ROOT)):
        assert kept_in not in sent
    assert {"user", "request", "breadcrumbs", "modules", "threads"}.isdisjoint(tracker.events[0])


async def test_each_group_is_posted_once_for_what_gathered(
    tracker: StubTracker, database_url: str
) -> None:
    faults, sentry = Faults("worker"), Sentry(tracker.dsn)
    for _ in range(1_000):
        faults.notice(in_a_moment(), {"event": "effect_failed"})
    assert await FaultKeeper(database_url, faults, sentry).keep()
    sentry.close()
    (event,) = tracker.wait_for(1)
    assert event["extra"]["occurrences"] == 1_000
    assert json.dumps(event).count("effect_failed") == 1


def test_a_tracker_that_is_away_holds_up_nobody() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        dsn = f"http://{KEY}@127.0.0.1:{probe.getsockname()[1]}/7"
    sentry, fault = Sentry(dsn), broken_by(in_a_moment())
    for _ in range(5 * QUEUED_MAX):
        sentry.post(fault)
    began = time.monotonic()
    sentry.close()
    assert time.monotonic() - began < CLOSE_SECONDS_MAX + 3
