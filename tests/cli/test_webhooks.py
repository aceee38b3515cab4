"""INT-15, end to end: a command, its event, the process, the effect, RQ, a worker, a receiver."""

import asyncio
import json
from collections.abc import AsyncGenerator, Callable
from typing import Any

import httpx
import pytest

from interfaces.cli.app import main
from interfaces.cli.terminal.exits import Exit
from tests.cli.conftest import Running
from tests.kit.receiver import Receiver, answered, receiving
from tests.projections.stepping import until

pytestmark = pytest.mark.row("INT-15")

LOOKS_MAX = 500

Says = Callable[..., Any]


@pytest.fixture(autouse=True)
def own_profile(running_all: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEFTER_URL", running_all.url)
    monkeypatch.setenv("DEFTER_KEY", running_all.key)


@pytest.fixture
async def receiver() -> AsyncGenerator[Receiver]:
    async with receiving() as running:
        yield running


@pytest.fixture
def says(capsys: pytest.CaptureFixture[str]) -> Says:
    async def run(*words: str, code: Exit = Exit.OK) -> str:
        ended = await asyncio.to_thread(main, ["webhooks", *words])
        told = capsys.readouterr()
        assert ended == code, told.err
        return told.out if code is Exit.OK else told.err

    return run


async def test_an_event_goes_all_the_way_and_a_failed_delivery_is_replayed(
    running_all: Running, receiver: Receiver, says: Says
) -> None:
    await says("add", receiver.url)
    assert json.loads(await says("list", "-o", "json")) == []
    told = await says("add", receiver.url, "--type", "wallet.*", "--description", "ERP", "--apply")
    secret = told.splitlines()[1]
    (listed,) = json.loads(await says("list", "-o", "json"))
    assert (listed["url"], listed["active"]) == (receiver.url, True)
    endpoint_id = listed["endpoint_id"]
    assert told.startswith(f"endpoint {endpoint_id}\nwhsec_")

    await says("ping", endpoint_id, "--apply")
    await until(lambda: len(receiver.received) == 1)
    assert receiver.received[0].verified(secret)["type"] == "channels.endpoint_pinged"

    receiver.answer = lambda _request: answered(410)
    body = {"owner": "cus_ada1", "currency": "TRY"}
    async with httpx.AsyncClient(base_url=running_all.url) as client:
        headers = {"X-API-Key": running_all.key, "Idempotency-Key": "open"}
        opened = await client.post("/api/wallet", json=body, headers=headers)
    assert opened.status_code == 201
    await until(lambda: len(receiver.received) == 2)
    event = receiver.received[1].verified(secret)
    assert (event["type"], event["source"]) == ("wallet.opened", "/tenants/kitap-evi")
    assert event["data"]["wallet_id"] == opened.json()["wallet_id"]

    reason = None
    for _ in range(LOOKS_MAX):
        (listed,) = json.loads(await says("list", "-o", "json"))
        reason = listed["reason"]
        if reason is not None:
            break
    assert reason == "gone"
    dead = json.loads(await says("deliveries", endpoint_id, "--state", "dead", "-o", "json"))
    assert [(one["type"], one["told"]) for one in dead] == [("wallet.opened", "answered 410")]
    refused = await says("replay", endpoint_id, "--from", "1", "--apply", code=Exit.REFUSED)
    assert "channels.endpoint_inactive" in refused

    receiver.answer = lambda _request: answered(200)
    await says("activate", endpoint_id, "--apply")
    rotated = (await says("rotate", endpoint_id, "--apply")).splitlines()[1]
    await says("replay", endpoint_id, "--delivery", dead[0]["delivery_id"], "--apply")
    await until(lambda: len(receiver.received) == 3)
    again = receiver.received[2]
    assert again.headers["webhook-id"] == dead[0]["delivery_id"]
    assert again.verified(secret) == again.verified(rotated) == event
    position = str(event["position"])
    await says("replay", endpoint_id, "--from", position, "--to", position, "--apply")
    await until(lambda: len(receiver.received) == 4)
    await says("deactivate", endpoint_id, "--apply")
    await says("remove", endpoint_id, "--apply")
    await says("remove", endpoint_id, "--apply", code=Exit.REFUSED)


async def test_without_apply_nothing_is_done(says: Says) -> None:
    for command in ("rotate", "activate", "deactivate", "remove", "ping"):
        assert await says(command, "whe_none") == ""
    assert await says("replay", "whe_none", "--from", "1") == ""
    assert "--delivery" in await says("replay", "whe_none", code=Exit.USAGE)
