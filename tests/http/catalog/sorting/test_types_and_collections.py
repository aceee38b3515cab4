"""CAT-11, CAT-15: product types and collections over REST."""

import pytest

from tests.http.catalog.staff import PRODUCTS, Staff

TYPES, COLLECTIONS = "/api/admin/product-types", "/api/admin/collections"
COLOUR = {"code": "colour", "kind": "choice", "names": {"tr": "Renk"}, "values": ["mavi", "ak"]}
HEIGHT = {"code": "height", "kind": "number", "names": {"tr": "Boy"}, "unit": "cm"}
WHOLE: dict[str, object] = {
    "unit": None,
    "values": [],
    "facet": False,
    "of_variants": False,
    "required": False,
}
MUG = {"type_id": "pty_mug1", "names": {"tr": "Bardak"}, "attributes": [COLOUR, HEIGHT]}


@pytest.mark.row("CAT-11")
async def test_a_type_is_defined_seen_and_said_anew_by_who_read_it(staff: Staff) -> None:
    await staff.done("POST", TYPES, MUG)
    one = await staff.get(f"{TYPES}/pty_mug1")
    assert one.json() == {
        "type_id": "pty_mug1",
        "names": {"tr": "Bardak"},
        "attributes": [WHOLE | COLOUR, WHOLE | HEIGHT],
        "version": 1,
    }
    body = {"names": {"tr": "Kupa"}, "attributes": [HEIGHT | {"required": True}]}
    match = {"If-Match": one.headers["etag"]}
    assert (await staff.ask("PUT", f"{TYPES}/pty_mug1", body, **match)).status_code == 200
    late = await staff.ask("PUT", f"{TYPES}/pty_mug1", body, **match)
    assert (late.status_code, late.json()["code"]) == (412, "request.version_changed")
    assert (await staff.seen(TYPES))["items"][0]["names"] == {"tr": "Kupa"}
    other_kind = {"names": {"tr": "Kupa"}, "attributes": [COLOUR | {"kind": "text", "values": []}]}
    fixed = (409, "catalog.attribute_kind_fixed")
    assert await staff.refused("PUT", f"{TYPES}/pty_mug1", other_kind) == fixed
    absent = (404, "catalog.product_type_not_found")
    assert await staff.refused("PUT", f"{TYPES}/pty_none", body) == absent
    assert await staff.refused("GET", f"{TYPES}/pty_none") == absent


@pytest.mark.row("CAT-11")
async def test_a_product_tells_what_its_type_says(staff: Staff) -> None:
    await staff.done("POST", TYPES, MUG)
    await staff.product("prd_mug1", type_id="pty_mug1", attributes={"colour": "mavi"})
    told = {"type_id": "pty_mug1", "attributes": {"colour": ["mavi", "ak"], "height": "9.5"}}
    path = f"{PRODUCTS}/prd_mug1/attributes"
    await staff.done("PUT", path, told)
    wrong = {"type_id": "pty_mug1", "attributes": {"colour": "yeşil"}}
    assert await staff.refused("PUT", path, wrong) == (422, "catalog.attribute_invalid")


@pytest.mark.row("CAT-15")
async def test_collections_are_chosen_by_hand_or_by_a_rule(staff: Staff) -> None:
    await staff.done(
        "POST", "/api/admin/categories", {"names": {"tr": "Ev"}} | {"category_id": "cat_home"}
    )
    by_hand = {"collection_id": "col_gifts", "names": {"tr": "Hediyeler"}}
    await staff.done("POST", COLLECTIONS, by_hand | {"product_ids": ["prd_bbbb", "prd_aaaa"]})
    rule = {
        "category_ids": ["cat_home"],
        "attributes": {"colour": ["mavi"], "pieces": [6, True]},
        "price_to": {"minor": 10_000, "currency": "TRY"},
        "in_stock": True,
    }
    made = await staff.done("POST", COLLECTIONS, {"names": {"tr": "Ucuz"}, "rule": rule})
    seen = (await staff.seen(COLLECTIONS))["items"]
    assert [one["slug"] for one in seen] == ["hediyeler", "ucuz"]
    assert (seen[0]["product_ids"], seen[0]["rule"]) == (["prd_bbbb", "prd_aaaa"], None)
    assert seen[1]["product_ids"] is None
    assert seen[1]["rule"] == {"brand_ids": [], "price_from": None} | rule
    public = (await staff.public("/api/collections")).json()["items"]
    assert public[0] == {
        "collection_id": "col_gifts",
        "slug": "hediyeler",
        "names": {"tr": "Hediyeler"},
    }
    changed: dict[str, object] = {"slug": "ucuz", "names": {"tr": "Ucuzlar"}, "product_ids": []}
    path = f"{COLLECTIONS}/{made['collection_id']}"
    answer = await staff.ask("PUT", path, changed, **{"If-Match": '"1"'})
    assert answer.status_code == 200
    await staff.done("DELETE", f"{COLLECTIONS}/col_gifts")
    (left,) = (await staff.seen(COLLECTIONS))["items"]
    assert (left["product_ids"], left["rule"], left["version"]) == ([], None, 2)


@pytest.mark.row("CAT-15")
@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 422, "catalog.products_or_rule"),
        ({"product_ids": [], "rule": {"in_stock": True}}, 422, "catalog.products_or_rule"),
        ({"rule": {}}, 422, "catalog.collection_invalid"),
        ({"rule": {"category_ids": ["cat_none"]}}, 404, "catalog.category_not_found"),
        ({"rule": {"brand_ids": ["brd_none"]}}, 404, "catalog.brand_not_found"),
    ],
)
async def test_refuses_what_is_no_collection(
    staff: Staff, body: dict[str, object], status: int, code: str
) -> None:
    answer = await staff.ask("POST", COLLECTIONS, {"names": {"tr": "Hepsi"}} | body)
    problem = answer.json()
    codes = {problem["code"], *(error["code"] for error in problem.get("errors", ()))}
    assert (answer.status_code, code in codes) == (status, True), problem
