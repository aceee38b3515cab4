"""The shop window over HTTP: lists, products, schema.org, and what staff see (CAT-01, -02, -04)."""

from typing import Any

import pytest

from tests.http.catalog.staff import PRODUCTS, Staff

SHOWN: dict[str, Any] = {
    "tax_class": "standard",
    "media": [{"url": "https://cdn.example/glass.webp", "alt": {"tr": "Cam bardak"}}],
    "publish": True,
}
PRICES = "/api/admin/prices"


def priced(number: int, minor: int = 1_000) -> dict[str, Any]:
    price = {"amount": {"minor": minor, "currency": "TRY"}}
    return {"sku": f"GLASS-{number}", "variant_id": f"var_000{number}", "price": price}


async def glass(staff: Staff, number: int = 1, **more: object) -> None:
    """Publish a glass in the category of glasses."""
    if number == 1:
        category = {"category_id": "cat_glass", "names": {"tr": "Bardak"}}
        await staff.done("POST", "/api/admin/categories", category)
    sorting = {"classification": {"category_ids": ["cat_glass"]}}
    await staff.product(f"prd_000{number}", priced(number), **SHOWN, **sorting, **more)


async def receive(staff: Staff, quantity: int) -> None:
    moved = {"variant_id": "var_0001", "quantity": quantity, "reason": "received"}
    await staff.done("POST", "/api/admin/stock/movements", moved)


@pytest.mark.row("CAT-01")
async def test_customers_leaf_through_what_is_published(staff: Staff) -> None:
    await glass(staff)
    await glass(staff, 2)
    await staff.product("prd_0003", priced(3))
    first = (await staff.public("/api/products?limit=1")).json()
    assert [card["product_id"] for card in first["items"]] == ["prd_0002"]
    second = (await staff.public(f"/api/products?limit=1&cursor={first['next_cursor']}")).json()
    assert [card["product_id"] for card in second["items"]] == ["prd_0001"]
    assert second["next_cursor"] is None
    [card] = second["items"]
    assert (card["name"], card["price"]) == ("Cam Bardak", {"minor": 1_000, "currency": "TRY"})
    assert card["availability"] == "out_of_stock"
    below = await staff.public("/api/products?category_id=cat_glass&sort=-price")
    assert len(below.json()["items"]) == 2


@pytest.mark.row("CAT-01")
async def test_a_list_needs_a_key_that_says_whose_it_is(staff: Staff) -> None:
    answer = await staff.api.client.get("/api/products")
    assert (answer.status_code, answer.json()["code"]) == (400, "auth.key_missing")
    unknown = await staff.api.client.get("/api/products", headers={"X-API-Key": "pk_test_none"})
    assert unknown.status_code == 401
    cursor = await staff.public("/api/products?cursor=bm9uZQ")
    assert (cursor.status_code, cursor.json()["errors"][0]["pointer"]) == (422, "/cursor")


@pytest.mark.row("CAT-02")
async def test_a_product_is_told_whole_by_its_id_and_by_its_slug(staff: Staff) -> None:
    await glass(staff)
    await receive(staff, 3)
    by_id = (await staff.public("/api/products/prd_0001")).json()
    assert by_id == (await staff.public("/api/products/cam-bardak")).json()
    [variant] = by_id["variants"]
    assert (variant["sku"], variant["availability"]) == ("GLASS-1", "in_stock")
    assert by_id["availability"] == "in_stock"
    assert by_id["media"][0]["alt"] == "Cam bardak"
    assert "rating" not in by_id
    for path in ("/api/products/prd_none", "/api/products/no-such-glass"):
        answer = await staff.public(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "catalog.product_not_found")


@pytest.mark.row("CAT-02")
async def test_a_draft_and_another_channel_s_product_are_none(staff: Staff) -> None:
    await glass(staff, channels=["pos"])
    await staff.product("prd_0002", priced(2))
    assert (await staff.public("/api/products/prd_0001")).status_code == 404
    assert (await staff.public("/api/products/prd_0001?channel=pos")).status_code == 200
    assert (await staff.public("/api/products/prd_0002")).status_code == 404


@pytest.mark.row("CAT-02")
async def test_schema_org_tells_offers_with_prices_in_whole_units(staff: Staff) -> None:
    await glass(staff)
    answer = await staff.public("/api/products/prd_0001/json-ld")
    assert answer.headers["content-type"] == "application/ld+json"
    told = answer.json()
    assert (told["@type"], told["name"]) == ("Product", "Cam Bardak")
    assert told["offers"] == [
        {
            "@type": "Offer",
            "sku": "GLASS-1",
            "price": "10.00",
            "priceCurrency": "TRY",
            "availability": "https://schema.org/OutOfStock",
        }
    ]


@pytest.mark.row("CAT-01")
async def test_a_price_change_is_told_to_whoever_carries_its_position(staff: Staff) -> None:
    await glass(staff)
    before = await staff.public("/api/products")
    assert before.headers["cache-control"] == "private, no-cache"
    again = await staff.public("/api/products", **{"If-None-Match": before.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    for minor in range(900, 905):
        amount = {"minor": minor, "currency": "TRY"}
        await staff.done("POST", PRICES, {"variant_id": "var_0001", "amount": amount})
        for path in ("/api/products", "/api/products/prd_0001"):
            now = await staff.public(path, **{"If-None-Match": before.headers["etag"]})
            assert now.status_code == 200
            told = now.json()
            shown = told["items"][0] if "items" in told else told["variants"][0]
            assert shown["price"]["minor"] == minor


@pytest.mark.row("INV-06")
async def test_a_reduced_price_is_told_with_the_lowest_of_thirty_days(staff: Staff) -> None:
    await glass(staff)
    reduced = {"minor": 800, "currency": "TRY"}
    crossed_out = {"minor": 1_000, "currency": "TRY"}
    body = {"variant_id": "var_0001", "amount": reduced, "list_price": crossed_out}
    await staff.done("POST", PRICES, body)
    [variant] = (await staff.public("/api/products/prd_0001")).json()["variants"]
    assert (variant["price"], variant["list_price"]) == (reduced, crossed_out)
    assert variant["lowest_30_days"] == crossed_out
    [card] = (await staff.public("/api/products")).json()["items"]
    assert card["list_price"] == crossed_out


@pytest.mark.row("CAT-04")
async def test_staff_list_products_by_what_they_lack(staff: Staff) -> None:
    await glass(staff)
    await staff.product("prd_0002", {"sku": "BARE", "variant_id": "var_0002"})
    whole = await staff.seen(PRODUCTS)
    assert [(one["product_id"], one["status"]) for one in whole["items"]] == [
        ("prd_0001", "published"),
        ("prd_0002", "draft"),
    ]
    lacks = ["image", "price", "stock", "category", "tax_class", "brand"]
    assert whole["items"][1]["lacks"] == lacks
    for missing, found in (("price", ["prd_0002"]), ("brand", ["prd_0001", "prd_0002"])):
        page = await staff.seen(f"{PRODUCTS}?missing={missing}")
        assert [one["product_id"] for one in page["items"]] == found
    page = await staff.seen(f"{PRODUCTS}?status=draft&limit=1")
    assert [one["product_id"] for one in page["items"]] == ["prd_0002"]
    assert (await staff.seen(f"{PRODUCTS}?category_id=cat_glass"))["items"][0]["variants"] == 1


@pytest.mark.row("CAT-03")
async def test_staff_see_a_product_whole_and_change_only_what_they_saw(staff: Staff) -> None:
    await glass(staff)
    answer = await staff.get(f"{PRODUCTS}/prd_0001")
    told = answer.json()
    assert (told["status"], told["variants"][0]["retired"]) == ("published", False)
    assert answer.headers["etag"] == f'"{told["version"]}"'
    texts = {"texts": {"tr": {"name": "İnce Bardak"}}}
    stale = await staff.ask("PUT", f"{PRODUCTS}/prd_0001/texts", texts, **{"If-Match": '"1"'})
    assert (stale.status_code, stale.json()["code"]) == (412, "request.version_changed")
    assert (await staff.get(f"{PRODUCTS}/prd_none")).status_code == 404
