"""WLT-12 over HTTP: an adjustment from its reason to the books, and who may see it."""

from typing import Any
from uuid import uuid4

import pytest

from tests.http.conftest import Api
from tests.http.test_bad_input import field_of
from tests.http.test_whole import LIRA, Caller, shop

__all__ = ["shop"]

pytestmark = pytest.mark.row("WLT-12")

WHY = "canary: charged twice"


def body_of(direction: str, minor: int, /, **changes: object) -> dict[str, Any]:
    amount = LIRA | {"minor": minor}
    body = {"amount": amount, "direction": direction, "reason_code": "correction", "reason": WHY}
    return body | changes


class Shop(Caller):
    """A staff member who asks for adjustments, and another who decides."""

    def __init__(self, api: Api) -> None:
        super().__init__(api)
        self.checker = {"X-API-Key": api.key(staff_id="stf_umut01")}

    async def adjust(self, wallet: str, direction: str, minor: int, **changes: object) -> str:
        body = body_of(direction, minor, **changes)
        answer = await self.post(f"/api/wallet/{wallet}/adjustment-requests", body)
        return answer["request_id"]

    async def decide(self, request_id: str, what: str, **body: object) -> dict[str, Any]:
        return await self.post(f"/api/wallet/requests/{request_id}/{what}", body, **self.checker)

    async def refused(self, path: str, body: object, **headers: str) -> tuple[int, str]:
        answer = await self.api.post(path, body, **{"Idempotency-Key": uuid4().hex} | headers)
        return answer.status_code, answer.json()["code"]

    async def money(self, wallet: str) -> tuple[int, int]:
        seen = (await self.get(f"/api/wallet/{wallet}")).json()
        return seen["available"]["minor"], seen["held"]["minor"]


async def test_a_wallet_is_adjusted_up_and_down_by_two_people(shop: Api) -> None:
    caller = Shop(shop)
    ada = await caller.wallet("cus_ada1", 1_000)
    up = await caller.adjust(ada, "credit", 300, reason_code="goodwill")
    down = await caller.adjust(ada, "debit", 450)
    away = await caller.adjust(ada, "debit", 100, reason_code="write_off")
    assert await caller.money(ada) == (450, 550)

    approve = "/api/wallet/requests/{}/approve"
    for name in (up, down):
        assert await caller.refused(approve.format(name), {}) == (403, "wallet.own_request")
    threshold = {"above": LIRA | {"minor": 1_000_000}}
    await caller.post("/api/wallet/approval-thresholds", threshold)
    assert await caller.refused(approve.format(up), {}) == (403, "wallet.own_request")
    source = await caller.refused(approve.format(up), {"source": "bank"}, **caller.checker)
    assert source == (422, "wallet.adjustment_has_its_account")

    assert (await caller.decide(up, "approve"))["entry_id"] == f"wallet-{ada}.5"
    await caller.decide(down, "approve")
    await caller.decide(away, "reject", reason="still owed")
    assert await caller.money(ada) == (850, 0)
    again = await caller.refused(approve.format(up), {}, **caller.checker)
    assert again == (409, "wallet.request_not_pending")

    sums = {
        row["code"]: row["balance"]
        for row in (await caller.get("/api/ledger/trial-balance")).json()["items"]
        if row["balance"]
    }
    assert sums == {"bank": 1_000, "wallet.cash": -850, "adjustments": -150}
    lines = (await caller.get(f"/api/wallet/{ada}/statement")).json()["items"]
    assert [(line["type"], line["amount"]["minor"]) for line in lines] == [
        ("wallet.funds_topped_up", 1_000),
        ("wallet.adjustment_held", -450),
        ("wallet.adjustment_held", -100),
        ("wallet.adjustment_credited", 300),
        ("wallet.adjustment_released", 100),
    ]
    journal = (await caller.get("/api/ledger/entries")).json()["items"]
    assert {entry["rule"] for entry in journal} >= {
        "wallet.adjustment_credit",
        "wallet.adjustment_debit",
    }
    happened = (await caller.get(f"/api/wallet/{ada}/history")).json()["items"]
    assert happened[1]["type"] == "wallet.adjustment_debited"


async def test_an_adjustment_stands_in_the_queue_with_its_reason_and_its_code(shop: Api) -> None:
    caller = Shop(shop)
    ada = await caller.wallet("cus_ada1", 1_000)
    name = await caller.adjust(ada, "debit", 100)
    (one,) = (await caller.get("/api/wallet/requests?kind=adjustment")).json()["items"]
    told = {"request_id": name, "kind": "adjustment", "direction": "debit", "state": "pending"}
    assert one.items() >= (told | {"reason_code": "correction", "reference": WHY}).items()
    await caller.decide(name, "reject", reason="canary: it was not")
    seen = (await caller.get(f"/api/wallet/requests/{name}")).json()
    assert (seen["reference"], seen["reason"]) == (WHY, "canary: it was not")
    blind = {"X-API-Key": shop.key(staff_id="stf_blind1", scopes=("wallet.read",))}
    seen = (await caller.get(f"/api/wallet/requests/{name}", **blind)).json()
    assert (seen["reference"], seen["reason"], seen["reason_code"]) == (None, None, "correction")
    assert "canary" not in (await caller.get("/api/events")).text
    assert b"canary" not in shop.lines()
    assert (await caller.decide(await caller.adjust(ada, "credit", 1), "cancel")) | {
        "request_id": ""
    } == {"request_id": "", "state": "cancelled", "entry_id": None}


async def test_a_customer_sees_what_came_of_it_and_nothing_of_what_staff_said(shop: Api) -> None:
    caller = Shop(shop)
    ada = await caller.wallet("cus_ada1", 1_000)
    name = await caller.adjust(ada, "debit", 100)
    own = {"Defter-Act-For": "cus_ada1"}
    top_up = await caller.post(
        f"/api/wallet/{ada}/topup-requests", {"amount": LIRA | {"minor": 5}}, **own
    )
    listed = (await caller.get(f"/api/wallet/{ada}/requests", **own)).json()["items"]
    assert [one["request_id"] for one in listed] == [top_up["request_id"]]
    listed = (await caller.get(f"/api/wallet/{ada}/requests")).json()["items"]
    assert [one["request_id"] for one in listed] == [name, top_up["request_id"]]
    path = f"/api/wallet/requests/{name}"
    assert (await caller.get(path, **own)).json()["code"] == "wallet.request_not_found"
    hidden = await caller.refused(f"{path}/cancel", {}, **own)
    assert hidden == (404, "wallet.request_not_found")
    asked = f"/api/wallet/{ada}/adjustment-requests"
    body = body_of("credit", 1)
    assert await caller.refused(asked, body, **own) == (403, "auth.staff_only")
    poor = {"X-API-Key": shop.key(scopes=("wallet.read", "wallet.fund", "wallet.request"))}
    assert await caller.refused(asked, body, **poor) == (403, "auth.permission_missing")
    assert (await caller.get(f"/api/wallet/{ada}", **own)).json()["held"]["minor"] == 100


async def test_a_debit_never_takes_what_is_not_there(shop: Api) -> None:
    caller = Shop(shop)
    ada = await caller.wallet("cus_ada1", 100)
    await caller.post(f"/api/wallet/{ada}/bonus", _bonus(50))
    asked = f"/api/wallet/{ada}/adjustment-requests"
    assert await caller.refused(asked, body_of("debit", 101)) == (409, "wallet.insufficient_funds")
    assert await caller.money(ada) == (100, 0)


def _bonus(minor: int) -> dict[str, Any]:
    return {"amount": LIRA | {"minor": minor}, "campaign": "spring"}


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"direction": "sideways"}, "/direction", "field.unknown_choice"),
        ({"reason_code": "because"}, "/reason_code", "field.unknown_choice"),
        ({"reason": ""}, "/reason", "field.wrong_length"),
        ({"amount": LIRA | {"minor": -5}}, "/amount/minor", "field.out_of_range"),
    ],
)
async def test_what_can_not_be_read_is_refused_with_its_place(
    api: Api, changes: dict[str, object], pointer: str, code: str
) -> None:
    path = "/api/wallet/wal_0001/adjustment-requests"
    answer = await api.post(path, body_of("credit", 1, **changes), **{"Idempotency-Key": "k"})
    assert field_of(answer) == (pointer, code)
    keyless = await api.post(path, body_of("credit", 1))
    assert (keyless.status_code, keyless.json()["code"]) == (400, "request.idempotency_key_missing")
    assert api.sender.sent == []
