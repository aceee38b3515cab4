"""CAT-16 over HTTP: what is told of products to whoever answers questions about them."""

from typing import Any

import pytest

from infrastructure.catalog.documents import REFRESHED_WITHIN_SECONDS
from infrastructure.observability.alerts import LAG_SECONDS_MAX
from interfaces.http.routing.pages import cursor_of
from tests.http.catalog.staff import PRODUCTS, Staff

pytestmark = pytest.mark.row("CAT-16")

DOCUMENTS = "/api/admin/product-documents"
GLASS: dict[str, Any] = {
    "texts": {
        "tr": {"name": "Çay bardağı", "description": "İnce belli."},
        "en": {"name": "Tea glass", "description": "Slim waisted."},
    },
    "tax_class": "standard",
    "media": [{"url": "https://cdn.example/glass.webp"}],
    "classification": {
        "category_ids": ["cat_glass", "cat_gift"],
        "primary_category_id": "cat_glass",
        "brand_id": "brd_pasa",
    },
    "publish": True,
}


@pytest.fixture
async def keeper(staff: Staff) -> Staff:
    """Staff of a shop that sells a glass, in two sizes."""
    for category_id, parent_id, turkish, english in (
        ("cat_home", None, "Ev", "Home"),
        ("cat_glass", "cat_home", "Bardak", "Glasses"),
        ("cat_gift", None, "Hediye", "Gifts"),
    ):
        names = {"tr": turkish, "en": english}
        category = {"category_id": category_id, "parent_id": parent_id, "names": names}
        await staff.done("POST", "/api/admin/categories", category)
    await staff.done("POST", "/api/admin/brands", {"brand_id": "brd_pasa", "name": "Paşabahçe"})
    attributes = [
        {"code": "safe", "kind": "boolean", "names": {"tr": "Makinede yıkanır", "en": "Washable"}},
        {
            "code": "volume",
            "kind": "number",
            "names": {"tr": "Hacim", "en": "Volume"},
            "unit": "ml",
        },
        {
            "code": "color",
            "kind": "choice",
            "names": {"tr": "Renk", "en": "Colour"},
            "values": ["mavi", "yeşil"],
        },
    ]
    defined = {"type_id": "pty_glass", "names": {"tr": "Bardak"}, "attributes": attributes}
    await staff.done("POST", "/api/admin/product-types", defined)
    told = {"volume": 120, "safe": True, "color": ["mavi", "yeşil"]}
    await staff.product(
        "prd_0001",
        variant("small", 1, 7_500),
        variant("large", 2, 125_000),
        **GLASS,
        options=[{"name": "boy", "values": ["small", "large"]}],
        type_id="pty_glass",
        attributes=told,
    )
    return staff


def variant(size: str | None, number: int, minor: int) -> dict[str, Any]:
    price = {"amount": {"minor": minor, "currency": "TRY"}}
    return {
        "sku": f"GLASS-{number}",
        "variant_id": f"var_000{number}",
        "options": {"boy": size} if size else {},
        "price": price,
    }


async def test_a_document_holds_words_that_an_answer_may_quote(keeper: Staff) -> None:
    document = await keeper.seen(f"{DOCUMENTS}/prd_0001?locale=tr")
    digest = document.pop("digest")
    assert document == {
        "document_id": "prd_0001:tr",
        "product_id": "prd_0001",
        "locale": "tr",
        "position": int(keeper.position),
        "slug": "cay-bardagi",
        "channels": [],
        "name": "Çay bardağı",
        "description": "İnce belli.",
        "brand": "Paşabahçe",
        "categories": [["Ev", "Bardak"], ["Hediye"]],
        "attributes": [
            {"code": "safe", "name": "Makinede yıkanır", "value": "Evet"},
            {"code": "volume", "name": "Hacim", "value": "120 ml"},
            {"code": "color", "name": "Renk", "value": "mavi, yeşil"},
            {"code": "boy", "name": "boy", "value": "small, large"},
        ],
        "price": "75,00 TRY - 1.250,00 TRY",
        "availability": "Stokta yok",
        "text": "Çay bardağı\nİnce belli.\nMarka: Paşabahçe\nKategori: Ev > Bardak; Hediye\n"
        "Makinede yıkanır: Evet\nHacim: 120 ml\nRenk: mavi, yeşil\nboy: small, large\n"
        "Fiyat: 75,00 TRY - 1.250,00 TRY\nStok durumu: Stokta yok",
    }
    english = await keeper.seen(f"{DOCUMENTS}/prd_0001?locale=en")
    assert english["digest"] != digest
    assert english["text"].splitlines()[3:6] == [
        "Category: Home > Glasses; Gifts",
        "Washable: Yes",
        "Volume: 120 ml",
    ]
    assert english["price"] == "TRY 75.00 - TRY 1,250.00"


async def test_an_edit_is_told_at_once_to_whoever_carries_its_position(keeper: Staff) -> None:
    first = await keeper.seen(DOCUMENTS)
    assert [one["document_id"] for one in first["items"]] == ["prd_0001:tr", "prd_0001:en"]
    assert (first["gone"], first["more"]) == ([], False)
    again = f"{DOCUMENTS}?cursor={first['next_cursor']}"
    assert (await keeper.seen(again))["items"] == []
    texts = GLASS["texts"] | {"tr": {"name": "Su bardağı"}}
    await keeper.done("PUT", f"{PRODUCTS}/prd_0001/texts", {"texts": texts})
    changed = await keeper.seen(f"{again}&locale=tr")
    assert [one["name"] for one in changed["items"]] == ["Su bardağı"]
    assert changed["items"][0] == await keeper.seen(f"{DOCUMENTS}/prd_0001?locale=tr")
    assert REFRESHED_WITHIN_SECONDS == LAG_SECONDS_MAX


async def test_what_is_told_the_same_has_the_same_digest(keeper: Staff) -> None:
    before = await keeper.seen(f"{DOCUMENTS}/prd_0001")
    for quantity in (50, 60):
        moved = {"variant_id": "var_0001", "quantity": quantity, "reason": "received"}
        await keeper.done("POST", "/api/admin/stock/movements", moved)
        received, before = before, await keeper.seen(f"{DOCUMENTS}/prd_0001")
        assert before["position"] > received["position"]
        assert (before["digest"] == received["digest"]) is (quantity == 60)
    assert before["availability"] == "Stokta var"


async def test_what_is_archived_is_gone(keeper: Staff) -> None:
    since = keeper.position
    await keeper.done("POST", f"{PRODUCTS}/prd_0001/archival", {})
    for question in (DOCUMENTS, f"{DOCUMENTS}?since={since}"):
        told = await keeper.seen(question)
        assert (told["items"], told["gone"]) == ([], ["prd_0001"])
    answer = await keeper.get(f"{DOCUMENTS}/prd_0001")
    assert (answer.status_code, answer.json()["code"]) == (404, "catalog.product_not_found")
    assert (await keeper.get(f"{DOCUMENTS}/prd_none")).status_code == 404


async def test_pages_lead_through_all_products(keeper: Staff) -> None:
    for number in range(3, 8):
        await keeper.product(f"prd_000{number}", variant(None, number, 1_000), **GLASS)
    await keeper.done("PUT", "/api/admin/brands/brd_pasa", {"slug": "pasa", "name": "Paşa"})
    seen: list[str] = []
    page = await keeper.seen(f"{DOCUMENTS}?limit=4&locale=tr")
    while True:
        seen += [one["product_id"] for one in page["items"]]
        if not page["more"]:
            break
        page = await keeper.seen(f"{DOCUMENTS}?limit=4&locale=tr&cursor={page['next_cursor']}")
    assert seen == ["prd_0001", *(f"prd_000{number}" for number in range(3, 8))]
    for cursor in ("bm9uZQ", cursor_of(10**30, "prd_0001"), cursor_of(-1, "a\0")):
        wrong = await keeper.get(f"{DOCUMENTS}?cursor={cursor}")
        assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/cursor")


async def test_it_takes_a_permission_of_its_own(keeper: Staff) -> None:
    for scope, status in (("catalog.feed", 200), ("catalog.read", 403)):
        headers = {
            "X-API-Key": keeper.api.key(scopes=(scope,)),
            "Defter-Min-Position": keeper.position,
        }
        answer = await keeper.api.client.get(DOCUMENTS, headers=headers)
        assert answer.status_code == status
