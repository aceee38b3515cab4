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


@pytest.mark.row("CAT-15")
async def test_a_product_is_told_with_those_related_to_it_that_customers_see(staff: Staff) -> None:
    for number in (1, 2, 3):
        await glass(staff, number)
    await staff.product("prd_0004", priced(4))
    related = [
        {"product_id": f"prd_000{number}", "kind": kind}
        for number, kind in ((3, "accessory"), (4, "similar"), (2, "similar"))
    ]
    path = "/api/admin/products/prd_0001/related"
    await staff.done("PUT", path, {"related": related})
    told = (await staff.public("/api/products/prd_0001")).json()["related"]
    seen = [(one["kind"], one["product"]["product_id"]) for one in told]
    assert seen == [("accessory", "prd_0003"), ("similar", "prd_0002")]
    assert told[0]["product"]["price"] == {"minor": 1_000, "currency": "TRY"}


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


@pytest.mark.row("CAT-15")
async def test_a_collection_by_rule_follows_its_products_by_itself(staff: Staff) -> None:
    await glass(staff)
    await glass(staff, 2)
    rule = {"category_ids": ["cat_glass"], "price_to": {"minor": 900, "currency": "TRY"}}
    named = {"slug": "cheap-glass", "names": {"tr": "Ucuz bardak"}}
    await staff.done("POST", "/api/admin/collections", named | {"rule": rule})
    path = "/api/collections/cheap-glass/products"
    assert (await staff.public(path)).json() == {"items": [], "next_cursor": None}
    amount = {"minor": 800, "currency": "TRY"}
    await staff.done("POST", PRICES, {"variant_id": "var_0002", "amount": amount})
    [card] = (await staff.public(path)).json()["items"]
    assert card["product_id"] == "prd_0002"
    await staff.done("POST", f"{PRODUCTS}/prd_0002/archival", {})
    assert (await staff.public(path)).json()["items"] == []
    assert (await staff.public("/api/collections/none/products")).status_code == 404


@pytest.mark.row("CAT-15")
async def test_a_chosen_collection_keeps_its_order_over_pages(staff: Staff) -> None:
    for number in (1, 2, 3):
        await glass(staff, number)
    ids = ["prd_0003", "prd_0001", "prd_0002"]
    named = {"slug": "best", "names": {"tr": "En iyiler"}, "product_ids": ids}
    await staff.done("POST", "/api/admin/collections", named)
    first = (await staff.public("/api/collections/best/products?limit=2")).json()
    rest = f"/api/collections/best/products?limit=2&cursor={first['next_cursor']}"
    second = (await staff.public(rest)).json()
    told = [card["product_id"] for card in first["items"] + second["items"]]
    assert (told, second["next_cursor"]) == (ids, None)


@pytest.mark.row("CAT-07")
async def test_a_category_lists_what_stands_below_it_wherever_it_is_moved(staff: Staff) -> None:
    for category_id, above in (("cat_top1", None), ("cat_top2", None), ("cat_mid1", "cat_top1")):
        body = {"category_id": category_id, "names": {"tr": category_id}, "parent_id": above}
        await staff.done("POST", "/api/admin/categories", body)
    for number in (1, 2, 3):
        sorting = {"classification": {"category_ids": ["cat_mid1"]}}
        await staff.product(f"prd_000{number}", priced(number, 100 * number), **SHOWN, **sorting)
    path = "/api/products?category_id=cat_top1&sort=price&limit=2"
    first = (await staff.public(path)).json()
    second = (await staff.public(f"{path}&cursor={first['next_cursor']}")).json()
    told = [card["product_id"] for card in first["items"] + second["items"]]
    assert told == ["prd_0001", "prd_0002", "prd_0003"]
    await staff.done("POST", "/api/admin/categories/cat_mid1/move", {"parent_id": "cat_top2"})
    assert (await staff.public("/api/products?category_id=cat_top1")).json()["items"] == []
    assert len((await staff.public("/api/products?category_id=cat_top2")).json()["items"]) == 3
