"""What a question may say about positions, and what no text may hold."""

import pytest

from interfaces.http.routing.query import POSITION_DIGITS_MAX, POSITION_MAX
from tests.http import test_whole
from tests.http.conftest import Api
from tests.http.test_whole import Caller

shop = test_whole.shop

WALLETS = "/api/wallet"
NAMES = {WALLETS: "owner", "/api/audit": "actor", "/api/customers/search": "q"}
AT_ONCE = {"read_deadline_seconds": 0.05}


@pytest.mark.parametrize(
    "header",
    ["", "-1", "+1", "1.0", "1e3", "0x10", "one", "1 2", "1,2", "9" * (POSITION_DIGITS_MAX + 1)],
)
async def test_a_position_that_is_no_number_is_refused(shop: Api, header: str) -> None:
    answer = await Caller(shop).get(WALLETS, **{"Defter-Min-Position": header})
    assert (answer.status_code, answer.json()["code"]) == (400, "request.min_position_invalid")


async def test_it_is_refused_where_the_answer_does_not_wait_for_it_either(shop: Api) -> None:
    answer = await Caller(shop).get("/api/keys", **{"Defter-Min-Position": "T"})
    assert (answer.status_code, answer.json()["code"]) == (400, "request.min_position_invalid")


@pytest.mark.parametrize("asked", ["-1", "9223372036854775808", "one", "1.5"])
async def test_nor_is_one_in_the_query_string(shop: Api, asked: str) -> None:
    answer = await Caller(shop).get(f"{WALLETS}?min_position={asked}")
    assert (answer.status_code, answer.json()["code"]) == (422, "request.invalid")


async def test_a_position_that_no_log_has_is_waited_for_and_then_said_not_to_be_there(
    shop: Api,
) -> None:
    caller = Caller(shop)
    await caller.wallet("cus_ada1")
    object.__setattr__(shop.services, "settings", shop.services.settings.model_copy(update=AT_ONCE))
    for given in ({"Defter-Min-Position": "9" * POSITION_DIGITS_MAX}, {}):
        path = WALLETS if given else f"{WALLETS}?min_position={POSITION_MAX}"
        answer = await caller.get(path, **given)
        assert answer.status_code == 503
        assert "retry-after" in answer.headers
    behind = str(int(caller.position) + 1)
    assert (await caller.get(WALLETS, **{"Defter-Min-Position": behind})).status_code == 503


async def test_what_the_log_has_is_answered(shop: Api) -> None:
    caller = Caller(shop)
    await caller.wallet("cus_ada1")
    for given in ("0", "000", caller.position):
        assert (await caller.get(WALLETS, **{"Defter-Min-Position": given})).status_code == 200


@pytest.mark.parametrize("path", NAMES)
@pytest.mark.parametrize("text", ["%00", "cus_%00ada1", "a%00"])
async def test_a_nul_in_a_question_is_refused_before_the_database_sees_it(
    shop: Api, path: str, text: str
) -> None:
    answer = await Caller(shop).get(f"{path}?{NAMES[path]}={text}")
    assert (answer.status_code, answer.json()["code"]) == (422, "request.invalid")
    [error] = answer.json()["errors"]
    assert (error["pointer"], error["code"]) == (f"/{NAMES[path]}", "field.not_printable")


async def test_a_nul_in_a_path_or_a_name_leads_nowhere(shop: Api) -> None:
    assert (await Caller(shop).get("/api/wallet/wal_%000001")).status_code == 404
    answer = await Caller(shop).get("/api/wallet?own%00er=x")
    assert (answer.status_code, answer.json()["code"]) == (422, "request.invalid")
