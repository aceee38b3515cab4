"""CAT-03, CAT-05 and CAT-06 over HTTP: staff make products, and nobody else does."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from application.catalog.categories import AddCategory
from tests.http.tenants import conftest
from tests.http.tenants.conftest import Town

town = conftest.town

PRODUCTS = "/api/admin/products"
JUG = f"{PRODUCTS}/prd_jug1"
TEXTS = {"tr": {"name": "Cam sürahi"}, "en": {"name": "Glass jug", "description": "1.5 l"}}
PRICE = {"amount": {"minor": 12_990, "currency": "TRY"}}
VARIANT = {"sku": "JUG-15", "gtin": "8690000000005", "variant_id": "var_jug1", "price": PRICE}
MEDIA = [{"url": "https://cdn.example/jug.webp", "alt": {"tr": "Cam sürahi"}}]
WHOLE: dict[str, Any] = {
    "texts": TEXTS,
    "product_id": "prd_jug1",
    "classification": {"category_ids": ["cat_jugs"]},
    "tax_class": "standard",
    "channels": ["web"],
    "restrictions": {"minimum_age_years": 18, "not_regions": ["TR-34"]},
    "variants": [VARIANT],
    "media": MEDIA,
    "publish": True,
}


async def categories(town: Town) -> None:
    await town.send(town.shop.tenant_id, AddCategory({"tr": "Sürahi"}, category_id="cat_jugs"))


@pytest.mark.row("CAT-03")
async def test_one_request_makes_a_whole_product(town: Town) -> None:
    await categories(town)
    answer = await town.ask("POST", PRODUCTS, WHOLE)
    assert answer.status_code == 201, answer.text
    assert answer.json() == {
        "product_id": "prd_jug1",
        "slug": "cam-surahi",
        "status": "published",
        "version": 3,
        "variants": [{"variant_id": "var_jug1", "sku": "JUG-15"}],
    }
    assert await town.code("POST", PRODUCTS, WHOLE) == (409, "catalog.product_exists")


@pytest.mark.row("CAT-03")
@pytest.mark.row("CAT-05")
async def test_a_product_is_made_step_by_step(town: Town) -> None:
    await categories(town)
    made = await town.done("POST", PRODUCTS, {"texts": TEXTS, "product_id": "prd_jug1"})
    assert (made["status"], made["version"]) == ("draft", 1)
    refused = await town.ask("POST", f"{JUG}/publication", {})
    assert (refused.status_code, refused.json()["code"]) == (409, "catalog.not_publishable")
    assert refused.json()["facts"] == {"missing": "price,image,category,tax_class,variant"}
    steps: list[tuple[str, str, dict[str, Any]]] = [
        ("PUT", "/texts", {"texts": TEXTS}),
        ("PUT", "/slug", {"slug": "surahi"}),
        ("PUT", "/classification", {"category_ids": ["cat_jugs"], "brand_id": None}),
        ("PUT", "/tax-class", {"tax_class": "reduced"}),
        ("PUT", "/origin", {"country_of_origin": "TR"}),
        ("PUT", "/attributes", {"type_id": None, "attributes": {}}),
        ("PUT", "/media", {"media": MEDIA}),
        ("PUT", "/related", {"related": []}),
        ("PUT", "/restrictions", {"licence": "hunting"}),
        ("PUT", "/channels", {"channels": ["app"]}),
        ("PUT", "/options", {"options": [{"name": "Renk", "values": ["Mavi", "Yeşil"]}]}),
    ]
    for version, (method, path, body) in enumerate(steps, start=2):
        told = await town.done(method, JUG + path, body)
        assert told["version"] == version, path
    one = VARIANT | {"options": {"Renk": "Mavi"}}
    added = await town.done("POST", f"{JUG}/variants", {"variants": [one]})
    assert added["variants"] == [{"variant_id": "var_jug1", "sku": "JUG-15"}]
    rest = await town.done("POST", f"{JUG}/variants/matrix", {"sku_prefix": "JUG"})
    (green,) = rest["variants"]
    assert green["sku"] == "JUG-YESIL"
    numbers = {"sku": "JUG-GREEN", "barcode": "raf 3", "weight_grams": 900}
    await town.done("PUT", f"{JUG}/variants/{green['variant_id']}", numbers)
    await town.done("DELETE", f"{JUG}/variants/{green['variant_id']}")
    told = await town.done("POST", f"{JUG}/publication", {})
    assert told == {
        "product_id": "prd_jug1",
        "slug": "surahi",
        "status": "published",
        "version": 17,
    }


@pytest.mark.row("CAT-05")
async def test_a_product_goes_through_its_statuses(town: Town) -> None:
    await categories(town)
    await town.done("POST", PRODUCTS, WHOLE | {"publish": False})
    tomorrow = {"publish_at": "2099-01-31T09:00:00+03:00"}
    assert await town.code("POST", f"{JUG}/schedule", tomorrow) == (422, "catalog.schedule_invalid")
    soon = {"publish_at": (datetime.now(UTC) + timedelta(days=1)).isoformat()}
    for method, path, body, status in (
        ("POST", "/schedule", soon, "scheduled"),
        ("DELETE", "/schedule", None, "draft"),
        ("POST", "/publication", {}, "published"),
        ("POST", "/unpublication", {}, "draft"),
        ("POST", "/publication", {}, "published"),
        ("DELETE", "", None, "archived"),
        ("POST", "/restoration", {}, "draft"),
        ("POST", "/archival", {}, "archived"),
    ):
        assert (await town.done(method, JUG + path, body))["status"] == status, path
    assert await town.code("POST", f"{JUG}/publication", {}) == (409, "catalog.status_forbids")
    other = await town.done("POST", PRODUCTS, {"texts": TEXTS})
    gone = await town.done("DELETE", f"{PRODUCTS}/{other['product_id']}")
    assert gone["status"] == "deleted"
    again = await town.code("DELETE", f"{PRODUCTS}/{other['product_id']}")
    assert again == (404, "catalog.product_not_found")


@pytest.mark.row("CAT-03")
async def test_a_change_is_made_only_to_what_was_read(town: Town) -> None:
    await town.done("POST", PRODUCTS, {"texts": TEXTS, "product_id": "prd_jug1"})
    slug = {"slug": "surahi"}
    stale = await town.ask("PUT", f"{JUG}/slug", slug, **{"If-Match": '"2"'})
    assert (stale.status_code, stale.json()["code"]) == (412, "request.version_changed")
    fresh = await town.ask("PUT", f"{JUG}/slug", slug, **{"If-Match": '"1"'})
    assert (fresh.status_code, fresh.json()["version"]) == (200, 2)


@pytest.mark.row("CAT-06")
async def test_a_wrong_check_digit_is_told_where_a_gtin_is_declared(town: Town) -> None:
    wrong = {"texts": TEXTS, "variants": [{"sku": "JUG", "gtin": "8690000000006"}]}
    assert await town.code("POST", PRODUCTS, wrong) == (422, "catalog.gtin_invalid")
    free = {"texts": TEXTS, "variants": [{"sku": "JUG", "barcode": "8690000000006"}]}
    await town.done("POST", PRODUCTS, free)
    assert await town.code("POST", PRODUCTS, free) == (409, "catalog.sku_taken")
    nul = {"texts": TEXTS, "variants": [{"sku": "J\0"}]}
    assert await town.code("POST", PRODUCTS, nul) == (422, "catalog.variant_invalid")


@pytest.mark.row("CAT-03")
async def test_many_products_are_made_together_each_for_itself(town: Town) -> None:
    items = [
        {"texts": {"tr": {"name": f"Ürün {n}"}}, "variants": [{"sku": f"U{n % 9}"}]}
        for n in range(10)
    ]
    body = {"mode": "independent", "commands": items}
    key = {"Idempotency-Key": "import-1"}
    answer = await town.ask("POST", f"{PRODUCTS}/batch", body, **key)
    results = answer.json()["results"]
    assert [one["status"] for one in results] == [201] * 9 + [409]
    assert results[0]["body"]["slug"] == "urun-0"
    assert results[9]["problem"]["code"] == "catalog.sku_taken"
    again = await town.ask("POST", f"{PRODUCTS}/batch", body, **key)
    assert again.headers["idempotent-replay"] == "true"
    together = body | {"mode": "atomic"}
    refused = await town.ask("POST", f"{PRODUCTS}/batch", together, **{"Idempotency-Key": "i2"})
    assert (refused.status_code, refused.json()["facts"]["index"]) == (409, 0)


@pytest.mark.row("CAT-03")
async def test_another_tenant_s_product_is_none(town: Town) -> None:
    await town.done("POST", PRODUCTS, {"texts": TEXTS, "product_id": "prd_jug1"})
    slug = {"slug": "surahi"}
    refused = await town.code("PUT", f"{JUG}/slug", slug, key=town.other.key)
    assert refused == (404, "catalog.product_not_found")
    same = await town.done(
        "POST", PRODUCTS, WHOLE | {"classification": None, "publish": False}, key=town.other.key
    )
    assert same["slug"] == "cam-surahi"


@pytest.mark.row("CAT-03")
async def test_only_those_who_may_change_the_catalogue_and_prices(town: Town) -> None:
    body = {"scopes": ["catalog.manage"], "staff_id": town.shop.staff_id, "kind": "secret"}
    issued = await town.done("POST", "/api/keys", body, **{"Idempotency-Key": uuid4().hex})
    key, made = issued["secret"], {"texts": TEXTS, "product_id": "prd_jug1"}
    await town.done("POST", PRODUCTS, made, key=key)
    variants = {"variants": [VARIANT]}
    for path, asked in ((f"{JUG}/variants", variants), (PRODUCTS, made | variants)):
        refused = await town.ask("POST", path, asked, key=key)
        assert (refused.status_code, refused.json()["code"]) == (403, "auth.permission_missing")
        assert refused.json()["facts"] == {"permission": "pricing.manage"}
    unpriced = {"variants": [{"sku": "JUG-15"}]}
    await town.done("POST", f"{JUG}/variants", unpriced, key=key)
    public = await town.code("POST", PRODUCTS, made, key=town.shop.publishable)
    assert public == (401, "auth.login_required")
