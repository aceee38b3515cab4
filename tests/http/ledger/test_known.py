"""WLT-13: what the books said on a day, as it was known then and as it is known now."""

from typing import Any

import pytest

from tests.http.conftest import Api
from tests.http.test_month_end import JANUARY, PERIODS, Finance, by_hand
from tests.http.test_whole import LIRA, shop

__all__ = ["shop"]

pytestmark = pytest.mark.row("WLT-13")

END = "2026-01-31"
BANK = "/api/ledger/accounts/bank"


class Auditor(Finance):
    """Asks what was known."""

    async def asks(self, path: str, **query: object) -> dict[str, Any]:
        """Ask without saying how far it has to be read."""
        words = "&".join(f"{name}={value}" for name, value in query.items())
        answer = await self.get(f"{path}?{words}", **{"Defter-Min-Position": "0"})
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def bank(self, known_at: object, as_of: str = END) -> int:
        """Give what the bank had, asked in four ways that must agree."""
        query = {"as_of": as_of, "known_at": known_at}
        alone = await self.asks(f"{BANK}/balance", **query)
        [balance] = alone["balances"] or [{"balance": 0}]
        trial = await self.asks("/api/ledger/trial-balance", **query)
        chart = await self.asks("/api/ledger/accounts", **query)
        register = await self.asks(f"{BANK}/register", **query)
        assert trial["balanced"]
        assert {one["known"]["position"] for one in (alone, trial, chart, register)} == {
            alone["known"]["position"]
        }
        told = {row["code"]: row["balance"] for row in trial["items"]}
        [listed] = [one["balances"] for one in chart["items"] if one["code"] == "bank"]
        lines = sum(line["amount"]["minor"] for line in register["items"])
        assert balance["balance"] == told.get("bank", 0) == sum(one["balance"] for one in listed)
        assert balance["balance"] == register["closing"]["minor"] == lines
        return balance["balance"]


async def test_late_facts_change_what_is_known_and_not_what_was_known(shop: Api) -> None:
    ada = Auditor(shop)
    known: dict[str, tuple[str, int]] = {"nothing": ("0", 0)}

    async def then(name: str, minor: int) -> None:
        known[name] = (ada.position, minor)
        for position, balance in known.values():
            assert await ada.bank(position) == balance

    first = await ada.post("/api/ledger/entries", by_hand(1_000, "2026-01-20"))
    await then("booked", 1_000)
    await ada.post("/api/ledger/entries", by_hand(70, END))
    await then("a late fact", 1_070)
    path = f"/api/ledger/entries/{first['entry_id']}/reversals"
    await ada.post(path, {"effective_on": "2026-01-21"})
    await then("a reversal that counts earlier", 70)
    await ada.post("/api/ledger/entries", by_hand(5, "2026-02-01"))
    await then("a fact of another month", 70)
    await ada.decide(JANUARY, "closing")
    await ada.decide(JANUARY, "seal")
    await ada.post("/api/ledger/entries", by_hand(300, "2026-01-15", late="adjust"))
    await then("an adjustment of the sealed month, which counts today", 70)
    await ada.decide(JANUARY, "reopen-request", reason="an invoice was forgotten")
    bora = {"X-API-Key": shop.key(staff_id="stf_bora")}
    await ada.post(f"{PERIODS}/{JANUARY}/reopen", {}, **bora)
    await ada.post("/api/ledger/entries", by_hand(-20, "2026-01-05"))
    await then("an entry of the reopened month", 50)
    assert await ada.bank(ada.position, as_of="9999-12-31") == 355
    assert await ada.bank(known["a late fact"][0], as_of="2026-01-20") == 1_000


async def test_a_moment_and_a_day_lead_to_the_position_that_was_the_last_by_then(
    shop: Api,
) -> None:
    ada = Auditor(shop)
    positions: dict[str, int] = {}
    for minor in (100, 20, 3):
        await ada.post("/api/ledger/entries", by_hand(minor, "2026-01-20"))
        told = await ada.asks(f"{BANK}/balance", known_at=ada.position)
        assert told["known"]["position"] == int(ada.position)
        positions[told["known"]["recorded_at"]] = int(ada.position)
    for moment, position in positions.items():
        told = await ada.asks(f"{BANK}/balance", known_at=moment.replace("+", "%2B"))
        assert told["known"] == {"position": position, "recorded_at": moment}
    before = await ada.asks(f"{BANK}/balance", known_at="2026-01-20")
    assert before["known"] == {"position": 0, "recorded_at": None}
    assert before["balances"] == []
    for ever in ("9999-12-31", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59-12:00"):
        assert (await ada.asks(f"{BANK}/balance", known_at=ever))["balances"][0]["balance"] == 123
    now = await ada.asks(f"{BANK}/balance", min_position=ada.position)
    assert (now["as_of"], now["known"]["position"]) == (None, int(ada.position))


async def test_what_a_wallet_had_is_told_by_its_accounts(shop: Api) -> None:
    ada = Auditor(shop)
    wallet = await ada.wallet("cus_ada1")
    path = f"/api/wallet/{wallet}"
    topped = {"amount": LIRA | {"minor": 900}, "effective_on": "2026-01-30"}
    await ada.post(f"{path}/top-ups", topped)
    early = ada.position
    await ada.post(f"{path}/top-ups", topped | {"amount": LIRA | {"minor": 50}})
    await ada.post(f"{path}/holds", {"amount": LIRA | {"minor": 100}, "reference": "order 7"})

    async def had(**query: object) -> list[int]:
        told = await ada.asks(f"{path}/balance", **query)
        return [told[name]["minor"] for name in ("available", "held", "bonus")]

    now = (await ada.get(path)).json()
    assert await had(min_position=ada.position) == [850, 100, 0]
    assert [now[name]["minor"] for name in ("available", "held", "bonus")] == [850, 100, 0]
    assert await had(as_of=END, known_at=ada.position) == [950, 0, 0]
    assert await had(as_of=END, known_at=early) == [900, 0, 0]
    assert await had(as_of="2026-01-29", known_at=early) == [0, 0, 0]
    statement = await ada.asks(f"{path}/statement", as_of=END, known_at=early)
    assert [line["amount"]["minor"] for line in statement["items"]] == [900]
    assert statement["known"]["position"] == int(early)
    stranger = {"Defter-Act-For": "cus_bora"}
    other = await ada.get(f"{path}/balance", **stranger)
    assert (other.status_code, other.json()["code"]) == (404, "wallet.not_found")


@pytest.mark.parametrize(
    "wrong",
    ["", "yesterday", "-1", "1.5", "1e3", "2026-02-30", "2026-1-1", "2026-01-01T25:00Z", "9" * 19],
)
async def test_what_names_no_knowledge_is_refused(shop: Api, wrong: str) -> None:
    answer = await Auditor(shop).get(f"{BANK}/balance?known_at={wrong}")
    assert (answer.status_code, answer.json()["code"]) == (422, "request.invalid")
    assert answer.json()["errors"][0]["code"] == "field.not_a_moment"


async def test_what_the_log_does_not_hold_yet_is_not_known(shop: Api) -> None:
    ada = Auditor(shop)
    await ada.post("/api/ledger/entries", by_hand(1, END))
    for path in (f"{BANK}/balance", "/api/ledger/trial-balance", f"{BANK}/register"):
        answer = await ada.get(f"{path}?known_at={int(ada.position) + 1}")
        assert (answer.status_code, answer.json()["code"]) == (422, "ledger.not_known_yet")
    nothing = await ada.get("/api/ledger/accounts/none/balance")
    assert (nothing.status_code, nothing.json()["code"]) == (422, "ledger.unknown_account")
