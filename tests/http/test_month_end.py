"""WLT-13: a month with late postings is closed, sealed, reopened and sealed again over HTTP."""

import io
from typing import Any
from uuid import uuid4

import httpx
import pytest

from infrastructure.event_log.keyring import MasterKeys
from infrastructure.event_log.writing.writer import Writer
from infrastructure.postgres.reads import Reads
from interfaces.http.app import create_app
from tests.http.conftest import MASTER_KEY, PEER, Api, services_for, settings_for
from tests.http.fakes import KnownKeys
from tests.http.test_whole import LIRA, Caller, found, shop

__all__ = ["shop"]

pytestmark = pytest.mark.row("WLT-13")

DECEMBER, JANUARY, FEBRUARY = "2025-12", "2026-01", "2026-02"
PERIODS = "/api/ledger/periods"


def by_hand(minor: int, day: str | None = None, **more: str) -> dict[str, Any]:
    lines = [
        {"account": "bank", "amount": LIRA | {"minor": minor}},
        {"account": "sales", "amount": LIRA | {"minor": -minor}},
    ]
    return {"postings": lines, **({"effective_on": day} if day else {}), **more}


class Finance(Caller):
    """Closes months."""

    async def decide(self, period: str, what: str, **body: str) -> dict[str, Any]:
        return await self.post(f"{PERIODS}/{period}/{what}", body)

    async def refusal(self, path: str, body: object, **headers: str) -> tuple[int, str]:
        answer = await self.api.post(path, body, **{"Idempotency-Key": uuid4().hex} | headers)
        return answer.status_code, answer.json()["code"]

    async def months(self) -> dict[str, dict[str, Any]]:
        items = (await self.get(PERIODS)).json()["items"]
        return {item["period"]: item for item in items}


async def test_a_month_with_late_postings_is_sealed(shop: Api) -> None:
    ada = Finance(shop)
    wallet = await ada.wallet("cus_ada1")
    topped = {"amount": LIRA | {"minor": 5_000}, "effective_on": "2026-01-10"}
    await ada.post(f"/api/wallet/{wallet}/top-ups", topped)
    await ada.post("/api/ledger/entries", by_hand(300, "2025-12-31"))
    await ada.post("/api/ledger/entries", by_hand(40, "2026-02-03"))

    ready = (await ada.get(f"{PERIODS}/{JANUARY}")).json()
    assert (ready["state"], ready["entries"], ready["in_the_way"]) == ("open", 1, [])
    begun = await ada.decide(JANUARY, "closing")
    assert begun["closing_id"].startswith("cls_")
    late = by_hand(70, "2026-01-31")
    assert await ada.refusal("/api/ledger/entries", late) == (409, "ledger.period_closing")
    assert (await ada.months())[DECEMBER]["state"] == "closing"

    sealed = await ada.decide(JANUARY, "seal")
    assert sealed["up_to"] == int(ada.position) - 1
    late = by_hand(70, "2026-01-31", late="refuse")
    assert await ada.refusal("/api/ledger/entries", late) == (409, "ledger.period_sealed")
    adjusting = by_hand(70, "2026-01-31", late="adjust")
    entry_id = (await ada.post("/api/ledger/entries", adjusting))["entry_id"]

    entry = (await ada.get(f"/api/ledger/entries/{entry_id}")).json()
    assert entry["adjusts"] == JANUARY
    assert entry["effective_on"] > "2026-02-03"
    register = (await ada.get("/api/ledger/accounts/bank/register")).json()["items"]
    assert [line["adjusts"] for line in register] == [None, None, None, JANUARY]
    months = await ada.months()
    january = months[JANUARY]
    assert (january["state"], january["entries"], january["adjustments"]) == ("sealed", 1, 1)
    assert (january["digest"], january["up_to"]) == (sealed["digest"], sealed["up_to"])
    assert january["changed_by"].startswith("stf_")
    assert (months[DECEMBER]["state"], months[DECEMBER]["digest"]) == ("sealed", None)
    assert months[FEBRUARY]["state"] == "open"
    balance = (await ada.get("/api/ledger/trial-balance?as_of=2026-01-31")).json()
    sums = {row["code"]: (row["debit"], row["credit"]) for row in balance["items"]}
    assert sums == {"bank": (5_300, 0), "sales": (0, 300), "wallet.cash": (0, 5_000)}


async def test_a_sealed_month_is_reopened_by_two_people(shop: Api) -> None:
    ada, path = Finance(shop), f"{PERIODS}/{JANUARY}"
    await ada.decide(JANUARY, "closing")
    await ada.decide(JANUARY, "seal")
    bora = {"X-API-Key": shop.key(staff_id="stf_bora")}
    assert await ada.refusal(f"{path}/reopen", {}, **bora) == (
        409,
        "ledger.reopening_not_requested",
    )
    assert await ada.refusal(f"{path}/reopen-request", {}) == (422, "request.invalid")
    await ada.decide(JANUARY, "reopen-request", reason="canary: an invoice was forgotten")
    assert await ada.refusal(f"{path}/reopen", {}) == (403, "ledger.own_request")
    assert (await ada.months())[JANUARY]["reopening_requested_by"].startswith("stf_")
    feed = await ada.get("/api/events?type=ledger.reopening_requested")
    assert "canary" not in feed.text
    await ada.post(f"{path}/reopen", {}, **bora)
    january = (await ada.months())[JANUARY]
    assert (january["state"], january["changed_by"]) == ("open", "stf_bora")
    assert january["reopening_requested_by"] is None
    await ada.post("/api/ledger/entries", by_hand(70, "2026-01-31"))
    older = by_hand(70, "2025-12-31")
    assert await ada.refusal("/api/ledger/entries", older) == (409, "ledger.period_sealed")
    await ada.decide(JANUARY, "closing")
    await ada.decide(JANUARY, "seal")
    assert (await ada.months())[JANUARY]["state"] == "sealed"


async def test_a_month_says_what_stands_in_the_way_of_closing_it(shop: Api) -> None:
    ada = Finance(shop)

    async def in_the_way(period: str) -> list[str]:
        seen = (await ada.get(f"{PERIODS}/{period}")).json()
        return [one["code"] for one in seen["in_the_way"]]

    assert await in_the_way("2999-01") == ["ledger.period_not_over"]
    assert await in_the_way(JANUARY) == []
    await ada.decide(JANUARY, "closing")
    assert await in_the_way(JANUARY) == []
    assert await in_the_way(FEBRUARY) == ["ledger.period_closing"]
    await ada.decide(JANUARY, "cancel")
    await ada.decide(JANUARY, "closing")
    await ada.decide(JANUARY, "seal")
    assert await in_the_way(JANUARY) == ["ledger.period_sealed"]
    assert await in_the_way("2026-03") == ["ledger.period_out_of_order"]
    assert (await ada.get(f"{PERIODS}/2026-13")).status_code == 404


async def test_what_is_not_closing_is_not_sealed(shop: Api) -> None:
    ada, path = Finance(shop), f"{PERIODS}/{JANUARY}"
    assert await ada.refusal(f"{path}/seal", {}) == (409, "ledger.period_not_closing")
    assert await ada.refusal(f"{path}/cancel", {}) == (409, "ledger.period_not_closing")
    once = {"Idempotency-Key": "close"}
    first = await ada.decide(JANUARY, "closing")
    sealed = await ada.post(f"{path}/seal", {}, **once)
    again = await ada.post(f"{path}/seal", {}, **once)
    assert first["period"] == JANUARY
    assert again == sealed
    assert await ada.refusal(f"{path}/seal", {}) == (409, "ledger.period_not_closing")


async def test_months_are_closed_by_staff_with_that_permission(shop: Api) -> None:
    poor = {"X-API-Key": shop.key(scopes=("ledger.read", "ledger.post"))}
    ada = Finance(shop)
    for what in ("closing", "cancel", "seal", "reopen-request", "reopen"):
        path = f"{PERIODS}/{JANUARY}/{what}"
        assert await ada.refusal(path, {}, **poor) == (403, "auth.permission_missing")
        acting = {"Defter-Act-For": "cus_ada1"}
        assert await ada.refusal(path, {}, **acting) == (403, "auth.staff_only")


async def test_refuses_to_seal_what_the_read_models_have_not_read(
    database_url: str, redis_url: str
) -> None:
    writer, reads = Writer(database_url, MasterKeys(MASTER_KEY)), Reads(database_url)
    await writer.start()
    await reads.open()
    directory = KnownKeys()
    settings = settings_for(redis_url, read_deadline_seconds=1)
    parts = {"sender": writer, "reads": reads, "directory": directory}
    services = services_for(settings, io.BytesIO(), **parts)
    transport = httpx.ASGITransport(create_app(services), client=(PEER, 40_000))
    async with httpx.AsyncClient(transport=transport, base_url="http://shop.test") as client:
        api = Api(client, writer, directory, services, io.BytesIO(), "")  # type: ignore[arg-type] - the real one
        api.secret = api.key(staff_id=await found(writer))
        ada = Finance(api)
        await ada.decide(JANUARY, "closing")  # nobody projects it
        behind = (503, "service.read_model_behind")
        assert await ada.refusal(f"{PERIODS}/{JANUARY}/seal", {}) == behind
        assert (await ada.get(f"{PERIODS}/{JANUARY}")).status_code == 503
    await writer.stop()
    await reads.close()
    await services.quota.close()
