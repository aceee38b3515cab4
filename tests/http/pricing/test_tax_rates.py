"""INV-07 over HTTP: the rates of a day with their sources, and those that a tenant sets."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.http.conftest import Api
from tests.http.pricing.shop import Merchant
from tests.http.test_whole import shop

__all__ = ["shop"]

pytestmark = pytest.mark.row("INV-07")

RATES = "/api/admin/tax-rates"
SET = {
    "tax_class": "reduced",
    "rate_basis_points": 1_200,
    "effective_from": "2099-01-01",
    "source": "CK 9999, Resmî Gazete 1.1.2099",
}


async def rates(merchant: Merchant, on: str) -> dict[str, dict[str, Any]]:
    body = (await merchant.get(f"{RATES}?on={on}")).json()
    assert body["on"] == on
    return {one["tax_class"]: one for one in body["items"]}


def points(of: dict[str, dict[str, Any]]) -> list[int]:
    return [one["rate_basis_points"] for one in of.values()]


async def test_the_rates_of_the_law_change_with_the_day(shop: Api) -> None:
    merchant = Merchant(shop)
    assert points(await rates(merchant, "2023-07-09")) == [1_800, 800, 100, 0]
    after = await rates(merchant, "2023-07-10")
    assert points(after) == [2_000, 1_000, 100, 0]
    assert after["standard"]["effective_from"] == "2023-07-10"
    assert "32241" in after["standard"]["source"]
    assert "13033" in after["super_reduced"]["source"]
    before = await merchant.get(f"{RATES}?on=2007-12-31")
    assert (before.status_code, before.json()["code"]) == (404, "pricing.rate_unknown")


async def test_a_tenant_sets_a_rate_from_a_day_on(shop: Api) -> None:
    merchant = Merchant(shop)
    status, told = await merchant.send("PUT", RATES, SET)
    assert status == 200
    assert told == {
        "tax_class": "reduced",
        "rate_basis_points": 1_200,
        "effective_from": "2099-01-01",
    }
    assert points(await rates(merchant, "2098-12-31"))[1] == 1_000
    there = (await rates(merchant, "2099-01-01"))["reduced"]
    assert there == SET | {"own": True}
    today = (await merchant.get(RATES)).json()
    assert today["on"] >= (datetime.now(UTC) - timedelta(days=1)).date().isoformat()
    assert [one["rate_basis_points"] for one in today["items"]] == [2_000, 1_000, 100, 0]
    assert today["own"] == [there]


async def test_no_rate_gets_into_a_sealed_month(shop: Api) -> None:
    merchant = Merchant(shop)
    month = (datetime.now(UTC) - timedelta(days=40)).strftime("%Y-%m")
    await merchant.post(f"/api/ledger/periods/{month}/closing", {})
    late = SET | {"effective_from": f"{month}-01"}
    assert await merchant.refused("PUT", RATES, late) == (409, "ledger.period_closing")
    await merchant.post(f"/api/ledger/periods/{month}/seal", {})
    assert await merchant.refused("PUT", RATES, late) == (409, "ledger.period_sealed")


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"rate_basis_points": 10_001}, "request.invalid"),
        ({"tax_class": "luxury"}, "request.invalid"),
        ({"source": ""}, "request.invalid"),
        ({"source": " "}, "pricing.rate_source_missing"),
        ({"tax_class": "exempt"}, "pricing.exempt_has_no_rate"),
    ],
)
async def test_refuses_what_is_no_rate(shop: Api, wrong: dict[str, object], code: str) -> None:
    assert await Merchant(shop).refused("PUT", RATES, SET | wrong) == (422, code)
