"""INT-15: endpoints and deliveries over REST, for staff with the permission and nobody else."""

from collections.abc import AsyncGenerator
from typing import Any
from uuid import uuid4

import pytest

from infrastructure.event_log.keyring import MasterKeys
from tests.effects.hooked import Hooked, delivering
from tests.event_log.shop import Shop
from tests.http import test_whole
from tests.http.conftest import MASTER_KEY, Api
from tests.http.fakes import OTHER, TENANT
from tests.http.test_whole import Caller
from tests.kit.receiver import Receiver, answered, receiving

pytestmark = pytest.mark.row("INT-15")

ENDPOINTS = "/api/webhooks/endpoints"
HOOK = {"url": "http://127.0.0.1:9/hook", "types": ["wallet.*"], "description": "canary words"}

shop = test_whole.shop


@pytest.fixture
async def receiver() -> AsyncGenerator[Receiver]:
    async with receiving() as running:
        yield running


@pytest.fixture
async def delivered(shop: Api, database_url: str, redis_url: str) -> AsyncGenerator[Hooked]:
    tenant: Any = Shop(shop.services.sender, database_url, TENANT)  # type: ignore[arg-type] - the real one
    async with delivering(tenant, redis_url, MasterKeys(MASTER_KEY)) as hooked:
        yield hooked


async def test_an_endpoint_s_secret_is_shown_once_and_everything_else_at_any_time(
    shop: Api,
) -> None:
    caller = Caller(shop)
    made = await caller.post(ENDPOINTS, HOOK, **{"Idempotency-Key": "once"})
    assert made["secret"].startswith("whsec_")
    again = await shop.post(ENDPOINTS, HOOK, **{"Idempotency-Key": "once"})
    assert again.json() == {"endpoint_id": made["endpoint_id"], "secret": None}
    path = f"{ENDPOINTS}/{made['endpoint_id']}"
    one = (await caller.get(path)).json()
    assert (one["url"], one["types"], one["active"]) == (HOOK["url"], ["wallet.*"], True)
    assert (one["description"], one["test"], one["reason"]) == ("canary words", True, None)
    blind = shop.key(scopes=("channels.webhooks",))
    listed = await caller.get(ENDPOINTS, **{"X-API-Key": blind})
    assert listed.json() == {"items": [one | {"description": None}]}
    feed = await caller.get("/api/events")
    for text in (listed.text, feed.text, shop.lines().decode()):
        assert made["secret"].removeprefix("whsec_") not in text
        assert "canary" not in text


async def test_an_endpoint_is_changed_rotated_switched_off_and_on_and_removed(shop: Api) -> None:
    caller = Caller(shop)
    made = await caller.post(ENDPOINTS, HOOK)
    path = f"{ENDPOINTS}/{made['endpoint_id']}"
    await caller.post(f"{path}/changes", {"url": "https://hooks.example/", "types": ["*"]})
    rotated = await caller.post(f"{path}/secret-rotation", {"overlap_hours": 2})
    assert rotated["secret"] not in {None, made["secret"]}
    await caller.post(f"{path}/deactivation", {})
    seen = (await caller.get(path)).json()
    assert (seen["url"], seen["types"]) == ("https://hooks.example/", ["*"])
    assert (seen["active"], seen["reason"], seen["description"]) == (False, "asked", None)
    assert seen["old_secret_until"] == rotated["old_until"]
    partly = await shop.post(f"{path}/changes", {"url": "https://hooks.example/"})
    assert partly.json()["errors"][0]["pointer"] == "/types"
    for asked, body in (("ping", {}), ("replay", {"from_position": 1})):
        answer = await shop.post(f"{path}/{asked}", body)
        assert (answer.status_code, answer.json()["code"]) == (409, "channels.endpoint_inactive")
    await caller.post(f"{path}/activation", {})
    assert (await caller.get(path)).json()["reason"] is None
    await caller.post(f"{path}/removal", {})
    for gone in (path, f"{path}/deliveries"):
        answer = await caller.get(gone)
        assert (answer.status_code, answer.json()["code"]) == (404, "channels.endpoint_not_found")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"url": "https://user@hooks.example/"}, "channels.url_invalid"),
        ({"url": "https://0x7f.1/"}, "channels.url_invalid"),
        ({"url": "gopher://hooks.example/"}, "channels.url_invalid"),
        ({"types": ["wallet.oepned"]}, "channels.unknown_type"),
        ({"types": ["walet.*"]}, "channels.unknown_type"),
        ({"types": ["wallet"]}, "field.wrong_format"),
        ({"types": []}, "field.wrong_length"),
        ({"types": ["*"] * 51}, "field.wrong_length"),
        ({"url": "https://hooks.example/" + "a" * 2_000}, "field.wrong_length"),
        ({"secret": "whsec_mine"}, "field.unknown"),
    ],
)
async def test_refuses_what_is_no_endpoint(shop: Api, body: dict[str, Any], code: str) -> None:
    answer = await shop.post(ENDPOINTS, HOOK | body)
    problem = answer.json()
    assert answer.status_code == 422
    assert code in {problem["code"], *(error["code"] for error in problem.get("errors", ()))}


@pytest.mark.row("SEC-14")
async def test_a_live_tenant_s_endpoint_is_on_the_public_internet(shop: Api) -> None:
    live = {"X-API-Key": shop.key(test=False)}
    answer = await shop.post(ENDPOINTS, HOOK, **live)
    assert answer.json()["code"] == "channels.url_invalid"
    answer = await shop.post(ENDPOINTS, {"url": "https://169.254.169.254/"}, **live)
    assert (answer.status_code, answer.json()["code"]) == (422, "channels.address_not_public")


async def test_another_tenant_s_endpoint_is_as_absent_as_none(shop: Api) -> None:
    caller = Caller(shop)
    made = await caller.post(ENDPOINTS, HOOK)
    foreign = {"X-API-Key": shop.key(tenant_id=OTHER, slug="other"), "Defter-Min-Position": "0"}
    for endpoint_id in (made["endpoint_id"], "whe_none"):
        path = f"{ENDPOINTS}/{endpoint_id}"
        for answer in (
            await caller.get(path, **foreign),
            await caller.get(f"{path}/deliveries", **foreign),
            await shop.post(f"{path}/removal", {}, **foreign),
            await shop.post(f"{path}/replay", {"from_position": 1}, **foreign),
        ):
            assert answer.status_code == 404
            assert answer.json()["code"] == "channels.endpoint_not_found"


async def test_deliveries_tell_every_attempt_and_are_made_again(
    shop: Api, delivered: Hooked, receiver: Receiver
) -> None:
    caller = Caller(shop)
    said = [answered(503), answered(200), answered(200)]
    receiver.answer = lambda _request: said.pop(0) if said else answered(200)
    made = await caller.post(ENDPOINTS, HOOK | {"url": receiver.url})
    path = f"{ENDPOINTS}/{made['endpoint_id']}"
    await caller.wallet("cus_ada1", 500)
    await delivered.attempt()
    page = (await caller.get(f"{path}/deliveries?limit=1")).json()
    rest = await caller.get(f"{path}/deliveries?limit=1&cursor={page['next_cursor']}")
    (topped_up,), (opened,) = page["items"], rest.json()["items"]
    assert rest.json()["next_cursor"] is None
    assert (topped_up["type"], opened["type"]) == ("wallet.funds_topped_up", "wallet.opened")
    dead = (await caller.get(f"{path}/deliveries?state=dead")).json()["items"]
    assert len(dead) == 1
    (attempt,) = dead[0]["attempts"]
    assert (attempt["attempt"], attempt["succeeded"], attempt["told"]) == (
        1,
        False,
        "answered 503",
    )
    assert attempt["milliseconds"] >= 0
    delivery_id = dead[0]["delivery_id"]
    asked = await caller.post(f"{path}/deliveries/{delivery_id}/replay", {})
    assert asked["from_position"] == asked["to_position"] == dead[0]["position"]
    await delivered.attempt()
    await delivered.attempt()
    (again,) = [
        one
        for one in (await caller.get(f"{path}/deliveries")).json()["items"]
        if one["delivery_id"] == delivery_id
    ]
    assert (again["state"], again["attempts_made"]) == ("done", 2)
    assert [one["succeeded"] for one in again["attempts"]] == [False, True]
    received = [one for one in receiver.received if one.headers["webhook-id"] == delivery_id]
    assert len(received) == 2
    assert received[1].verified(made["secret"])["position"] == again["position"]


async def test_a_replay_names_a_delivery_that_is_there(shop: Api) -> None:
    caller = Caller(shop)
    made = await caller.post(ENDPOINTS, HOOK)
    path = f"{ENDPOINTS}/{made['endpoint_id']}"
    answer = await shop.post(f"{path}/deliveries/{uuid4()}/replay", {})
    assert (answer.status_code, answer.json()["code"]) == (404, "channels.delivery_not_found")
    for body in ({"from_position": 0}, {"from_position": 5, "to_position": 4}, {}):
        assert (await shop.post(f"{path}/replay", body)).status_code == 422


async def test_a_customer_has_no_endpoints(shop: Api) -> None:
    answer = await shop.post(ENDPOINTS, HOOK, **{"Defter-Act-For": "cus_ada1"})
    assert answer.status_code == 403
