"""WLT-08: limits over HTTP: set, held, and what is left of them."""

from uuid import uuid4

import pytest

from tests.http import test_whole
from tests.http.conftest import Api
from tests.http.test_whole import LIRA, Caller

pytestmark = pytest.mark.row("WLT-08")
shop = test_whole.shop


async def test_limits_are_set_held_and_told(shop: Api) -> None:
    caller = Caller(shop)
    ada, bora = await caller.wallet("cus_ada1", 10_000), await caller.wallet("cus_bora")
    limits = {"kind": "transfer", "currency": "TRY", "per_day_minor": 500}
    await caller.post("/api/wallet/limits", limits | {"per_transaction_minor": 400})
    transfer = {"source": ada, "target": bora, "amount": LIRA | {"minor": 300}}
    await caller.post("/api/wallet/transfers", transfer)
    over = await shop.post("/api/wallet/transfers", transfer, **{"Idempotency-Key": uuid4().hex})
    assert (over.status_code, over.json()["code"]) == (409, "wallet.limit_exceeded")
    facts = {"limit": 500, "used": 300, "asked": 300, "kind": "transfer", "period": "day"}
    assert over.json()["facts"] == facts

    path = f"/api/wallet/{ada}/limits"
    left = (await caller.get(path, **{"Defter-Act-For": "cus_ada1"})).json()
    assert left["level"] == "standard"
    (transfers,) = left["items"]
    assert transfers["per_transaction"] == LIRA | {"minor": 400}
    assert transfers["day"] == {
        "limit": LIRA | {"minor": 500},
        "used": LIRA | {"minor": 300},
        "left": LIRA | {"minor": 200},
    }
    assert transfers["month"] == {"limit": None, "used": LIRA | {"minor": 300}, "left": None}

    await caller.post("/api/wallet/limits", limits | {"level": "vip", "per_day_minor": 900})
    await caller.post("/api/wallet/levels", {"owner": "cus_ada1", "level": "vip"})
    await caller.post("/api/wallet/transfers", transfer)
    left = (await caller.get(path)).json()
    assert (left["level"], left["items"][0]["day"]["left"]["minor"]) == ("vip", 300)
    listed = (await caller.get("/api/wallet/limits")).json()["items"]
    assert [(one["level"], one["per_day"]["minor"]) for one in listed] == [
        ("standard", 500),
        ("vip", 900),
    ]

    await caller.post("/api/wallet/limits", {"kind": "transfer", "currency": "TRY", "level": "vip"})
    assert (await caller.get(path)).json()["items"] == []
    theirs = await caller.get(path, **{"Defter-Act-For": "cus_bora"})
    assert (theirs.status_code, theirs.json()["code"]) == (404, "wallet.not_found")


async def test_refuses_limits_and_levels_that_can_not_be(shop: Api) -> None:
    good = {"kind": "hold", "currency": "TRY"}
    for wrong in (
        {"kind": "gift"},
        {"currency": "XYZ"},
        {"level": "VIP"},
        {"per_day_minor": -1},
        {"per_day_minor": 1.5},
    ):
        answer = await shop.post("/api/wallet/limits", good | wrong)
        assert (answer.status_code, answer.json()["code"]) == (422, "request.invalid")
    answer = await shop.post("/api/wallet/levels", {"owner": "cus_ada1", "level": "vip"})
    assert (answer.status_code, answer.json()["code"]) == (404, "wallet.level_not_found")
    poor = shop.key(scopes=("wallet.read",))
    answer = await shop.post("/api/wallet/limits", good, **{"X-API-Key": poor})
    assert (answer.status_code, answer.json()["code"]) == (403, "auth.permission_missing")
