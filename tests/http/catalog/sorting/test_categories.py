"""CAT-07: the tree of categories over REST."""

import pytest

from tests.http.catalog.staff import PRODUCTS, Staff

pytestmark = pytest.mark.row("CAT-07")

CATEGORIES = "/api/admin/categories"


async def grown(staff: Staff) -> None:
    """Let ev/mutfak/bardak and bahce stand."""
    await staff.done("POST", CATEGORIES, {"category_id": "cat_home", "names": {"tr": "Ev"}})
    for name, slug, parent in (("kitchen", "mutfak", "home"), ("mug1", "bardak", "kitchen")):
        body = {"category_id": f"cat_{name}", "slug": slug, "names": {"tr": slug, "en": name}}
        await staff.done("POST", CATEGORIES, body | {"parent_id": f"cat_{parent}"})
    await staff.done("POST", CATEGORIES, {"category_id": "cat_garden", "names": {"tr": "Bahçe"}})


async def test_everybody_with_a_key_sees_the_tree_by_path(staff: Staff) -> None:
    await grown(staff)
    seen = await staff.public("/api/categories")
    items = seen.json()["items"]
    assert [one["path"] for one in items] == ["bahce", "ev", "ev/mutfak", "ev/mutfak/bardak"]
    assert items[3] == {
        "category_id": "cat_mug1",
        "parent_id": "cat_kitchen",
        "slug": "bardak",
        "path": "ev/mutfak/bardak",
        "names": {"tr": "bardak", "en": "mug1"},
    }
    assert (await staff.seen(CATEGORIES))["items"] == items
    nameless = await staff.api.client.get("/api/categories")
    assert (nameless.status_code, nameless.json()["code"]) == (400, "auth.key_missing")


async def test_a_subtree_moves_and_every_path_below_it_with_it(staff: Staff) -> None:
    await grown(staff)
    await staff.done("POST", f"{CATEGORIES}/cat_kitchen/move", {"parent_id": "cat_garden"})
    body = {"slug": "kupa", "names": {"tr": "Kupa"}}
    await staff.done("PUT", f"{CATEGORIES}/cat_mug1", body)
    items = (await staff.seen(CATEGORIES))["items"]
    paths = [one["path"] for one in items]
    assert paths == ["bahce", "bahce/mutfak", "bahce/mutfak/kupa", "ev"]
    in_itself = {"parent_id": "cat_mug1"}
    path = f"{CATEGORIES}/cat_garden/move"
    assert await staff.refused("POST", path, in_itself) == (422, "catalog.category_in_itself")
    await staff.done("POST", f"{CATEGORIES}/cat_kitchen/move", {"parent_id": None})
    assert (await staff.seen(CATEGORIES))["items"][2]["path"] == "mutfak"


async def test_a_category_goes_when_nothing_stands_in_it(staff: Staff) -> None:
    await grown(staff)
    path = f"{CATEGORIES}/cat_kitchen"
    assert await staff.refused("DELETE", path) == (409, "catalog.category_not_empty")
    classified = {"category_ids": ["cat_mug1"], "primary_category_id": "cat_mug1"}
    await staff.product("prd_mug1", classification=classified)
    assert await staff.refused("DELETE", f"{CATEGORIES}/cat_mug1") == (409, "catalog.in_use")
    elsewhere = {"category_ids": ["cat_home"], "primary_category_id": "cat_home"}
    await staff.done("PUT", f"{PRODUCTS}/prd_mug1/classification", elsewhere)
    await staff.done("DELETE", f"{CATEGORIES}/cat_mug1")
    await staff.done("DELETE", path)
    assert [one["path"] for one in (await staff.seen(CATEGORIES))["items"]] == ["bahce", "ev"]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"names": {"tr": "Ev"}, "slug": "Ev"}, 422, "request.invalid"),
        ({"names": {}}, 422, "request.invalid"),
        ({"names": {"tr": "X"}, "slug": "ev"}, 409, "catalog.category_slug_taken"),
        ({"names": {"tr": "X"}, "parent_id": "cat_none"}, 404, "catalog.category_not_found"),
    ],
)
async def test_refuses_what_makes_no_tree(
    staff: Staff, body: dict[str, object], status: int, code: str
) -> None:
    await grown(staff)
    assert await staff.refused("POST", CATEGORIES, body) == (status, code)


async def test_only_staff_with_the_permission_arrange_the_tree(staff: Staff) -> None:
    key = staff.api.key(scopes=("catalog.read",))
    answer = await staff.ask("POST", CATEGORIES, {"names": {"tr": "Ev"}}, **{"X-API-Key": key})
    assert (answer.status_code, answer.json()["code"]) == (403, "auth.permission_missing")
