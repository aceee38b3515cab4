"""INV-01, INV-02 over HTTP: locations are closed once nothing is there, whoever comes meanwhile."""

import asyncio
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any
from uuid import uuid4

import pytest

from tests.http.stock.warehouse import BLUE, RED, Warehouse

pytestmark = [pytest.mark.row("INV-01"), pytest.mark.row("INV-02")]
SHOP = "loc_shop"
CLOSE = f"/locations/{SHOP}/close"
AT_SHOP = {"variant_id": RED, "location_id": SHOP}
ROUNDS, AT_ONCE = 24, (1, 2, 4, 24)
NOTHING_KEPT = "stock.insufficient"
ELSE = {"stock.location_in_use", "stock.take_under_way", NOTHING_KEPT}

CLOSED = "stock.location_closed"
HISTORY = """
SELECT type, convert_from(data, 'UTF8')::jsonb FROM defter.events
WHERE convert_from(data, 'UTF8')::jsonb ->> 'location_id' = %s
  AND type IN ('stock.location_closed', 'stock.moved', 'stock.reserved', 'stock.take_started')
ORDER BY position
"""


async def listed(warehouse: Warehouse) -> list[tuple[str, bool, str | None]]:
    items = (await warehouse.get("/locations"))["items"]
    return [
        (one["location_id"], one["closed_at"] is not None, one["closed_reason"]) for one in items
    ]


async def test_a_location_is_emptied_closed_seen_and_reopened(warehouse: Warehouse) -> None:
    await warehouse.post("/locations", {"name": "Shop", "location_id": SHOP})
    await warehouse.receive(2, RED, SHOP)
    await warehouse.receive(1, BLUE, SHOP)
    refused = await warehouse.post(CLOSE, {}, status=409)
    assert (refused["code"], refused["facts"]["variants"]) == ("stock.location_in_use", 2)
    lines = [{"variant_id": RED, "quantity": 2}, {"variant_id": BLUE, "quantity": 1}]
    trip = {"from_location": SHOP, "to_location": "main", "lines": lines}
    await warehouse.post("/transfers", trip)
    take = (await warehouse.post("/takes", {"location_id": SHOP}))["stock_take_id"]
    refused = await warehouse.post(CLOSE, {}, status=409)
    assert (refused["code"], refused["facts"]["stock_take_id"]) == ("stock.take_under_way", take)
    await warehouse.post(f"/takes/{take}/cancel", {})

    assert len((await warehouse.get("/alerts"))["items"]) == 2
    assert await warehouse.post(CLOSE, {"reason": "Sezon bitti"}) == {"location_id": SHOP}
    assert await listed(warehouse) == [("main", False, None), (SHOP, True, "Sezon bitti")]
    assert (await warehouse.get("/alerts"))["items"] == []
    assert [row[:2] for row in await warehouse.standing()] == [(SHOP, 0), ("main", 2)]

    await warehouse.send("PUT", f"/locations/{SHOP}", {"name": "Corner"})
    await warehouse.post(f"/locations/{SHOP}/reopen", {})
    assert await listed(warehouse) == [("main", False, None), (SHOP, False, None)]
    assert len((await warehouse.get("/alerts"))["items"]) == 2
    await warehouse.receive(1, RED, SHOP)


async def test_what_can_not_be_closed_and_who_comes_to_a_closed_one_is_told_why(
    warehouse: Warehouse,
) -> None:
    await warehouse.post("/locations", {"name": "Shop", "location_id": SHOP})
    await warehouse.receive(5)
    for path, status, code in (
        ("/locations/main/close", 409, "stock.main_location_stays"),
        ("/locations/loc_none/close", 404, "stock.location_not_found"),
        ("/locations/loc_none/reopen", 404, "stock.location_not_found"),
    ):
        assert (await warehouse.post(path, {}, status=status))["code"] == code
    assert (await warehouse.post(CLOSE, {"reason": "x" * 121}, status=422))["code"] == (
        "request.invalid"
    )
    await warehouse.post(CLOSE, {})
    one = {"variant_id": RED, "quantity": 1}
    for path, body in (
        ("/movements", AT_SHOP | {"quantity": 1, "reason": "received"}),
        ("/transfers", {"to_location": SHOP, "lines": [one]}),
        ("/reservations", {"lines": [one | {"location_id": SHOP}]}),
        ("/takes", {"location_id": SHOP}),
    ):
        refused = await warehouse.post(path, body, status=409)
        assert (refused["code"], refused["facts"]["location_id"]) == ("stock.location_closed", SHOP)


def comers(n: int, place: str) -> list[tuple[str, dict[str, Any]]]:
    """Give what may come to a location: units, transfers, reservations, a stock-take."""
    one = {"variant_id": (RED, BLUE)[n % 2], "quantity": 1}
    return [
        ("/movements", one | {"location_id": place, "reason": "received"}),
        ("/transfers", {"to_location": place, "lines": [one]}),
        ("/reservations", {"lines": [one | {"location_id": place}], "until_ended": True}),
        ("/takes", {"location_id": place}),
    ]


async def test_a_location_that_is_closed_while_stock_comes_never_ends_with_any(
    warehouse: Warehouse,
) -> None:
    house, chance = warehouse.house, Random(6)  # noqa: S311 - a seed
    for variant in (RED, BLUE):
        await warehouse.receive(1_000, variant)

    async def ask(n: int, path: str, body: dict[str, Any]) -> tuple[str, int, str]:
        api = (house.api, house.second)[n % 2]
        headers = {"X-API-Key": house.api.secret, "Idempotency-Key": uuid4().hex}
        answer = await api.client.post(f"/api/admin/stock{path}", json=body, headers=headers)
        return path, answer.status_code, answer.json().get("code", "")

    closings: list[bool] = []
    for n in range(ROUNDS):
        place = f"loc_{n:04}"
        close = f"/locations/{place}/close"
        await warehouse.post("/locations", {"name": place, "location_id": place})
        asked = [chance.choice(comers(k, place)) for k in range(chance.choice(AT_ONCE))]
        asked.insert(chance.choice((0, len(asked) // 2)), (close, {}))
        told = await asyncio.gather(*(ask(n + k, *one) for k, one in enumerate(asked)))
        (closed,) = (status == 200 for path, status, _ in told if path == close)
        came = [path for path, status, _ in told if path != close and status in {200, 201}]
        assert not (closed and came)
        codes = {code for _, status, code in told if status == 409}
        assert codes <= ({"stock.location_closed", NOTHING_KEPT} if closed else ELSE)
        check([(kind, data) for kind, data in house.ask(HISTORY, place)])
        closings.append(closed)
    assert {True, False} == set(closings)


def check(history: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
    """Follow the log: nothing is at a location when it closes, and nothing comes from then on."""
    kinds = [kind for kind, _ in history]
    if CLOSED in kinds:
        before, after = history[: kinds.index(CLOSED)], history[kinds.index(CLOSED) + 1 :]
        assert sum(data.get("quantity", 1) for _, data in before) == 0
        assert after == []


def test_stock_at_a_closed_location_is_found() -> None:
    one, none = {"quantity": 1}, dict[str, int]()
    closed, begun, came = (CLOSED, none), ("stock.take_started", none), ("stock.moved", one)
    went, kept = ("stock.moved", {"quantity": -1}), ("stock.reserved", one)
    for right in ([came, kept, begun], [came, went, closed], [closed]):
        check(right)
    for wrong in ([came, closed], [closed, came], [kept, closed], [begun, closed]):
        with pytest.raises(AssertionError):
            check(wrong)
