"""INV-01 … INV-04 over HTTP: movements, transfers, counts, reservations, alerts."""

import asyncio
from datetime import datetime

import pytest

from tests.http.fakes import TENANT
from tests.http.stock.warehouse import BLUE, RED, Warehouse

MOVE = {"variant_id": RED, "quantity": 5, "reason": "received"}
LINE = {"variant_id": RED, "quantity": 2}


@pytest.mark.row("INV-01")
@pytest.mark.row("INV-02")
async def test_what_moves_is_seen_and_adds_up(warehouse: Warehouse) -> None:
    moved = await warehouse.post("/movements", MOVE | {"reference": "note-1"})
    assert moved["stock"] | {"available": 5, "level": "in"} == moved["stock"]
    await warehouse.post("/movements", MOVE | {"quantity": 1, "reason": "damaged"})
    await warehouse.post("/movements", MOVE | {"quantity": -1, "reason": "corrected"})
    many = {"mode": "independent", "commands": [MOVE | {"variant_id": BLUE}, MOVE]}
    assert [one["status"] for one in (await warehouse.post("/movements/batch", many))["results"]]
    assert await warehouse.standing() == [("main", 8, 0, 8, "in")]
    (row,) = (await warehouse.get(f"?variant_id={RED}"))["items"]
    assert (row["sku"], row["product_id"], row["backorder_limit"]) == ("MUG-R", "prd_mug1", None)
    first = await warehouse.get(f"/movements?variant_id={RED}&limit=3")
    rest = await warehouse.get(f"/movements?variant_id={RED}&limit=3&cursor={first['next_cursor']}")
    told = [(one["quantity"], one["reason"]) for one in first["items"] + rest["items"]]
    assert told == [(5, "received"), (-1, "corrected"), (-1, "damaged"), (5, "received")]
    assert rest["next_cursor"] is None
    assert len((await warehouse.get("/movements?location_id=main"))["items"]) == 5


async def test_what_is_wrong_has_a_code(warehouse: Warehouse) -> None:
    too_many = MOVE | {"reason": "lost"}
    assert (await warehouse.post("/movements", too_many, status=409))["code"] == (
        "stock.insufficient"
    )
    for body, status, code in (
        (MOVE | {"reason": "sold"}, 422, "stock.reason_not_given"),
        (MOVE | {"reason": "given"}, 422, "request.invalid"),
        (MOVE | {"quantity": 0}, 422, "stock.quantity_invalid"),
        (MOVE | {"variant_id": "var_none"}, 404, "catalog.variant_not_found"),
        (MOVE | {"location_id": "loc_none"}, 404, "stock.location_not_found"),
    ):
        assert (await warehouse.post("/movements", body, status=status))["code"] == code
    for path in ("/reservations/rsv_none", "/takes/stk_none"):
        await warehouse.get(path, status=404)
    customer = {"Defter-Act-For": "cus_ada1"}
    await warehouse.post("/movements", MOVE, status=403, headers=customer)


async def test_locations_are_opened_ranked_and_served_in_their_order(warehouse: Warehouse) -> None:
    main = {"location_id": "main", "name": "main", "closed_at": None, "closed_reason": None}
    only = {"items": [main]}
    assert await warehouse.get("/locations") == only
    await warehouse.post("/locations", {"name": "Shop", "location_id": "loc_shop"})
    await warehouse.send("PUT", "/locations/main", {"name": "Depot"})
    await warehouse.send("PUT", "/ranking", {"location_ids": ["loc_shop", "main"]})
    named = [
        (one["location_id"], one["name"]) for one in (await warehouse.get("/locations"))["items"]
    ]
    assert named == [("loc_shop", "Shop"), ("main", "Depot")]
    await warehouse.receive(3)
    trip = {"to_location": "loc_shop", "lines": [LINE], "reference": "trip-1"}
    (movement,) = (await warehouse.post("/transfers", trip))["movement_ids"]
    sides = (await warehouse.get("/movements?limit=2"))["items"]
    assert [(one["movement_id"], one["location_id"], one["quantity"]) for one in sides] == [
        (movement, "loc_shop", 2),
        (movement, "main", -2),
    ]
    kept = await warehouse.post("/reservations", {"lines": [LINE | {"quantity": 3}]})
    assert [(one["location_id"], one["quantity"]) for one in kept["lines"]] == [
        ("loc_shop", 2),
        ("main", 1),
    ]
    assert await warehouse.standing() == [("loc_shop", 2, 2, 0, "out"), ("main", 1, 1, 0, "out")]


@pytest.mark.row("INV-03")
async def test_a_reservation_is_kept_issued_in_part_and_released(warehouse: Warehouse) -> None:
    await warehouse.receive(5)
    lines = {"lines": [LINE | {"quantity": 3}], "reference": "ord_7", "reservation_id": "rsv_0007"}
    kept = await warehouse.post("/reservations", lines)
    seen = await warehouse.get("/reservations/rsv_0007")
    assert (seen["status"], seen["reference"], seen["expires_at"]) == (
        "open",
        "ord_7",
        kept["expires_at"],
    )
    path = "/reservations/rsv_0007"
    await warehouse.post(f"{path}/extension", {"expires_at": None})
    assert (await warehouse.get(path))["expires_at"] is None
    await warehouse.post(f"{path}/issue", {"lines": [LINE]})
    assert await warehouse.standing() == [("main", 3, 1, 2, "in")]
    await warehouse.post(f"{path}/release", {})
    again = await warehouse.post(f"{path}/release", {}, status=409)
    assert again["code"] == "stock.reservation_ended"
    assert await warehouse.standing() == [("main", 3, 0, 3, "in")]
    (listed,) = (await warehouse.get("/reservations?status=released"))["items"]
    assert listed["lines"][0] | {"quantity": 3, "issued": 2, "kept": 0} == listed["lines"][0]
    assert (await warehouse.get("/reservations?status=open"))["items"] == []
    whole = await warehouse.post("/reservations", lines | {"reservation_id": "rsv_0008"})
    await warehouse.post("/reservations/rsv_0008/issue", {})
    assert whole["expires_at"] is not None
    page = await warehouse.get("/reservations?limit=1")
    rest = await warehouse.get(f"/reservations?limit=1&cursor={page['next_cursor']}")
    assert [one["status"] for one in page["items"] + rest["items"]] == ["released", "issued"]


@pytest.mark.row("INV-03")
async def test_how_long_stock_is_kept_is_the_tenants_to_say(warehouse: Warehouse) -> None:
    await warehouse.receive(5)
    api = warehouse.house.api
    change = await api.client.put(
        "/api/settings/stock",
        json={"reservation_seconds": 60},
        headers={"X-API-Key": api.secret},
    )
    assert change.status_code == 200, change.text

    async def lasts(**asked: object) -> float | None:
        kept = await warehouse.post("/reservations", {"lines": [LINE | {"quantity": 1}]} | asked)
        seen = await warehouse.get(f"/reservations/{kept['reservation_id']}")
        if seen["expires_at"] is None:
            return None
        begun, ends = (datetime.fromisoformat(seen[name]) for name in ("placed_at", "expires_at"))
        return (ends - begun).total_seconds()

    assert await lasts() == 60
    assert await lasts(lasts_seconds=7) == 7
    assert await lasts(until_ended=True) is None


@pytest.mark.row("INV-03")
async def test_of_many_who_want_the_last_unit_on_two_processes_one_gets_it(
    warehouse: Warehouse,
) -> None:
    await warehouse.receive(1)
    house = warehouse.house

    async def buy(n: int) -> int:
        api = (house.api, house.second)[n % 2]
        headers = {"X-API-Key": house.api.secret, "Idempotency-Key": f"buy-{n}"}
        body = {"lines": [LINE | {"quantity": 1}]}
        answer = await api.client.post("/api/admin/stock/reservations", json=body, headers=headers)
        return answer.status_code

    told = await asyncio.gather(*(buy(n) for n in range(64)))
    assert sorted(told) == [201] + [409] * 63
    assert await warehouse.standing() == [("main", 1, 1, 0, "out")]


@pytest.mark.row("INV-04")
async def test_what_runs_out_is_one_alert_with_how_long_it_lasts(warehouse: Warehouse) -> None:
    await warehouse.receive(14)
    await warehouse.receive(9, BLUE)
    policy = {"safety": 1, "low_at": 10}
    set_policy = await warehouse.send("PUT", f"/{RED}/main/policy", policy)
    assert (set_policy["available"], set_policy["level"]) == (13, "in")
    for quantity in (3, 2, 2):
        sold = await warehouse.post("/reservations", {"lines": [LINE | {"quantity": quantity}]})
        await warehouse.post(f"/reservations/{sold['reservation_id']}/issue", {})
    (alert,) = (await warehouse.get("/alerts"))["items"]
    assert alert | {"sku": "MUG-R", "location_id": "main", "level": "low", "available": 6} == alert
    assert (alert["sold_28_days"], alert["days_of_cover"]) == (7, 24.0)
    crossed = warehouse.house.ask(
        "SELECT count(*) FROM defter.events WHERE type = 'stock.level_crossed'"
        " AND stream = %s AND convert_from(data, 'UTF8')::jsonb ->> 'level' = 'low'",
        f"stock-{RED}.main",
    )
    assert crossed == [(1,)]
    await warehouse.post("/movements", MOVE | {"variant_id": BLUE, "quantity": 9, "reason": "lost"})
    page = await warehouse.get("/alerts?limit=1")
    rest = await warehouse.get(f"/alerts?limit=1&cursor={page['next_cursor']}")
    told = [(one["sku"], one["days_of_cover"]) for one in page["items"] + rest["items"]]
    assert told == [("MUG-B", None), ("MUG-R", 24.0)]
    assert [row["sku"] for row in (await warehouse.get("?level=out"))["items"]] == ["MUG-B"]


async def test_a_policy_is_set_by_who_knows_what_stands_there(warehouse: Warehouse) -> None:
    await warehouse.receive(1)
    (row,) = (await warehouse.get(f"?variant_id={RED}"))["items"]
    path, policy = f"/{RED}/main/policy", {"low_at": 1}
    await warehouse.send("PUT", path, policy, headers={"If-Match": f'"{row["version"]}"'})
    stale = {"If-Match": f'"{row["version"]}"'}
    await warehouse.send("PUT", path, {"low_at": 2}, status=412, headers=stale)


@pytest.mark.row("INV-02")
async def test_a_stock_take_makes_the_books_follow(warehouse: Warehouse) -> None:
    await warehouse.receive(10)
    await warehouse.receive(4, BLUE)
    take = (await warehouse.post("/takes", {"stock_take_id": "stk_0001"}))["stock_take_id"]
    path = f"/takes/{take}"
    counts = [{"variant_id": RED, "quantity": 7}, {"variant_id": BLUE, "quantity": 4}]
    await warehouse.post(f"{path}/counts", {"counts": counts})
    await warehouse.receive(5)
    assert await warehouse.post(f"{path}/close", {}) == {"stock_take_id": take, "differing": 1}
    assert await warehouse.standing() == [("main", 12, 0, 12, "in")]
    seen = await warehouse.get(path)
    assert (seen["status"], seen["differing"]) == ("closed", 1)
    assert [(one["variant_id"], one["difference"]) for one in seen["counts"]] == [
        (BLUE, 0),
        (RED, -3),
    ]
    await warehouse.post("/takes", {"stock_take_id": "stk_0002"})
    await warehouse.post("/takes/stk_0002/cancel", {})
    listed = (await warehouse.get("/takes"))["items"]
    assert [one["status"] for one in listed] == ["closed", "cancelled"]
    await hold_the_books_against_the_log(warehouse)


async def hold_the_books_against_the_log(warehouse: Warehouse) -> None:
    """What is told to be on hand is the sum of all movements in the log."""
    summed = warehouse.house.ask(
        "SELECT d ->> 'variant_id', d ->> 'location_id', sum((d ->> 'quantity')::bigint)::bigint"
        " FROM (SELECT convert_from(data, 'UTF8')::jsonb AS d FROM defter.events"
        " WHERE tenant_id = %s AND type = 'stock.moved') AS moved GROUP BY 1, 2 ORDER BY 1, 2",
        TENANT,
    )
    told = [
        (row["variant_id"], row["location_id"], row["on_hand"])
        for row in (await warehouse.get(""))["items"]
    ]
    assert sorted(told) == sorted(summed)
    assert len(told) >= 2
