"""WLT-03, WLT-09, WLT-10, WLT-12 over HTTP: bonus from its grant to its end, and frozen wallets."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.http.conftest import Api
from tests.http.test_whole import LIRA, Caller, shop

__all__ = ["shop"]

pytestmark = [pytest.mark.row(code) for code in ("WLT-03", "WLT-09", "WLT-10", "WLT-12")]


def lira(minor: int) -> dict[str, Any]:
    return {"amount": LIRA | {"minor": minor}}


async def refused(caller: Caller, path: str, body: object, **headers: str) -> tuple[int, str]:
    answer = await caller.api.post(path, body, **{"Idempotency-Key": uuid4().hex} | headers)
    return answer.status_code, answer.json()["code"]


async def test_bonus_pays_first_comes_back_and_ends(shop: Api) -> None:
    caller = Caller(shop)
    ada = await caller.wallet("cus_ada1", 10_000)
    ends = datetime.now(UTC) + timedelta(days=2)
    spring = {"campaign": "spring", "expires_at": ends.isoformat()}
    first = await caller.post(f"/api/wallet/{ada}/bonus", lira(300) | {"campaign": "welcome"})
    second = await caller.post(f"/api/wallet/{ada}/bonus", lira(500) | spring)
    hold = await caller.post(f"/api/wallet/{ada}/holds", lira(1_000))

    seen = (await caller.get(f"/api/wallet/{ada}")).json()
    told = [seen[name]["minor"] for name in ("available", "held", "bonus")]
    assert (told, seen["status"], seen["bonus_lots"]) == ([9_800, 1_000, 0], "open", [])

    path = f"/api/wallet/{ada}/holds/{hold['hold_id']}"
    capture = await caller.post(f"{path}/captures", lira(600))
    await caller.post(f"{path}/captures/{capture['capture_id']}/refunds", lira(150))
    await caller.post(f"{path}/release", {})
    seen = (await caller.get(f"/api/wallet/{ada}")).json()
    assert [seen[name]["minor"] for name in ("available", "held", "bonus")] == [10_000, 0, 350]
    lots = [(lot["lot_id"], lot["remaining"]["minor"]) for lot in seen["bonus_lots"]]
    assert lots == [(second["lot_id"], 50), (first["lot_id"], 300)]
    assert [lot["campaign"] for lot in seen["bonus_lots"]] == ["spring", "welcome"]

    moved = await caller.post("/api/test/clock", {"to": (ends + timedelta(days=1)).isoformat()})
    assert moved["fired"] == 1
    seen = (await caller.get(f"/api/wallet/{ada}")).json()
    assert (seen["bonus"]["minor"], len(seen["bonus_lots"])) == (300, 1)
    sums = {
        row["code"]: row["balance"]
        for row in (await caller.get("/api/ledger/trial-balance")).json()["items"]
        if row["balance"]
    }
    assert sums == {
        "bank": 10_000,
        "bonus_expense": 800,
        "breakage": -50,
        "sales": -450,
        "wallet.bonus": -300,
        "wallet.cash": -10_000,
    }


async def test_a_hold_may_leave_bonus_out(shop: Api) -> None:
    caller = Caller(shop)
    ada = await caller.wallet("cus_ada1", 100)
    await caller.post(f"/api/wallet/{ada}/bonus", lira(300) | {"campaign": "welcome"})
    holds = f"/api/wallet/{ada}/holds"
    assert await refused(caller, holds, lira(101) | {"use_bonus": False}) == (
        409,
        "wallet.insufficient_funds",
    )
    await caller.post(holds, lira(100) | {"use_bonus": False})
    await caller.post(holds, lira(300))


async def test_a_frozen_wallet_takes_money_in_and_gives_none_out(shop: Api) -> None:
    caller = Caller(shop)
    ada = await caller.wallet("cus_ada1", 100)
    frozen = await caller.post(f"/api/wallet/{ada}/freeze", {"reason": "canary reason"})
    assert frozen == {"wallet_id": ada, "status": "frozen"}
    assert await refused(caller, f"/api/wallet/{ada}/holds", lira(1)) == (409, "wallet.frozen")
    await caller.post(f"/api/wallet/{ada}/top-ups", lira(5))
    seen = (await caller.get(f"/api/wallet/{ada}")).json()
    assert (seen["status"], seen["available"]["minor"]) == ("frozen", 105)
    assert "canary" not in (await caller.get("/api/events")).text
    happened = (await caller.get(f"/api/wallet/{ada}/history")).json()["items"]
    assert happened[1]["data"]["reason"] == "canary reason"
    await caller.post(f"/api/wallet/{ada}/unfreeze", {})
    await caller.post(f"/api/wallet/{ada}/holds", lira(1))


async def test_a_closed_wallet_makes_room_for_another(shop: Api) -> None:
    caller = Caller(shop)
    ada = await caller.wallet("cus_ada1")
    await caller.post(f"/api/wallet/{ada}/close", {"reason": "moved abroad"})
    assert await refused(caller, f"/api/wallet/{ada}/top-ups", lira(1)) == (409, "wallet.closed")
    other = await caller.wallet("cus_ada1", 7)
    close = f"/api/wallet/{other}/close"
    assert await refused(caller, close, {}) == (409, "wallet.not_empty")
    first = (await caller.get("/api/wallet?owner=cus_ada1&limit=1")).json()
    path = f"/api/wallet?owner=cus_ada1&limit=1&cursor={first['next_cursor']}"
    second = (await caller.get(path)).json()
    assert second["next_cursor"] is None
    statuses = {one["wallet_id"]: one["status"] for one in first["items"] + second["items"]}
    assert statuses == {ada: "closed", other: "open"}


@pytest.mark.parametrize("what", ["bonus", "freeze", "unfreeze", "close"])
async def test_no_customer_does_what_staff_do(shop: Api, what: str) -> None:
    caller = Caller(shop)
    ada = await caller.wallet("cus_ada1")
    acting = {"Defter-Act-For": "cus_ada1"}
    path = f"/api/wallet/{ada}/{what}"
    assert await refused(caller, path, {}, **acting) == (403, "auth.staff_only")
    poor = {"X-API-Key": shop.key(scopes=("wallet.read", "wallet.fund"))}
    assert await refused(caller, path, {}, **poor) == (403, "auth.permission_missing")
