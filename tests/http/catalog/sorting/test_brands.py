"""CAT-08: brands over REST."""

import pytest

from tests.http.catalog.staff import PRODUCTS, Staff

pytestmark = pytest.mark.row("CAT-08")

BRANDS = "/api/admin/brands"


async def test_brands_are_kept_by_staff_and_seen_by_everybody_with_a_key(staff: Staff) -> None:
    for name in ("Zümrüt", "Ada"):
        await staff.done("POST", BRANDS, {"brand_id": f"brd_{name[0].lower()}one", "name": name})
    seen = (await staff.public("/api/brands")).json()
    assert seen["items"] == [
        {"brand_id": "brd_aone", "slug": "ada", "name": "Ada"},
        {"brand_id": "brd_zone", "slug": "zumrut", "name": "Zümrüt"},
    ]
    first = (await staff.public("/api/brands?limit=1")).json()
    rest = (await staff.public(f"/api/brands?limit=1&cursor={first['next_cursor']}")).json()
    assert (first["items"] + rest["items"], rest["next_cursor"]) == (seen["items"], None)
    await staff.done("PUT", f"{BRANDS}/brd_zone", {"slug": "yakut", "name": "Yakut"})
    taken = {"slug": "ada", "name": "Ada"}
    assert await staff.refused("PUT", f"{BRANDS}/brd_zone", taken) == (409, "log.claim_taken")
    await staff.done("DELETE", f"{BRANDS}/brd_aone")
    assert (await staff.seen(BRANDS))["items"] == [
        {"brand_id": "brd_zone", "slug": "yakut", "name": "Yakut", "products": 0}
    ]
    absent = (404, "catalog.brand_not_found")
    assert await staff.refused("DELETE", f"{BRANDS}/brd_aone") == absent


async def test_the_count_of_a_brand_is_that_of_its_products(staff: Staff) -> None:
    await staff.done("POST", BRANDS, {"brand_id": "brd_ada1", "name": "Ada"})
    none: dict[str, object] = {"category_ids": [], "primary_category_id": None, "brand_id": None}
    of_ada = none | {"brand_id": "brd_ada1"}
    for n in range(3):
        await staff.product(f"prd_mug{n}", classification=of_ada)
    await staff.done("PUT", f"{PRODUCTS}/prd_mug0/classification", none)
    assert (await staff.seen(BRANDS))["items"][0]["products"] == 2
    assert await staff.refused("DELETE", f"{BRANDS}/brd_ada1") == (409, "catalog.in_use")
    for n in (1, 2):
        await staff.done("DELETE", f"{PRODUCTS}/prd_mug{n}")
    await staff.done("DELETE", f"{BRANDS}/brd_ada1")
