"""OBS-06, OBS-03: what real processes tell a collector of a request and of what follows it."""

import asyncio
import json
from collections.abc import Generator

import httpx
import pytest

from interfaces.cli.app import main
from interfaces.cli.terminal.exits import Exit
from tests.cli.conftest import Running
from tests.observability.stubs.collector import StubCollector, collecting

CALLER = "0af7651916cd43dd8448eb211c80319c"
CALLED_FROM = "b7ad6b7169203331"
NOBODY = "http://127.0.0.1:1/hook"
SERVER = 2


@pytest.fixture(scope="module")
def collector() -> Generator[StubCollector]:
    with collecting() as stub:
        yield stub


@pytest.fixture(scope="module")
def more_settings(collector: StubCollector) -> dict[str, str]:
    return {"DEFTER_OTEL_ENDPOINT": collector.endpoint}


@pytest.mark.row("OBS-06")
async def test_a_request_its_batch_its_process_and_its_effect_are_spans(
    running_all: Running, collector: StubCollector
) -> None:
    key = {"X-API-Key": running_all.key}
    async with httpx.AsyncClient(base_url=running_all.url, headers=key) as client:
        added = await client.post(
            "/api/webhooks/endpoints",
            json={"url": NOBODY, "types": ["*"]},
            headers={"Idempotency-Key": "add-1"},
        )
        assert added.status_code == 201, added.text
        body = {"owner": "cus_ada1", "currency": "TRY"}
        traced = {"traceparent": f"00-{CALLER}-{CALLED_FROM}-01", "Idempotency-Key": "open-1"}
        opened = await client.post("/api/wallet", json=body, headers=traced)
        assert opened.status_code == 201
    request = await asyncio.to_thread(collector.span, name="POST /api/wallet", kind=SERVER)
    assert (request["trace_id"], request["parent_span_id"]) == (CALLER, CALLED_FROM)
    assert (request["service"], request["defter.tenant"]) == ("defter-api", "kitap-evi")
    its_own = (request["trace_id"], request["span_id"])
    batch = await asyncio.to_thread(
        collector.span, name="batch", service="defter-api", links=(its_own,)
    )
    assert (batch["defter.commands"], batch["failed"]) == (1, False)
    assert batch["seconds"] < request["seconds"]
    step = await asyncio.to_thread(collector.span, name="process step", service="defter-scheduler")
    assert step["defter.answers"] >= 1
    effect = await asyncio.to_thread(collector.span, name="effect channels.webhook")
    assert (effect["service"], effect["failed"]) == ("defter-worker", True)
    assert (effect["defter.state"], effect["defter.attempt"]) == ("waiting", 1)
    line = await asyncio.to_thread(
        collector.line, event="request", request_id=opened.headers["x-request-id"]
    )
    assert (line["trace_id"], line["route"]) == (CALLER, "/api/wallet")


@pytest.mark.row("OBS-03")
def test_finance_lists_events_as_a_table_and_for_machines(
    running_all: Running, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DEFTER_URL", running_all.url)
    monkeypatch.setenv("DEFTER_KEY", running_all.key)

    def says(*words: str) -> str:
        assert main(["events", "list", *words]) == Exit.OK
        return capsys.readouterr().out

    everything = json.loads(says("-o", "json"))
    assert [one["position"] for one in everything] == list(range(1, len(everything) + 1))
    opened = [one for one in everything if one["type"] == "wallet.opened"]
    assert json.loads(says("--type", "wallet.opened", "-o", "json")) == opened
    (wallet,) = opened
    assert json.loads(says("--stream", wallet["stream"], "-o", "json")) == opened
    later = json.loads(
        says("--since", wallet["time"], "--after", str(wallet["position"]), "-o", "json")
    )
    assert later == everything[wallet["position"] :]
    assert json.loads(says("--until", everything[0]["time"], "-o", "json")) == []
    assert "wallet.opened" in says()
    assert says("--limit", "3", "-o", "csv").count("\n") == 4

    monkeypatch.setenv("DEFTER_KEY", running_all.auditor_key)
    assert main(["events", "list"]) == Exit.REFUSED
