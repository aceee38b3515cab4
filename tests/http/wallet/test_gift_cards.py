"""WLT-11: gift cards over HTTP: the code is shown once, and guessing it is stopped."""

import asyncio
from uuid import uuid4

import pytest

from infrastructure.wallet.gift_codes import ALPHABET, hashes_of, new_code, read, written
from interfaces.http.wallet.redemptions import GUESSES_PER_CALLER
from tests.http import test_whole
from tests.http.conftest import Api
from tests.http.fakes import OTHER, TENANT
from tests.http.test_whole import LIRA, Caller

pytestmark = pytest.mark.row("WLT-11")
shop = test_whole.shop

FIVE = {"amount": LIRA | {"minor": 500}}


def test_a_code_is_read_however_it_is_typed_and_one_wrong_character_is_noticed() -> None:
    code = new_code()
    assert read(written(code)) == read(f" {code.lower()} ") == code
    for place in range(len(code)):
        for letter in set(ALPHABET) - {code[place]}:
            assert read(code[:place] + letter + code[place + 1 :]) is None
    assert not {"0", "1", "I", "O"} & set(ALPHABET)


def test_a_code_is_kept_by_tenant_and_under_every_master_key() -> None:
    old, new, code = b"o" * 32, b"n" * 32, new_code()
    (before,) = hashes_of((old,), TENANT, code)
    after = hashes_of((new, old), TENANT, code)
    assert after[1] == before != after[0]
    assert before not in hashes_of((new, old), OTHER, code)
    assert code not in before


async def test_a_card_is_issued_redeemed_in_parts_and_voided(shop: Api) -> None:
    caller = Caller(shop)
    ada = await caller.wallet("cus_ada1")
    made = await caller.post("/api/wallet/gift-cards", FIVE)
    path = f"/api/wallet/{ada}/gift-cards/redeem"
    typed = made["code"].lower().replace("-", " ")
    part = {"code": typed, "amount": LIRA | {"minor": 120}}
    redeemed = await caller.post(path, part, **{"Defter-Act-For": "cus_ada1"})
    assert redeemed["remaining"] == LIRA | {"minor": 380}
    seen = (await caller.get(f"/api/wallet/gift-cards/{made['card_id']}")).json()
    assert (seen["status"], seen["hint"]) == ("open", made["hint"])
    assert made["hint"] == f"…{made['code'][-4:]}"
    (redemption,) = seen["redemptions"]
    assert (redemption["wallet_id"], redemption["amount"]["minor"]) == (ada, 120)
    await caller.post(f"/api/wallet/gift-cards/{made['card_id']}/void", {"reason": "sold twice"})
    listed = (await caller.get("/api/wallet/gift-cards?limit=1")).json()
    assert [(one["status"], one["remaining"]["minor"]) for one in listed["items"]] == [
        ("voided", 0)
    ]
    assert (await caller.get("/api/wallet/gift-cards?only_open=true")).json()["items"] == []
    balance = (await caller.get("/api/ledger/trial-balance")).json()
    sums = {row["code"]: row["balance"] for row in balance["items"] if row["balance"]}
    assert sums == {"bank": 120, "wallet.cash": -120}
    feed = (await caller.get("/api/events")).text
    assert made["code"].replace("-", "") not in feed
    assert "sold twice" not in feed


async def test_a_code_is_shown_once(shop: Api) -> None:
    key = {"Idempotency-Key": uuid4().hex}
    first = (await shop.post("/api/wallet/gift-cards", FIVE, **key)).json()
    again = (await shop.post("/api/wallet/gift-cards", FIVE, **key)).json()
    assert read(first["code"]) is not None
    assert (again["card_id"], again["code"], again["hint"]) == (first["card_id"], None, None)


async def test_customers_see_no_cards_and_need_the_permission_to_redeem(shop: Api) -> None:
    acting = {"Defter-Act-For": "cus_ada1"}
    caller = Caller(shop)
    assert (await caller.get("/api/wallet/gift-cards", **acting)).status_code == 403
    assert (await caller.get("/api/wallet/gift-cards/gft_none")).status_code == 404
    refused = await shop.post("/api/wallet/gift-cards", FIVE, **acting)
    assert (refused.status_code, refused.json()["code"]) == (403, "auth.staff_only")


async def test_a_mistyped_code_is_told_from_a_wrong_one(shop: Api) -> None:
    ada = await Caller(shop).wallet("cus_ada1")
    path, code = f"/api/wallet/{ada}/gift-cards/redeem", new_code()
    mistyped = code[:-1] + ("2" if code[-1] != "2" else "3")
    for typed in (mistyped, code[:-1], code + "2", "0" * 16, ""):
        answer = await shop.post(path, {"code": typed}, **{"Idempotency-Key": uuid4().hex})
        assert (answer.status_code, answer.json()["code"]) == (422, "request.invalid")
        assert not typed or typed not in answer.text


async def test_guesses_are_stopped_for_who_guesses_and_for_nobody_else(shop: Api) -> None:
    caller = Caller(shop)
    # Valkey outlives the test: customers that no other run has.
    first, second = f"cus_{uuid4().hex[:8]}", f"cus_{uuid4().hex[:8]}"
    ada, bora = await caller.wallet(first), await caller.wallet(second)
    code = (await caller.post("/api/wallet/gift-cards", FIVE))["code"]

    async def guess(wallet: str, customer: str, typed: str) -> tuple[int, str]:
        headers = {"Idempotency-Key": uuid4().hex, "Defter-Act-For": customer}
        path = f"/api/wallet/{wallet}/gift-cards/redeem"
        answer = await shop.post(path, {"code": typed}, **headers)
        assert answer.status_code != 429 or 1 <= int(answer.headers["retry-after"]) <= 900
        return answer.status_code, answer.json().get("code", "")

    # All at once, so that a count that lags behind would let more through.
    answers = await asyncio.gather(*(guess(ada, first, new_code()) for _ in range(30)))
    assert answers.count((404, "wallet.gift_card_not_found")) == GUESSES_PER_CALLER.burst
    assert answers.count((429, "wallet.gift_card_guesses_exceeded")) == 20
    assert (await guess(ada, first, code))[0] == 429, "not even the right one, now"
    assert (await guess(bora, second, code))[0] == 201
    assert await guess(bora, second, code) == (404, "wallet.gift_card_not_found")


async def test_a_card_that_has_ended_is_told_to_staff(shop: Api) -> None:
    caller = Caller(shop)
    ada = await caller.wallet("cus_ada1")
    code = (await caller.post("/api/wallet/gift-cards", FIVE))["code"]
    path = f"/api/wallet/{ada}/gift-cards/redeem"
    await caller.post(path, {"code": code})
    again = await shop.post(path, {"code": code}, **{"Idempotency-Key": uuid4().hex})
    assert (again.status_code, again.json()["code"]) == (409, "wallet.gift_card_ended")
