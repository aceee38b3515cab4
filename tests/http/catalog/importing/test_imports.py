"""CAT-12: a file of products is read row by row, each of them whole or not at all."""

# xlsxwriter brings no stubs:
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false

import io
from typing import Any

import pytest
import xlsxwriter

from application.permissions import Permission
from tests.http.catalog.importing.conftest import IMPORTS, Importer

pytestmark = pytest.mark.row("CAT-12")

SHEET = (
    "Stok Kodu;Ürün Adı;name_en;Kategori;Marka;Vergi Sınıfı;Fiyat;Liste Fiyatı;Stok;gtin;Durum;"
    "görseller\n"
    "JUG-15;Cam Sürahi;Glass jug;Ev > Mutfak > Sürahi;Paşabahçe;standard;1.299,90;1500;12;"
    "8690000000005;yayında;https://cdn.example/jug.webp\n"
    "GLASS-1;Çay Bardağı;;Ev > Mutfak | Hediye;Paşabahçe;standard;49,5;;;;taslak;\n"
)
OPTIONS = (
    "sku,product,name,option.Beden,option.Renk,price\n"
    "TS-S-R,tshirt,Tişört,S,Kırmızı,100\n"
    "TS-M-R,tshirt,Tişört,M,Kırmızı,100\n"
    "TS-M-B,tshirt,Tişört,M,Mavi,110.50\n"
)


def workbook(rows: list[list[Any]]) -> bytes:
    kept = io.BytesIO()
    with xlsxwriter.Workbook(kept) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return kept.getvalue()


def counts(stands: dict[str, Any]) -> dict[str, int]:
    names = ("created", "updated", "unchanged", "refused")
    return {name: stands[name] for name in names if stands[name]}


async def test_a_turkish_spreadsheet_becomes_products_and_again_changes_nothing(
    importer: Importer,
) -> None:
    stands = await importer.run(SHEET, create_missing="true")
    rows = await importer.rows(stands)
    assert (stands["state"], stands["rows"], stands["done"]) == ("done", 2, 2), stands
    assert counts(stands) == {"created": 2}, rows
    jug = await importer.seen(f"/api/admin/products/{rows[0]['product_id']}")
    assert (jug["status"], jug["tax_class"]) == ("published", "standard")
    assert jug["texts"]["en"]["name"] == "Glass jug"
    assert jug["variants"][0]["available"] == 12
    assert jug["variants"][0]["gtin"] == "8690000000005"
    glass = await importer.seen(f"/api/admin/products/{rows[1]['product_id']}")
    assert glass["status"] == "draft"

    again = await importer.run(SHEET, create_missing="true")
    assert counts(again) == {"unchanged": 2}, await importer.rows(again)
    changed = await importer.run("sku,price\nGLASS-1,55.00\nNONE-1,1\n", mode="update")
    assert counts(changed) == {"updated": 1, "refused": 1}
    refused = await importer.rows(changed, status="refused")
    assert [(one["row"], one["sku"], one["code"], one["field"]) for one in refused] == [
        (3, "NONE-1", "catalog.import_sku_unknown", "sku")
    ]


async def test_a_dry_run_says_the_same_and_records_nothing(importer: Importer) -> None:
    before = importer.ask_log("SELECT count(*) FROM defter.events WHERE stream LIKE 'product-%%'")
    stands = await importer.run(SHEET, create_missing="true", dry_run="true")
    assert counts(stands) == {"created": 2}, await importer.rows(stands)
    assert (
        importer.ask_log("SELECT count(*) FROM defter.events WHERE stream LIKE 'product-%%'")
        == before
    )
    lacking = await importer.run(SHEET, dry_run="true")
    codes = {row["code"] for row in await importer.rows(lacking)}
    assert codes == {"catalog.category_not_found"}


async def test_rows_of_one_product_are_its_variants(importer: Importer) -> None:
    stands = await importer.run(OPTIONS)
    rows = await importer.rows(stands)
    assert counts(stands) == {"created": 3}, rows
    assert len({row["product_id"] for row in rows}) == 1
    shirt = await importer.seen(f"/api/admin/products/{rows[0]['product_id']}")
    assert [one["sku"] for one in shirt["variants"]] == ["TS-S-R", "TS-M-R", "TS-M-B"]
    assert counts(await importer.run(OPTIONS)) == {"unchanged": 3}
    twice = await importer.run(OPTIONS, mode="create")
    assert {row["code"] for row in await importer.rows(twice)} == {"catalog.import_sku_exists"}


async def test_a_workbook_is_read_like_a_csv_and_its_numbers_are_no_floats(
    importer: Importer,
) -> None:
    rows = [["sku", "name_tr", "price", "weight_grams", "gtin"]]
    stands = await importer.run(workbook([*rows, [1001, "Kalem", 12.5, 20, 8690000000005]]))
    (row,) = await importer.rows(stands)
    assert (row["sku"], row["status"], row["detail"]) == ("1001", "created", None)


@pytest.mark.parametrize(
    ("cells", "field", "code"),
    [
        ("A,,x,,,,", "price", "catalog.import_cell_invalid"),
        ("A,Ad,1.234,,,,", "price", "catalog.import_cell_invalid"),
        ("A,Ad,1.001,,,,", "price", "catalog.import_cell_invalid"),
        ("A,Ad,1,1.5,,,", "stock", "catalog.import_cell_invalid"),
        ("A,Ad,1,,8690000000006,,", None, "catalog.gtin_invalid"),
        ("A,Ad,1,,,satılık,", "status", "catalog.import_cell_invalid"),
        ("A,Ad,1,,,published,", None, "catalog.not_publishable"),
        ("A,,1,,,,", "name", "catalog.import_name_missing"),
        (",Ad,1,,,,", "sku", "catalog.import_cell_invalid"),
        ("A,Ad,1,,,,Nobody", "brand", "catalog.brand_not_found"),
    ],
)
async def test_a_wrong_row_is_refused_with_its_column_and_the_others_are_not(
    importer: Importer, cells: str, field: str | None, code: str
) -> None:
    sheet = f"sku,name,price,stock,gtin,status,brand\n{cells}\nOK,Kalem,5,,,,\nOK,Kalem,6,,,,\n"
    stands = await importer.run(sheet)
    rows = await importer.rows(stands)
    assert counts(stands) == {"created": 1, "refused": 2}, rows
    assert (rows[0]["code"], rows[0]["field"]) == (code, field), rows[0]
    assert rows[2]["code"] == "catalog.import_sku_repeated"


@pytest.mark.parametrize(
    ("content", "code", "said"),
    [
        ("sku,pirce\nA,1\n", "catalog.import_columns_unknown", "price"),
        ("name\nA\n", "catalog.import_columns_missing", "sku"),
        ("sku,stok kodu\nA,B\n", "catalog.import_columns_repeated", "sku"),
        ("\n", "catalog.import_empty", "first line"),
        (b"PK\x03\x04nothing", "catalog.import_unreadable", "workbook"),
        (b"\0\1", "catalog.import_unreadable", "CSV"),
        ('sku\n"A', "catalog.import_unreadable", "CSV"),
    ],
)
async def test_a_file_that_can_not_be_read_fails_and_says_why(
    importer: Importer, content: str | bytes, code: str, said: str
) -> None:
    stands = await importer.run(content)
    assert (stands["state"], stands["code"], stands["done"]) == ("failed", code, 0)
    assert said in stands["detail"]


async def test_windows_1254_and_tabs_are_read_as_well(importer: Importer) -> None:
    stands = await importer.run("sku\tad\nA-1\tŞişe Açacağı\n".encode("cp1254"))
    (row,) = await importer.rows(stands)
    whole = await importer.seen(f"/api/admin/products/{row['product_id']}")
    assert whole["texts"]["tr"]["name"] == "Şişe Açacağı"


async def test_who_may_set_no_prices_imports_none(importer: Importer) -> None:
    secret = importer.api.key(scopes=(Permission.CATALOG_MANAGE.value,))
    answer = await importer.give("sku,name,price\nA,Ad,1\n", secret=secret)
    await importer.work()
    stands = await importer.stands(answer.json()["import_id"])
    assert (stands["state"], stands["code"]) == ("failed", "auth.permission_missing")
    reader = importer.api.key(scopes=(Permission.CATALOG_READ.value,))
    assert (await importer.give("sku\nA\n", secret=reader)).status_code == 403


async def test_the_same_key_is_the_same_import_and_one_called_off_goes_no_further(
    importer: Importer,
) -> None:
    first, again = [await importer.give(OPTIONS, key="spring") for _ in range(2)]
    assert first.json() == again.json()
    assert (await importer.give(SHEET, key="spring")).status_code == 422
    path = f"{IMPORTS}/{first.json()['import_id']}"
    await importer.done("POST", f"{path}/cancellation", {})
    await importer.work()
    stands = await importer.stands(first.json()["import_id"])
    assert (stands["state"], stands["done"]) == ("cancelled", 0)
    listed = await importer.api.client.get(IMPORTS, headers={"X-API-Key": importer.api.secret})
    assert [one["import_id"] for one in listed.json()["items"]] == [stands["import_id"]]
    assert await importer.refused("POST", f"{IMPORTS}/imp_none/cancellation", {}) == (
        404,
        "catalog.import_not_found",
    )


async def test_what_is_too_large_or_empty_is_not_taken(importer: Importer) -> None:
    assert (await importer.give(b"x" * 100_001)).status_code == 413
    assert (await importer.give(b"")).json()["code"] == "catalog.import_empty"
    assert (await importer.give("sku\n", mode="replace")).status_code == 422


async def test_a_worker_that_goes_on_where_one_was_killed_does_nothing_twice(
    importer: Importer,
) -> None:
    first = await importer.run(SHEET, create_missing="true")
    rows = await importer.rows(first)
    events = importer.ask_log("SELECT count(*) FROM defter.events")
    # The rows were carried out, and nothing of that was noted any more.
    importer.forget(first["import_id"])
    await importer.work()
    again = await importer.stands(first["import_id"])
    assert (again["state"], counts(again)) == ("done", {"created": 2})
    assert await importer.rows(again) == rows
    assert importer.ask_log("SELECT count(*) FROM defter.events") == events
