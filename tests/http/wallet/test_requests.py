"""Diagram 20 over HTTP (WLT-06, WLT-07, WLT-15): from the question to the bank and back."""

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from application.envelope import Actor, Envelope
from application.tenants.clock import AdvanceClock
from tests.http.conftest import Api
from tests.http.fakes import TENANT
from tests.http.test_bad_input import field_of
from tests.http.test_whole import LIRA, Caller, shop

__all__ = ["shop"]

pytestmark = [pytest.mark.row(code) for code in ("WLT-06", "WLT-07", "WLT-15")]

IBAN = "TR330006100519786457841326"


class Shop(Caller):
    """A customer, the staff member who enters what they ask for, and another who decides."""

    def __init__(self, api: Api) -> None:
        super().__init__(api)
        self.checker = {"X-API-Key": api.key(staff_id="stf_umut01")}
        self.blind = {"X-API-Key": api.key(staff_id="stf_blind1", scopes=("wallet.read",))}

    async def ask(self, wallet: str, what: str, minor: int, **body: object) -> str:
        path = f"/api/wallet/{wallet}/{what}"
        amount = {"amount": LIRA | {"minor": minor}}
        answer = await self.post(path, amount | body, **{"Defter-Act-For": "cus_ada1"})
        return answer["request_id"]

    async def decide(self, request_id: str, what: str, **body: object) -> dict[str, Any]:
        return await self.post(f"/api/wallet/requests/{request_id}/{what}", body, **self.checker)

    async def refused(self, request_id: str, what: str, **headers: str) -> str:
        path = f"/api/wallet/requests/{request_id}/{what}"
        given = {"Idempotency-Key": f"{request_id}-{what}-{len(headers)}"}
        answer = await self.api.post(path, {}, **given | headers)
        assert answer.status_code in {403, 404, 409, 422}, answer.text
        return answer.json()["code"]

    async def money(self, wallet: str) -> tuple[int, int]:
        seen = (await self.get(f"/api/wallet/{wallet}")).json()
        return seen["available"]["minor"], seen["held"]["minor"]

    async def states(self, wallet: str) -> list[tuple[str, str]]:
        listed = (await self.get(f"/api/wallet/{wallet}/requests")).json()["items"]
        return [(one["kind"], one["state"]) for one in listed]


async def test_money_in_is_credited_when_another_staff_member_approves(shop: Api) -> None:
    caller = Shop(shop)
    ada = await caller.wallet("cus_ada1", 500)
    paid, wrong, mistaken = [
        await caller.ask(ada, "topup-requests", 1_000, reference=f"EFT {n}") for n in range(3)
    ]
    assert await caller.money(ada) == (500, 0)
    await caller.post(f"/api/wallet/{ada}/holds", {"amount": LIRA | {"minor": 500}})
    assert await caller.refused(paid, "approve") == "wallet.own_request"
    assert (await caller.decide(paid, "approve"))["state"] == "approved"
    assert await caller.refused(paid, "approve", **caller.checker) == "wallet.request_not_pending"
    assert await caller.refused(paid, "reject") == "wallet.request_not_pending"
    assert await caller.refused(paid, "cancel") == "wallet.request_not_pending"
    await caller.decide(wrong, "reject", reason="no such EFT")
    await caller.post(
        f"/api/wallet/requests/{mistaken}/cancel", {}, **{"Defter-Act-For": "cus_ada1"}
    )
    assert await caller.money(ada) == (1_000, 500)
    assert await caller.states(ada) == [
        ("top_up", "approved"),
        ("top_up", "rejected"),
        ("top_up", "cancelled"),
    ]
    seen = (await caller.get(f"/api/wallet/requests/{wrong}")).json()
    assert (seen["reference"], seen["reason"]) == ("EFT 1", "no such EFT")
    assert seen["decided_by"] == "stf_umut01"
    journal = (await caller.get("/api/ledger/entries")).json()["items"]
    entry_id = journal[-1]["entry_id"]
    await caller.post(f"/api/ledger/entries/{entry_id}/reversals", {"reason": "entered twice"})
    assert await caller.money(ada) == (0, 500)


async def test_money_out_is_held_approved_paid_and_may_come_back(shop: Api) -> None:
    caller = Shop(shop)
    ada = await caller.wallet("cus_ada1", 1_000)
    spaced = " ".join(IBAN[n : n + 4] for n in range(0, len(IBAN), 4))
    names = [await caller.ask(ada, "withdrawals", 200, iban=spaced) for _ in range(4)]
    refused, sent, returned, turned_down = names
    assert await caller.money(ada) == (200, 800)
    await caller.decide(refused, "reject")
    for name in names[1:]:
        await caller.decide(name, "approve")
    assert await caller.money(ada) == (400, 600)
    await caller.decide(sent, "paid", bank_reference="EFT 9")
    await caller.decide(returned, "paid", bank_reference="EFT 10")
    await caller.decide(returned, "bounced", reason="account closed")
    await caller.decide(turned_down, "bounced")
    assert await caller.money(ada) == (800, 0)
    assert await caller.refused(sent, "paid") == "wallet.withdrawal_not_approved"
    assert await caller.refused(returned, "bounced") == "wallet.withdrawal_not_approved"
    assert [state for _, state in await caller.states(ada)] == [
        *("rejected", "paid", "bounced", "bounced")
    ]
    balance = (await caller.get("/api/ledger/trial-balance")).json()
    sums = {row["code"]: row["balance"] for row in balance["items"] if row["balance"]}
    assert sums == {"bank": 800, "wallet.cash": -800}


async def test_the_queue_tells_ages_oldest_first_and_goes_on_over_pages(shop: Api) -> None:
    caller = Shop(shop)
    ada = await caller.wallet("cus_ada1", 1_000)
    first = await caller.ask(ada, "topup-requests", 100)
    second = await caller.ask(ada, "withdrawals", 100, iban=IBAN)
    third = await caller.ask(ada, "topup-requests", 100)
    found: list[str] = []
    path = "/api/wallet/requests?limit=2"
    page = (await caller.get(path)).json()
    found += [one["request_id"] for one in page["items"]]
    assert all(0 <= one["age_seconds"] < 60 for one in page["items"])
    page = (await caller.get(f"{path}&cursor={page['next_cursor']}")).json()
    found += [one["request_id"] for one in page["items"]]
    assert (found, page["next_cursor"]) == ([first, second, third], None)
    only = (await caller.get("/api/wallet/requests?kind=withdrawal")).json()["items"]
    assert [one["request_id"] for one in only] == [second]
    assert (await caller.get("/api/wallet/requests?state=approved")).json()["items"] == []
    odd = await caller.get("/api/wallet/requests?state=lost")
    assert (odd.status_code, odd.json()["errors"][0]["code"]) == (422, "field.unknown_choice")


async def test_the_age_is_told_by_the_tenant_s_own_clock(shop: Api) -> None:
    caller = Shop(shop)
    ada = await caller.wallet("cus_ada1", 1_000)
    name = await caller.ask(ada, "topup-requests", 100)
    later = AdvanceClock(datetime.now(UTC) + timedelta(days=10))
    envelope = Envelope(TENANT, uuid4(), b"h" * 32, later, Actor("system"), "clock")
    caller.position = str((await shop.services.sender.send(envelope)).position)
    seen = (await caller.get(f"/api/wallet/requests/{name}")).json()
    assert 10 * 86_400 - 60 < seen["age_seconds"] <= 10 * 86_400


async def test_an_iban_is_seen_in_full_only_with_the_permission(shop: Api) -> None:
    caller = Shop(shop)
    ada = await caller.wallet("cus_ada1", 1_000)
    name = await caller.ask(ada, "withdrawals", 100, iban=IBAN, reference="canary words")
    path = f"/api/wallet/requests/{name}"
    full, tail = (await caller.get(path)).json(), (await caller.get(path, **caller.blind)).json()
    assert (full["iban"], full["iban_tail"]) == (IBAN, "1326")
    assert (tail["iban"], tail["iban_tail"], tail["reference"]) == (None, "1326", None)
    feed = (await caller.get("/api/events")).text
    assert IBAN not in feed
    assert "canary" not in feed
    assert IBAN.encode() not in shop.lines()


@pytest.mark.parametrize(
    "iban", ["TR330006100519786457841327", "TR33", "XX330006100519786457841326", "hello"]
)
async def test_an_iban_with_a_wrong_digit_is_refused_before_anything_is_held(
    api: Api, iban: str
) -> None:
    body = {"amount": LIRA | {"minor": 1}, "iban": iban}
    answer = await api.post("/api/wallet/wal_0001/withdrawals", body, **{"Idempotency-Key": "k"})
    assert field_of(answer) == ("/iban", "field.not_an_iban")
    assert iban not in answer.text
    assert api.sender.sent == []


async def test_a_customer_sees_and_cancels_only_their_own_and_never_decides(shop: Api) -> None:
    caller = Shop(shop)
    ada = await caller.wallet("cus_ada1", 1_000)
    name = await caller.ask(ada, "topup-requests", 100)
    bora, own = {"Defter-Act-For": "cus_bora"}, {"Defter-Act-For": "cus_ada1"}
    path = f"/api/wallet/requests/{name}"
    assert (await caller.get(path, **bora)).json()["code"] == "wallet.request_not_found"
    assert (await caller.get(path, **own)).json()["state"] == "pending"
    assert await caller.refused(name, "cancel", **bora) == "wallet.request_not_found"
    for what in ("approve", "reject", "paid", "bounced"):
        assert await caller.refused(name, what, **caller.checker, **own) == "auth.staff_only"
    assert (await caller.get("/api/wallet/requests", **own)).json()["code"] == "auth.staff_only"


async def test_below_the_threshold_one_person_is_enough(shop: Api) -> None:
    caller = Shop(shop)
    ada = await caller.wallet("cus_ada1", 1_000)
    body = {"above": LIRA | {"minor": 100}}
    await caller.post("/api/wallet/approval-thresholds", body)
    small = await caller.ask(ada, "withdrawals", 100, iban=IBAN)
    large = await caller.ask(ada, "withdrawals", 101, iban=IBAN)
    await caller.post(f"/api/wallet/requests/{small}/approve", {})
    assert await caller.refused(large, "approve") == "wallet.own_request"
    listed = (await caller.get("/api/wallet/approval-thresholds")).json()["items"]
    assert [one["above"] for one in listed] == [LIRA | {"minor": 100}]


async def test_the_payout_file_holds_what_is_approved_and_not_yet_paid(shop: Api) -> None:
    caller = Shop(shop)
    ada = await caller.wallet("cus_ada1", 1_000)
    named = await caller.ask(ada, "withdrawals", 250, iban=IBAN, reference="rent")
    plain = await caller.ask(ada, "withdrawals", 5, iban=IBAN)
    paid = await caller.ask(ada, "withdrawals", 100, iban=IBAN)
    await caller.ask(ada, "withdrawals", 100, iban=IBAN)
    for name in (named, plain, paid):
        await caller.decide(name, "approve")
    await caller.decide(paid, "paid")
    path = "/api/wallet/requests/payout-file"
    table = await caller.get(path)
    assert table.headers["content-type"].startswith("text/csv")
    rows = [tuple(row.values()) for row in csv.DictReader(io.StringIO(table.text))]
    assert rows == [
        (named, IBAN, "2.50", "250", "TRY", "rent"),
        (plain, IBAN, "0.05", "5", "TRY", plain),
    ]
    assert len((await caller.get(f"{path}?currency=EUR")).text.splitlines()) == 1
    key = shop.key(staff_id="stf_blind1", scopes=("wallet.approve",))
    closed = await caller.get(path, **{"X-API-Key": key})
    assert (closed.status_code, closed.json()["facts"]) == (403, {"permission": "pii.read"})
