"""INV-06 over HTTP: lists and tiers are set, seen, changed and taken away."""

import pytest

from tests.http.conftest import Api
from tests.http.pricing.shop import LISTS, MUG, OF_MUG, PRICES, Merchant, lira, price
from tests.http.test_whole import shop

__all__ = ["shop"]

pytestmark = pytest.mark.row("INV-06")

DEALERS = {"name": "Dealers", "currency": "TRY", "priority": 10, "customer_group": "dealers"}


async def test_prices_stand_by_list_and_quantity(shop: Api) -> None:
    merchant = Merchant(shop)
    await merchant.sells_mugs()
    assert await merchant.now() == {}
    first = await merchant.post(PRICES, price(1_000, 1_200))
    assert first == {"variant_id": MUG, "price_list_id": "standard", "changed": 1}
    assert (await merchant.post(PRICES, price(1_000, 1_200)))["changed"] == 0
    made = await merchant.post(LISTS, DEALERS | {"tax_included": False})
    dealers = made["price_list_id"]
    tiers = [{"minimum_quantity": n, "amount": lira(m)} for n, m in ((10, 700), (100, 600))]
    status, told = await merchant.send("PUT", f"{OF_MUG}/prices/{dealers}", {"tiers": tiers})
    assert (status, told["changed"]) == (200, 2)
    assert await merchant.now() == {
        ("standard", 1): (1_000, 1_200),
        (dealers, 10): (700, None),
        (dealers, 100): (600, None),
    }
    assert (await merchant.now(price_list_id=dealers)).keys() == {(dealers, 10), (dealers, 100)}
    await merchant.post(PRICES, price(None, price_list_id=dealers, minimum_quantity=10))
    status, told = await merchant.send("PUT", f"{OF_MUG}/prices/standard", {"tiers": []})
    assert (status, told["changed"]) == (200, 1)
    assert await merchant.now() == {(dealers, 100): (600, None)}


async def test_lists_are_told_the_highest_priority_first(shop: Api) -> None:
    merchant = Merchant(shop)
    low = await merchant.post(LISTS, DEALERS | {"price_list_id": "plt_0low"})
    await merchant.post(LISTS, {"name": "Web", "currency": "EUR", "priority": 20, "channel": "web"})
    path = f"{LISTS}/{low['price_list_id']}"
    anew = DEALERS | {"name": "Bayiler", "tax_included": False}
    status, _ = await merchant.send("PUT", path, anew)
    assert status == 200
    euro = DEALERS | {"currency": "EUR"}
    assert await merchant.refused("PUT", path, euro) == (409, "pricing.list_currency_fixed")
    standard = await merchant.refused("PUT", f"{LISTS}/standard", DEALERS)
    assert standard == (409, "pricing.standard_list_fixed")
    web, dealers, last = (await merchant.get(LISTS)).json()["items"]
    assert (web["name"], web["currency"], web["channel"]) == ("Web", "EUR", "web")
    assert (dealers["name"], dealers["customer_group"]) == ("Bayiler", "dealers")
    assert (web["tax_included"], dealers["tax_included"], last["tax_included"]) == (
        True,
        False,
        True,
    )
    for size in ("1", "2", "3"):
        assert [one async for one in merchant.pages(LISTS, size)] == [web, dealers, last]
    assert (last["price_list_id"], last["currency"], last["priority"]) == ("standard", "TRY", 0)


async def test_many_prices_are_set_at_once(shop: Api) -> None:
    merchant = Merchant(shop)
    await merchant.sells_mugs()
    commands = [price(900, minimum_quantity=2), price(800, minimum_quantity=3)]
    nobody = price(1) | {"variant_id": "var_none"}
    many = await merchant.post(
        f"{PRICES}/batch", {"mode": "independent", "commands": [*commands, nobody]}
    )
    assert [one["status"] for one in many["results"]] == [201, 201, 404]
    assert many["results"][2]["problem"]["code"] == "catalog.variant_not_found"
    together = {"mode": "atomic", "commands": [price(1), price(2), nobody]}
    assert await merchant.refused("POST", f"{PRICES}/batch", together) == (
        404,
        "catalog.variant_not_found",
    )
    assert await merchant.now() == {("standard", 2): (900, None), ("standard", 3): (800, None)}


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (price(1_000, 999), (422, "pricing.list_price_too_low")),
        (price(1) | {"amount": {"minor": 1, "currency": "EUR"}}, (422, "money.currency_mismatch")),
        (price(1, price_list_id="plt_none"), (404, "pricing.price_list_not_found")),
        (price(1) | {"variant_id": "var_none"}, (404, "catalog.variant_not_found")),
        (price(-1), (422, "request.invalid")),
        (price(1, minimum_quantity=0), (422, "request.invalid")),
        (price(1, price_list_id="dealers"), (422, "request.invalid")),
    ],
)
async def test_refuses_what_is_no_price(
    shop: Api, body: dict[str, object], told: tuple[int, str]
) -> None:
    merchant = Merchant(shop)
    await merchant.sells_mugs()
    assert await merchant.refused("POST", PRICES, body) == told
    assert await merchant.now() == {}


async def test_nobody_sets_prices_for_a_customer_or_without_permission(shop: Api) -> None:
    merchant = Merchant(shop)
    await merchant.sells_mugs()
    acting = {"Defter-Act-For": "cus_ada1"}
    poor = {"X-API-Key": shop.key(scopes=("pricing.read", "catalog.manage"))}
    many = {"mode": "atomic", "commands": [price(1)]}
    for path, body in ((PRICES, price(1)), (f"{PRICES}/batch", many), (LISTS, DEALERS)):
        for headers, code in ((acting, "auth.staff_only"), (poor, "auth.permission_missing")):
            status, problem = await merchant.send("POST", path, body, **headers)
            assert (status, problem["code"]) == (403, code)
    blind = {"X-API-Key": shop.key(scopes=("catalog.read",))}
    for path in (f"{PRICES}?variant_id={MUG}", LISTS, f"{OF_MUG}/price-history"):
        assert (await merchant.get(path, **blind)).status_code == 403
        assert (await merchant.get(path, **poor)).status_code == 200
