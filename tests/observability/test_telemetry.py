"""OBS-06: spans and lines go to a collector; one that hangs or is away costs nobody anything."""

import io
import json
import socket
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager
from dataclasses import replace

import httpx
import pytest

from infrastructure.observability.logs import LineWriter, configure_logging
from infrastructure.observability.telemetry.otlp import (
    CLOSE_SECONDS_MAX,
    EXPORT_SECONDS_MAX,
    WAITING_MAX,
    Otlp,
)
from interfaces.http.app import create_app
from tests.embedded.processes import ROOT
from tests.http.conftest import PEER, Api, services_for, settings_for
from tests.http.fakes import KnownKeys, RecordingSender
from tests.observability.stubs.collector import StubCollector, collecting

pytestmark = pytest.mark.row("OBS-06")

CALLER = "0af7651916cd43dd8448eb211c80319c"
CALLED_FROM = "b7ad6b7169203331"


@pytest.fixture
def collector() -> Generator[StubCollector]:
    with collecting() as stub:
        yield stub


@asynccontextmanager
async def traced(endpoint: str, redis_url: str) -> AsyncGenerator[tuple[Api, Otlp]]:
    """Give an application whose spans and lines go to an endpoint."""
    otlp, log = Otlp(endpoint, "api"), io.BytesIO()
    sender, directory = RecordingSender(), KnownKeys()
    settings = settings_for(redis_url, key_quota_burst=1_000_000)
    plain = services_for(settings, log, sender=sender, directory=directory)
    services = replace(plain, lines=LineWriter(log, ship=otlp.ship), tracer=otlp)
    configure_logging(services.lines)
    transport = httpx.ASGITransport(create_app(services), client=(PEER, 40_000))
    async with httpx.AsyncClient(transport=transport, base_url="http://shop.test") as client:
        api = Api(client, sender, directory, services, log, "")
        api.secret = api.key()
        yield api, otlp
    await services.quota.close()


async def test_a_request_is_a_span_of_its_caller_s_trace_and_its_line_names_it(
    collector: StubCollector, redis_url: str
) -> None:
    async with traced(collector.endpoint, redis_url) as (api, otlp):
        answer = await api.transfer({"traceparent": f"00-{CALLER}-{CALLED_FROM}-01"})
        api.lines()
        otlp.close()
    span = collector.span(name="POST /api/wallet/transfers")
    assert (span["trace_id"], span["parent_span_id"]) == (CALLER, CALLED_FROM)
    assert (span["service"], span["http.request.method"]) == ("defter-api", "POST")
    assert (span["http.route"], span["http.response.status_code"]) == (
        "/api/wallet/transfers",
        201,
    )
    assert (span["defter.tenant"], span["failed"]) == ("shop", False)
    assert span["defter.request_id"] == answer.headers["x-request-id"]
    line = collector.line(event="request", request_id=answer.headers["x-request-id"])
    assert (line["trace_id"], line["level"], line["status"]) == (CALLER, "info", 201)


@pytest.mark.parametrize("given", ["00-nonsense", f"00-{'0' * 32}-{CALLED_FROM}-01", "ÿ"])
async def test_a_traceparent_that_is_none_begins_a_trace_of_our_own(
    collector: StubCollector, redis_url: str, given: str
) -> None:
    async with traced(collector.endpoint, redis_url) as (api, otlp):
        headers = [(b"x-api-key", api.secret.encode()), (b"traceparent", given.encode("latin-1"))]
        await api.client.get("/api/nothing", headers=headers)
        otlp.close()
    span = collector.span(name="GET unknown")
    assert span["parent_span_id"] == ""
    assert span["http.response.status_code"] == 404


async def test_what_broke_is_a_failed_span_and_shows_no_value(
    collector: StubCollector, redis_url: str
) -> None:
    canary = "canary-8f2c"
    async with traced(collector.endpoint, redis_url) as (api, otlp):
        api.sender.error = ValueError(canary)
        await api.transfer({"User-Agent": canary})
        await api.client.get(f"/api/{canary}?q={canary}")
        api.lines()
        otlp.close()
    span = collector.span(name="POST /api/wallet/transfers")
    assert (span["failed"], span["error.type"]) == (True, "service.internal_error")
    assert canary not in repr(collector.spans)
    assert canary not in repr(collector.lines)


async def test_a_collector_that_hangs_slows_no_request_and_loses_no_line_of_the_log(
    collector: StubCollector, redis_url: str
) -> None:
    collector.let_go.clear()
    async with traced(collector.endpoint, redis_url) as (api, otlp):
        began = time.monotonic()
        answers = [await api.transfer() for _ in range(300)]
        took = time.monotonic() - began
        lines = api.lines().splitlines()
        began = time.monotonic()
        otlp.close()
        closing = time.monotonic() - began
    assert took < EXPORT_SECONDS_MAX
    assert closing < CLOSE_SECONDS_MAX + 1
    written = [json.loads(line)["request_id"] for line in lines]
    given = [answer.headers["x-request-id"] for answer in answers]
    assert [one for one in written if one in set(given)] == given


async def test_a_collector_that_is_away_is_told_of_once(redis_url: str) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{probe.getsockname()[1]}"
    async with traced(nobody, redis_url) as (api, otlp):
        for _ in range(20):
            await api.transfer()
        otlp.close()
        told = [json.loads(line) for line in api.lines().splitlines()]
    assert sum(line["event"] == "request" for line in told) == 20
    assert sum(line["event"] == "telemetry_not_sent" for line in told) <= 1
    assert nobody not in repr(told)


def test_what_waits_for_a_collector_is_bounded(collector: StubCollector) -> None:
    collector.let_go.clear()
    otlp = Otlp(collector.endpoint, "worker")
    for n in range(WAITING_MAX + 3_000):
        otlp.over("effect", 0.001, {"n": n})
    collector.let_go.set()
    otlp.close()
    collector.span(n=WAITING_MAX + 2_999)
    assert len(collector.spans) <= WAITING_MAX + 1_024


OFF = """
import sys
import interfaces.http.server, infrastructure.composition, interfaces.cli.app
found = {"opentelemetry.sdk", "opentelemetry.exporter", "requests", "sentry_sdk", "google.protobuf"}
print(sorted(found & {name for name, module in sys.modules.items() if module is not None}))
"""


def test_what_is_off_is_not_even_imported() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", OFF], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert ran.stdout == "[]\n"
