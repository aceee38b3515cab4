"""CAT-13: a variant is found by what was scanned or typed."""

from io import BytesIO
from urllib.parse import quote

import pytest
import zxingcpp
from PIL import Image

from tests.http.catalog.staff import PRODUCTS, Staff

pytestmark = pytest.mark.row("CAT-13")

EAN = "8690000000005"
MUG = {"variant_id": "var_mug1", "sku": "MUG-1", "gtin": EAN, "barcode": "raf 7/ü"}
BOWL = {"variant_id": "var_bowl", "sku": "BOWL-1", "gtin": "012345678905"}


async def found(staff: Staff, code: str, kind: str = "any") -> str:
    """Give the id of the variant that staff find, or the code of the refusal."""
    answer = (await staff.get(f"/api/products/lookup?kind={kind}&code={quote(code)}")).json()
    return answer.get("variant_id") or answer["code"]


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("MUG-1", "any"),
        ("MUG-1", "sku"),
        (EAN, "any"),
        (EAN, "gtin"),
        (f"0{EAN}", "gtin"),
        ("raf 7/ü", "any"),
        ("raf 7/ü", "barcode"),
        (f"https://id.gs1.org/01/0{EAN}", "any"),
        (f"https://shop.example/tr/01/0{EAN}/10/LOT7/21/SN1?17=271231", "qr"),
        ("https://shop.example/products/cam-bardak?variant=var_mug1", "any"),
    ],
)
async def test_a_code_leads_to_its_variant(staff: Staff, code: str, kind: str) -> None:
    await staff.product("prd_mug1", MUG)
    await staff.product("prd_bowl", BOWL)
    assert await found(staff, code, kind) == "var_mug1"


async def test_a_upc_is_found_with_and_without_its_zero(staff: Staff) -> None:
    await staff.product("prd_bowl", BOWL)
    for code in ("012345678905", "0012345678905", "00012345678905"):
        assert await found(staff, code) == "var_bowl"


@pytest.mark.parametrize(
    ("code", "kind", "refused"),
    [
        ("8690000000006", "gtin", "catalog.gtin_invalid"),
        ("MUG-1", "gtin", "catalog.gtin_invalid"),
        ("https://id.gs1.org/01/08690000000006", "any", "catalog.gtin_invalid"),
        ("8690000000006", "any", "catalog.variant_not_found"),
        ("8690000000006", "barcode", "catalog.variant_not_found"),
        ("MUG-1", "qr", "catalog.variant_not_found"),
        ("https://[broken", "any", "catalog.variant_not_found"),
        ("https://shop.example/products/cam-bardak", "any", "catalog.variant_not_found"),
        ("mug-1", "any", "catalog.variant_not_found"),
        (EAN, "isbn", "request.invalid"),
    ],
)
async def test_what_is_declared_has_to_be_it_and_what_is_unknown_is_not_guessed(
    staff: Staff, code: str, kind: str, refused: str
) -> None:
    await staff.product("prd_mug1", MUG)
    assert await found(staff, code, kind) == refused


async def test_a_barcode_that_two_variants_have_is_refused(staff: Staff) -> None:
    await staff.product("prd_mug1", MUG)
    await staff.product("prd_bowl", BOWL | {"barcode": MUG["barcode"]})
    assert await found(staff, MUG["barcode"], "barcode") == "catalog.code_ambiguous"


async def test_the_shop_finds_what_is_published_and_staff_find_drafts(staff: Staff) -> None:
    await staff.product("prd_mug1", MUG)
    assert await found(staff, "MUG-1") == "var_mug1"
    hidden = await staff.public("/api/products/lookup?code=MUG-1")
    assert (hidden.status_code, hidden.json()["code"]) == (404, "catalog.variant_not_found")


async def test_a_variant_is_found_by_its_new_numbers_and_no_longer_by_its_old_ones(
    staff: Staff,
) -> None:
    await staff.product("prd_mug1", MUG)
    path = f"{PRODUCTS}/prd_mug1/variants/var_mug1"
    await staff.done("PUT", path, {"sku": "MUG-2"})
    assert await found(staff, "MUG-2") == "var_mug1"
    for gone in ("MUG-1", EAN, MUG["barcode"]):
        assert await found(staff, gone) == "catalog.variant_not_found"
    await staff.done("DELETE", path)
    assert await found(staff, "MUG-2") == "catalog.variant_not_found"


async def test_a_deleted_product_is_found_no_more_and_its_sku_is_another_s(staff: Staff) -> None:
    await staff.product("prd_mug1", MUG)
    await staff.done("DELETE", f"{PRODUCTS}/prd_mug1")
    assert await found(staff, "MUG-1") == "catalog.variant_not_found"
    await staff.product("prd_mug2", MUG | {"variant_id": "var_mug2"})
    assert await found(staff, "MUG-1") == "var_mug2"


async def test_codes_of_a_variant_are_drawn_for_labels(staff: Staff) -> None:
    await staff.product("prd_mug1", MUG)
    await staff.product("prd_cup1", {"variant_id": "var_cup1", "sku": "KUPA-1"}, slug="kupa")
    await staff.product("prd_cup2", {"variant_id": "var_cup2", "sku": "ŞİŞE"}, slug="sise")
    for product, last, holds in (
        ("mug1", "qr", f"http://localhost:8000/01/0{EAN}"),
        ("cup1", "qr", "http://localhost:8000/products/kupa?variant=var_cup1"),
        ("mug1", "barcode", EAN),
        ("cup1", "barcode", "KUPA-1"),
    ):
        path = f"{PRODUCTS}/prd_{product}/variants/var_{product}/{last}"
        drawn = await staff.get(path)
        assert (drawn.status_code, drawn.headers["content-type"]) == (200, "image/svg+xml")
        assert f"<title>{holds}</title>" in drawn.text
        pixels = await staff.get(f"{path}?format=png")
        assert (pixels.status_code, pixels.headers["content-type"]) == (200, "image/png")
        [read] = zxingcpp.read_barcodes(Image.open(BytesIO(pixels.content)).convert("L"))
        assert read.text == holds
        if last == "qr":
            assert await found(staff, holds) == f"var_{product}"
    path = f"{PRODUCTS}/prd_cup2/variants/var_cup2/barcode"
    assert await staff.refused("GET", path) == (409, "catalog.sku_not_drawable")
    path = f"{PRODUCTS}/prd_cup1/variants/var_mug1/qr"
    assert await staff.refused("GET", path) == (404, "catalog.variant_not_found")
