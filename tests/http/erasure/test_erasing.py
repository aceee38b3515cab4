"""USR-10: who may erase whom over REST, and when the answer is no."""

import re
from uuid import uuid4

import psycopg
import pytest

from infrastructure.users.forgetting import STATEMENTS
from tests.http import test_whole
from tests.http.conftest import Api
from tests.http.fakes import OTHER, TENANT, RecordingForgetter
from tests.http.test_whole import LIRA, Caller

pytestmark = pytest.mark.row("USR-10")

shop = test_whole.shop

ADA = "cus_ada1"
PATH, OWN = f"/api/customers/{ADA}/erasure", "/api/users/me/erasure"
WHY = {"reason": "asked"}


def key() -> dict[str, str]:
    return {"Idempotency-Key": uuid4().hex}


async def test_staff_erase_a_person_once_nothing_of_theirs_is_left(shop: Api) -> None:
    caller = Caller(shop)
    await caller.post("/api/customers", {"customer_id": ADA, "name": "Ada"})
    wallet = await caller.wallet(ADA, 500)
    left = await shop.post(PATH, WHY, **key())
    assert (left.status_code, left.json()["code"]) == (409, "users.money_left")
    assert left.json()["facts"] == {"wallet_id": wallet, "available": 500, "held": 0, "bonus": 0}
    bora = await caller.wallet("cus_bora")
    body = {"source": wallet, "target": bora, "amount": LIRA | {"minor": 500}}
    await caller.post("/api/wallet/transfers", body)
    again = {"Idempotency-Key": "once"}
    done = await shop.post(PATH, WHY, **again)
    assert (done.status_code, done.json()["customer_id"]) == (201, ADA)
    repeated = await shop.post(PATH, WHY, **again)
    assert (repeated.status_code, repeated.json()) == (201, done.json())
    assert repeated.headers["idempotent-replay"] == "true"
    forgetting = shop.services.forgetting
    assert isinstance(forgetting, RecordingForgetter)
    assert forgetting.forgotten == [(TENANT, ADA)] * 2
    gone = await shop.post(PATH, WHY, **key())
    assert (gone.status_code, gone.json()["code"]) == (404, "users.customer_not_found")
    taken = await shop.post("/api/customers", {"customer_id": ADA})
    assert (taken.status_code, taken.json()["code"]) == (409, "users.customer_exists")


async def test_an_open_request_keeps_a_person_known(shop: Api) -> None:
    caller = Caller(shop)
    await caller.post("/api/customers", {"customer_id": ADA})
    wallet = await caller.wallet(ADA)
    path = f"/api/wallet/{wallet}/topup-requests"
    asked = await caller.post(path, {"amount": LIRA | {"minor": 5}})
    no = await shop.post(PATH, WHY, **key())
    assert (no.status_code, no.json()["code"]) == (409, "users.money_left")
    assert no.json()["facts"] == {"request_id": asked["request_id"]}
    await caller.post(f"/api/wallet/requests/{asked['request_id']}/cancel", {})
    assert (await shop.post(PATH, WHY, **key())).status_code == 201


async def test_nobody_is_erased_by_whoever_may_not(shop: Api) -> None:
    await Caller(shop).post("/api/customers", {"customer_id": ADA})
    for headers, status, code in (
        ({"X-API-Key": shop.key(scopes=("users.manage",))}, 403, "auth.permission_missing"),
        ({"Defter-Act-For": ADA}, 403, "auth.staff_only"),
        ({"X-API-Key": shop.key(tenant_id=OTHER, slug="other")}, 404, "users.customer_not_found"),
    ):
        answer = await shop.post(PATH, WHY, **key(), **headers)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    answer = await shop.post(PATH, WHY)
    assert (answer.status_code, answer.json()["code"]) == (400, "request.idempotency_key_missing")
    for body, code in (({}, "field.required"), ({"reason": "Ada is rude"}, "field.unknown_choice")):
        answer = await shop.post(PATH, body, **key())
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, code)
    assert (await Caller(shop).get(f"/api/customers/{ADA}")).status_code == 200


async def test_staff_do_not_erase_themselves_as_customers(shop: Api) -> None:
    for headers in ({}, {"Defter-Act-For": ADA}):
        answer = await shop.post(OWN, {"confirm": True}, **key(), **headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "auth.customers_only")


def test_every_table_with_a_persons_id_is_forgotten(database_url: str) -> None:
    """A table that gets one without a statement here fails this test."""
    named = set(re.findall(r"(?:FROM|UPDATE) defter\.(\w+)", b"".join(STATEMENTS).decode()))
    with psycopg.connect(database_url) as owner:
        rows = owner.execute(
            "SELECT table_name FROM information_schema.columns"
            " WHERE table_schema = 'defter' AND column_name = 'person_id'"
        ).fetchall()
    assert {"credentials", "refresh_tokens", "mailed_links"} <= {row[0] for row in rows} <= named
